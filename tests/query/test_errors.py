"""What is no query: the reason, and the characters that are to blame."""

from __future__ import annotations

import pytest

from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect, parse

OLD, NEW = Dialect.SPACK_0, Dialect.SPACK_1
BOTH = pytest.mark.parametrize("dialect", Dialect)


def error_of(text: str, dialect: Dialect) -> QuerySyntaxError:
    """Why a text is no query."""
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text, dialect)
    assert caught.value.text == text
    return caught.value


ONE_SPEC = "only one spec: the name comes first, and only once"
VERSION = "a version is expected after @, as in @1.14 or @1.12:"
EQUALS = "a key before = and a value after it are expected, without blanks around ="
COLON = "ranges follow @ or target=, without blanks around :"
QUOTES = "only values are quoted, as in cflags='-O3 -g'"
FILES = "files are not read here; write the spec itself"
EDGE = "edge attributes are key=value and end with ], as in ^[virtuals=mpi]"
DEPTYPES = "dependency types are build, link, run, test"
VIRTUALS = "virtuals are names, as in virtuals=mpi or virtuals=c,cxx"


@BOTH
@pytest.mark.parametrize(
    ("text", "underline", "reason"),
    [
        ("hdf5@", "    ^", VERSION),
        ("hdf5 @ +mpi", "     ^", VERSION),
        ("hdf5@@1.14", "    ^", VERSION),
        ("@1.2 @1.3", "     ^^^^", "a spec has one @; write several versions as a list, as in @1.12,1.14"),
        ("hdf5@1.14:1.10", "    ^^^^^^^^^^", "1.14:1.10 is an empty range"),
        ("@1:git.main", "^^^^^^^^^^^", "1:git.main: a git version cannot be part of a range"),
        ("@1.12 : 1.14", "      ^", COLON),
        ("@:1.4arch=x", "   ^", "'.' is not understood"),
        ("hdf5 +", "     ^", "a variant is expected after +, as in +mpi"),
        ("hdf5~", "    ^", "a variant is expected after ~, as in ~mpi"),
        ("hdf5 - +mpi", "     ^", "a variant is expected after -, as in -mpi"),
        ("+mpi x=1 ~mpi", "         ^^^^", "the variant mpi is given twice"),
        ("x=1 x==2", "    ^^^^", "the variant x is given twice"),
        ("hdf5 /", "     ^", "a hash is expected after /"),
        ("/abc hdf5", "     ^^^^", ONE_SPEC),
        ("/abc /def", "     ^^^^", "one hash at a time"),
        ("hdf5 zlib mpi", "     ^^^^", ONE_SPEC),
        ("+mpi hdf5", "     ^^^^", ONE_SPEC),
        ("hdf5 a.b", "     ^^^", ONE_SPEC),
        ("^zlib mpi", "      ^^^", ONE_SPEC),
        ("x= y", " ^", "a value is expected right after ="),
        ("x =y", "  ^", EQUALS),
        ("=", "^", EQUALS),
        ("x='a", " ^^", "the quote is not closed"),
        ("+mpi=true", "    ^", "a variant is +mpi or mpi=true, not both"),
        ("'x", "^", QUOTES),
        ('hdf5 "+mpi"', "     ^    ^", QUOTES),
        ("hdf5 & mpi #1", "     ^     ^", "'&' is not understood"),
        ("ünïcode", "^ ^", "'ü' is not understood"),
        ("hdf5 \x1b", "     ^", "'\\x1b' is not understood"),
        ("a[b", " ^", "edge attributes follow ^ or %, as in ^[virtuals=mpi] openmpi"),
        ("hdf5]", "    ^", "edge attributes begin with ^["),
        ("x=a,*", "^^^^^", "* cannot be part of a list of values"),
        ("x=*,*", "^^^^^", "* cannot be part of a list of values"),
        ("os=a os=b", "     ^^^^", "os is given twice"),
        ("platform=a target=x target=y", "                    ^^^^^^^^", "target is given twice"),
        ("arch=a-b-c operating_system=d", "           ^^^^^^^^^^^^^^^^^^", "os is given twice"),
        ("os=a arch=a-b-c", "     ^^^^^^^^^^", "the architecture is given twice"),
        ("os=fe", "^^^^^", "fe is another os on each machine; name the os itself"),
        (
            "target=default_target",
            "^" * 21,
            "default_target is another target on each machine; name the target itself",
        ),
        ("arch=linux-backend-zen3", "^" * 23, "backend is another os on each machine; name the os itself"),
        ("target==zen3", "^^^^^^^^^^^^", "target is not propagated; write target= with one ="),
        ("namespace==a", "^^^^^^^^^^^^", "namespace is not propagated; write namespace= with one ="),
        ("patches==abc", "^^^^^^^^^^^^", "patches is not propagated; write patches= with one ="),
        ("./hdf5.json", "^^^^^^^^^^^", FILES),
        ("/spec.yaml", "^^^^^^^^^^", FILES),
        ("a/b.json", "^^^^^^^^", FILES),
        ("^[virtuals='a b'] z", "  ^^^^^^^^^^^^^^", VIRTUALS),
        ("^[virtuals=mpi,] z", "  ^^^^^^^^^^^^^", VIRTUALS),
        ("^[deptypes=all] z", "  ^^^^^^^^^^^^", DEPTYPES),
        ("^[deptypes=build,foo] z", "  ^^^^^^^^^^^^^^^^^^", DEPTYPES),
        ("^[+mpi] z", "  ^^^^", EDGE),
        ("^[virtuals=mpi", "              ^", EDGE),
        ("^[virtuals=mpi ^z", "               ^", EDGE),
    ],
)
def test_errors(text: str, underline: str, reason: str, dialect: Dialect) -> None:
    error = error_of(text, dialect)
    assert (error.underline(), str(error)) == (underline, reason)


@pytest.mark.parametrize(
    ("text", "underline", "reason"),
    [
        ("hdf5 %", "     ^", "a compiler or package is expected after %, as in %gcc"),
        ("%gcc%llvm", "    ^^^^^", "a spec has one compiler in Spack 0.23"),
        ("%gcc hdf5", "     ^^^^", ONE_SPEC),
        ("%gcc@13:11", "^^^^^^^^^^", "13:11 is an empty range"),
        ("%%gcc", "^", "a compiler or package is expected after %, as in %gcc"),
        ("%c,cxx=gcc", "  ^", "',' is not understood"),
        ("%[virtuals=c] gcc", "^^", "a compiler or package is expected after %, as in %gcc"),
        ("hdf5 ^", "     ^", "a dependency is expected after ^, as in ^zlib"),
        ("^ ^zlib", "^", "a dependency is expected after ^, as in ^zlib"),
        ("^[virtuals=mpi]", "^^", "a dependency is expected after ^, as in ^zlib"),
        ("^*", " ^", "* stands for any value, as in mpi=*"),
        ("x=a,none", "^^^^^^^^", "none cannot be part of a list of values"),
        ("x:=a", " ^^", COLON),
        ("^[when=+mpi] z", "  ^^^^^^^^^", "edge attributes are deptypes=, virtuals="),
        ("^[foo=a] z", "  ^^^^^", "edge attributes are deptypes=, virtuals="),
        ("^[virtuals==a] z", "  ^^^^^^^^^^^", "edge attributes are deptypes=, virtuals="),
    ],
)
def test_errors_of_spack_0(text: str, underline: str, reason: str) -> None:
    error = error_of(text, OLD)
    assert (error.underline(), str(error)) == (underline, reason)


@pytest.mark.parametrize(
    ("text", "underline", "reason"),
    [
        ("%gcc hdf5", "     ^^^^", ONE_SPEC),
        ("hdf5 *", "     ^", ONE_SPEC),
        ("hdf5%", "    ^", "a compiler or package is expected after %, as in %gcc"),
        ("hdf5 ^zlib %%", "           ^^", "a compiler or package is expected after %, as in %gcc"),
        ("^zlib *", "      ^", ONE_SPEC),
        ("^c,cxx", "  ^", "',' is not understood"),
        ("%[foo=a] z", "  ^^^^^", "edge attributes are deptypes=, virtuals=, when="),
        ("^[when==+a] z", "  ^^^^^^^^", "edge attributes are deptypes=, virtuals=, when="),
        ("hdf5 ^[when='+a b'] z", "       ^^^^^^^^^^^", ONE_SPEC),
        ("^a/b.json", " ^^^^^^^^", FILES),
        ("^[when='^[when=\"@\"] y'] z", "  ^^^^^^^^^^^^^^^^^^^^", VERSION),
    ],
)
def test_errors_of_spack_1(text: str, underline: str, reason: str) -> None:
    error = error_of(text, NEW)
    assert (error.underline(), str(error)) == (underline, reason)


def nested(depth: int) -> str:
    """Conditions within conditions."""
    text = "+x"
    for _ in range(depth):
        text = "^[when='{}'] z".format(text.replace("'", "\\'"))
    return text


def test_conditions_within_conditions() -> None:
    query = parse(nested(8))
    assert parse(str(query)) == query
    for depth in (9, 30):
        error = error_of(nested(depth), NEW)
        assert str(error) == "conditions are nested too deeply"
        assert error.spans == ((2, len(error.text) - len("] z")),)


@BOTH
@pytest.mark.parametrize("text", ["@", "hdf5@", "^[", "hdf5 ^[virtuals=mpi", "a & b & c", "&\n&", "x='"])
def test_the_carets_end_within_the_text_or_right_behind_it(text: str, dialect: Dialect) -> None:
    underline = error_of(text, dialect).underline()
    assert set(underline) <= {" ", "^"}
    assert underline.endswith("^")
    assert len(underline) <= len(text) + 1
