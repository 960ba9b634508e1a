"""Each rule of the grammar with the tree that it makes, in both dialects where these differ."""

from __future__ import annotations

from typing import Any

import pytest

from cachetui.query import LANGUAGE, Compiler, Dialect, Flags, Query, QueryEdge, QueryNode, Variant, parse
from cachetui.spec import DEPTYPES
from cachetui.version import ExactVersion, GitVersion, VersionList, VersionRange

OLD, NEW = Dialect.SPACK_0, Dialect.SPACK_1
BOTH = pytest.mark.parametrize("dialect", Dialect)

COMMIT = "0123456789abcdef" * 2 + "01234567"


def at(*parts: str) -> VersionList:
    """Ranges, as `low:high` or the version that both are."""
    ends = [part.split(":") if ":" in part else [part, part] for part in parts]
    return VersionList(tuple(VersionRange(low, high) for low, high in ends))


def on(*names: str) -> tuple[Variant, ...]:
    """Variants that are on."""
    return tuple(Variant(name, True) for name in names)


def below(name: str = "", dialect: Dialect = NEW, **edge: Any) -> QueryEdge:
    """A dependency by `^` of which only the name is known, and what is said of the edge."""
    return QueryEdge(QueryNode(name), dialect=dialect, **edge)


def direct(name: str = "", **edge: Any) -> QueryEdge:
    """A direct dependency by `%`, to Spack 1.x."""
    return below(name, direct=True, **edge)


@BOTH
@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_nothing(text: str, dialect: Dialect) -> None:
    assert parse(text, dialect) == Query()


def test_spack_1_is_meant_where_nothing_is_said() -> None:
    assert parse("%gcc") == parse("%gcc", NEW) != parse("%gcc", OLD)


@BOTH
@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("hdf5", QueryNode("hdf5")),
        ("3dtk", QueryNode("3dtk")),
        ("py_numpy", QueryNode("py_numpy")),
        ("HDF5", QueryNode("HDF5")),
        ("hdf5-mpi", QueryNode("hdf5-mpi")),
        ("hdf5 -mpi", QueryNode("hdf5", variants=(Variant("mpi", False),))),
        ("builtin.hdf5", QueryNode("hdf5", "builtin")),
        ("my.own-1.hdf5", QueryNode("hdf5", "my.own-1")),
        ("namespace=builtin", QueryNode(namespace="builtin")),
        ("hdf5 namespace='my own'", QueryNode("hdf5", "my own")),
        ("builtin.hdf5 namespace=mine", QueryNode("hdf5", "mine")),
    ],
)
def test_names(text: str, root: QueryNode, dialect: Dialect) -> None:
    assert parse(text, dialect) == Query(root)


@BOTH
@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("@1.14", at("1.14")),
        ("@ 1.14", at("1.14")),
        ("@=1.14.6", VersionList((ExactVersion("1.14.6"),))),
        ("@1.12:1.14", at("1.12:1.14")),
        ("@:1.14", at(":1.14")),
        ("@1.12:", at("1.12:")),
        ("@:", at(":")),
        ("@:1.12,1.14,2:", at(":1.12", "1.14", "2:")),
        ("@1.12 , 1.14", at("1.12", "1.14")),
        ("@2023-05-14_x", at("2023-05-14_x")),
        ("@develop", at("develop")),
        ("@git.feature/a-b", VersionList((GitVersion("feature/a-b"),))),
        ("@git.main=1.2", VersionList((GitVersion("main", "1.2"),))),
        (f"@{COMMIT}", VersionList((GitVersion(COMMIT, prefix=""),))),
        (f"@{COMMIT}=1.2", VersionList((GitVersion(COMMIT, "1.2", ""),))),
        ("@1.2,git.main", VersionList((*at("1.2").parts, GitVersion("main")))),
    ],
)
def test_versions(text: str, versions: VersionList, dialect: Dialect) -> None:
    assert parse(text, dialect) == Query(QueryNode(versions=versions))
    assert parse(f"hdf5{text}+mpi", dialect) == Query(
        QueryNode("hdf5", versions=versions, variants=on("mpi"))
    )


@BOTH
@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("+mpi", Variant("mpi", True)),
        ("+ mpi", Variant("mpi", True)),
        ("~mpi", Variant("mpi", False)),
        ("-mpi", Variant("mpi", False)),
        ("- mpi", Variant("mpi", False)),
        ("+a.b-c", Variant("a.b-c", True)),
        ("++mpi", Variant("mpi", True, propagated=True)),
        ("~~mpi", Variant("mpi", False, propagated=True)),
        ("-- mpi", Variant("mpi", False, propagated=True)),
        ("mpi=True", Variant("mpi", True)),
        ("mpi=fALSE", Variant("mpi", False)),
        ("mpi==TRUE", Variant("mpi", True, propagated=True)),
        ("mpi=true,true", Variant("mpi", True)),
        ("mpi=a,False", Variant("mpi", ("False", "a"))),
        ("api=v18", Variant("api", ("v18",))),
        ("api==v18", Variant("api", ("v18",), propagated=True)),
        ("languages=c++,c,c", Variant("languages", ("c", "c++"))),
        ("api=*", Variant("api", ())),
        ("api='*'", Variant("api", ())),
        ("api==*", Variant("api", (), propagated=True)),
        ("patches=abc,def", Variant("patches", ("abc", "def"))),
        ("x=~a", Variant("x", ("~a",))),
        ("x=a=b:c", Variant("x", ("a=b:c",))),
        ("x=''", Variant("x", ("",))),
        ("x='a b'", Variant("x", ("a b",))),
        ('x="a ^b %c"', Variant("x", ("a ^b %c",))),
        ("""x="it's" """, Variant("x", ("it's",))),
        (r"x='it\'s'", Variant("x", ("it's",))),
        (r'x="a\"b\\c"', Variant("x", ('a"b\\c',))),
        (r"x='a\b'", Variant("x", ("a\\b",))),
        ("x=none", Variant("x", ("none",))),
    ],
)
def test_variants(text: str, variant: Variant, dialect: Dialect) -> None:
    assert parse(text, dialect) == Query(QueryNode(variants=(variant,)))


def test_these_values_and_no_others() -> None:
    assert parse("x:=b,a") == Query(QueryNode(variants=(Variant("x", ("a", "b"), exact=True),)))
    assert parse("x:==a") == Query(QueryNode(variants=(Variant("x", ("a",), exact=True, propagated=True),)))
    assert parse("x:=True y:=*") == parse("+x y=*")


def test_blanks_around_the_commas_of_a_list_in_quotes() -> None:
    text = "x=' a , b'"
    assert parse(text, OLD) == Query(QueryNode(variants=(Variant("x", ("a", "b")),)))
    assert parse(text, NEW) == Query(QueryNode(variants=(Variant("x", (" a ", " b")),)))


def test_sigils_within_values() -> None:
    assert parse("x=a%b^c", NEW) == Query(QueryNode(variants=(Variant("x", ("a%b^c",)),)))
    assert parse("x=a%b^c", OLD) == parse("x=a %b ^c", OLD)


def test_none_is_a_value_among_others_to_spack_1() -> None:
    assert parse("x=none,a") == Query(QueryNode(variants=(Variant("x", ("a", "none")),)))


@BOTH
def test_variants_are_sorted(dialect: Dialect) -> None:
    variants = (Variant("a", False), Variant("b", ("1",)), Variant("c", True))
    assert parse("+c~a b=1", dialect) == Query(QueryNode(variants=variants))


@BOTH
@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("cflags=-O3", Flags("cflags", ("-O3",))),
        ('cxxflags="-O3 -g"', Flags("cxxflags", ("-O3", "-g"))),
        ("cppflags='-I include -DX'", Flags("cppflags", ("-I include", "-DX"))),
        ("fflags==-O3", Flags("fflags", ("-O3",), propagated=True)),
        ("ldflags=-a ldflags='-b -a'", Flags("ldflags", ("-a", "-b"))),
        ("ldlibs=-I ldlibs=x", Flags("ldlibs", ("-I", "x"))),
        ("ldlibs=true", Flags("ldlibs", ("true",))),
    ],
)
def test_flags(text: str, flags: Flags, dialect: Dialect) -> None:
    assert parse(text, dialect) == Query(QueryNode(flags=(flags,)))


@BOTH
def test_flags_without_quotes_end_at_the_blank(dialect: Dialect) -> None:
    root = QueryNode(variants=(Variant("g", False),), flags=(Flags("cflags", ("-O3",)),))
    assert parse("cflags=-O3 -g", dialect) == Query(root)


@BOTH
def test_flags_are_sorted(dialect: Dialect) -> None:
    flags = (Flags("cflags", ("-g",)), Flags("cflags", ("-O3",), propagated=True), Flags("ldflags", ("-s",)))
    assert parse("ldflags=-s cflags==-O3 cflags=-g cppflags=''", dialect) == Query(QueryNode(flags=flags))


@BOTH
@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("platform=linux", QueryNode(platform="linux")),
        ("os=rhel8", QueryNode(os="rhel8")),
        ("operating_system=rhel8", QueryNode(os="rhel8")),
        ("target=zen3", QueryNode(target="zen3")),
        ("target=x86_64_v3:,zen2:zen4,:skylake", QueryNode(target="x86_64_v3:,zen2:zen4,:skylake")),
        ("target=*", QueryNode(target="*")),
        ("os=* platform=darwin", QueryNode(platform="darwin", os="*")),
        ("arch=linux-rhel8-zen3:", QueryNode(platform="linux", os="rhel8", target="zen3:")),
        ("architecture=linux-None-zen3", QueryNode(platform="linux", target="zen3")),
        ("arch=None-rhel8-None target=zen3", QueryNode(os="rhel8", target="zen3")),
        ("arch=zen3", QueryNode(target="zen3")),
        ("arch=a-b", QueryNode(target="a-b")),
        ("os=None os=rhel8", QueryNode(os="rhel8")),
        ("os='my os'", QueryNode(os="my os")),
        ("platform=fe", QueryNode(platform="fe")),
    ],
)
def test_architecture(text: str, root: QueryNode, dialect: Dialect) -> None:
    assert parse(text, dialect) == Query(root)


@BOTH
@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("/3ocg37b", QueryNode(hash_prefix="3ocg37b")),
        ("/3OCG_", QueryNode(hash_prefix="3OCG_")),
        ("hdf5/3oc", QueryNode("hdf5", hash_prefix="3oc")),
        ("hdf5@1.14/3oc+mpi", QueryNode("hdf5", versions=at("1.14"), variants=on("mpi"), hash_prefix="3oc")),
    ],
)
def test_hashes(text: str, root: QueryNode, dialect: Dialect) -> None:
    assert parse(text, dialect) == Query(root)


@pytest.mark.parametrize(
    ("text", "compiler"),
    [
        ("%gcc", Compiler("gcc")),
        ("% gcc", Compiler("gcc")),
        ("%gcc@11:12", Compiler("gcc", at("11:12"))),
        ("% gcc @ 11,13", Compiler("gcc", at("11", "13"))),
        ("%apple-clang@=16.0.0", Compiler("apple-clang", VersionList((ExactVersion("16.0.0"),)))),
        ("%a.b", Compiler("a.b")),
    ],
)
def test_a_compiler_is_an_attribute_to_spack_0(text: str, compiler: Compiler) -> None:
    assert parse(text, OLD) == Query(QueryNode(compiler=compiler))
    assert parse(f"hdf5 {text} +mpi", OLD) == Query(QueryNode("hdf5", compiler=compiler, variants=on("mpi")))


def test_a_compiler_is_of_the_node_before_it_to_spack_0() -> None:
    zlib = QueryEdge(QueryNode("zlib", compiler=Compiler("gcc"), variants=on("pic")), dialect=OLD)
    assert parse("hdf5 %llvm ^zlib %gcc +pic", OLD) == Query(
        QueryNode("hdf5", compiler=Compiler("llvm")), (zlib,)
    )


def test_a_compiler_is_a_direct_dependency_to_spack_1() -> None:
    gcc = QueryEdge(QueryNode("gcc", versions=at("11"), variants=on("mpi")), direct=True)
    assert parse("hdf5 +mpi %gcc@11 +mpi") == Query(QueryNode("hdf5", variants=on("mpi"), direct=(gcc,)))


def test_direct_dependencies_are_of_the_last_dependency_below() -> None:
    hdf5 = QueryNode("hdf5", direct=(direct("gcc"), direct("cmake")))
    zlib = QueryEdge(QueryNode("zlib", direct=(direct("llvm"), direct("gmake"))))
    assert parse("hdf5 %gcc %cmake ^zlib %llvm %gmake ^mpi") == Query(hdf5, (zlib, below("mpi")))


@pytest.mark.parametrize(
    ("text", "dependency"),
    [
        ("%gcc", direct("gcc")),
        ("% gcc", direct("gcc")),
        ("%%gcc", direct("gcc", preferred=True)),
        ("%builtin.gcc", QueryEdge(QueryNode("gcc", "builtin"), direct=True)),
        ("%c=gcc", direct("gcc", virtuals=("c",))),
        ("% cxx,c=builtin.gcc", QueryEdge(QueryNode("gcc", "builtin"), direct=True, virtuals=("c", "cxx"))),
        ("%%c=gcc", direct("gcc", virtuals=("c",), preferred=True)),
        ("%[virtuals=c] gcc", direct("gcc", virtuals=("c",))),
        ("%%[virtuals=c]gcc", direct("gcc", virtuals=("c",), preferred=True)),
        ("%[deptypes=link,build] zlib", direct("zlib", deptypes=("build", "link"))),
        ("%[deptypes=build] c=gcc", direct("gcc", deptypes=("build",), virtuals=("c",))),
        ("%[virtuals=cxx] c=gcc", direct("gcc", virtuals=("c", "cxx"))),
        ("%*", direct()),
        ("%@11", QueryEdge(QueryNode(versions=at("11")), direct=True)),
    ],
)
def test_direct_dependencies(text: str, dependency: QueryEdge) -> None:
    assert parse(text) == Query(QueryNode(direct=(dependency,)))
    assert parse(f"^mpi {text}") == Query(QueryNode(), (QueryEdge(QueryNode("mpi", direct=(dependency,))),))


@BOTH
@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("^zlib", QueryNode("zlib")),
        ("^ zlib", QueryNode("zlib")),
        ("^builtin.zlib", QueryNode("zlib", "builtin")),
        ("^zlib@1.2:+pic os=rhel8", QueryNode("zlib", versions=at("1.2:"), variants=on("pic"), os="rhel8")),
        ("^zlib/3oc", QueryNode("zlib", hash_prefix="3oc")),
        ("^/3oc", QueryNode(hash_prefix="3oc")),
        ("^+pic", QueryNode(variants=on("pic"))),
    ],
)
def test_dependencies(text: str, node: QueryNode, dialect: Dialect) -> None:
    dependency = QueryEdge(node, dialect=dialect)
    assert parse(text, dialect) == Query(QueryNode(), (dependency,))
    assert parse(f"hdf5{text} ^mpi", dialect) == Query(QueryNode("hdf5"), (dependency, below("mpi", dialect)))


@BOTH
@pytest.mark.parametrize(
    ("text", "edge"),
    [
        ("^[virtuals=mpi] z", {"virtuals": ("mpi",)}),
        ("^[virtuals=lapack,blas,blas]z", {"virtuals": ("blas", "lapack")}),
        ("^[deptypes=run,build] z", {"deptypes": ("build", "run")}),
        ("^[deptypes=test,run,link,build] z", {"deptypes": DEPTYPES}),
        ("^[ virtuals='mpi' deptypes=link ] z", {"virtuals": ("mpi",), "deptypes": ("link",)}),
        ("^[] z", {}),
    ],
)
def test_edges(text: str, edge: dict[str, Any], dialect: Dialect) -> None:
    assert parse(text, dialect) == Query(QueryNode(), (below("z", dialect, **edge),))


@pytest.mark.parametrize(
    ("text", "dependency"),
    [
        ("^mpi=openmpi", below("openmpi", virtuals=("mpi",))),
        ("^[deptypes=link] mpi=openmpi", below("openmpi", virtuals=("mpi",), deptypes=("link",))),
        ("^[when=+mpi] openmpi", below("openmpi", when=Query(QueryNode(variants=on("mpi"))))),
        (
            "^[when='%gcc ^zlib'] z",
            below("z", when=Query(QueryNode(direct=(direct("gcc"),)), (below("zlib"),))),
        ),
        ("^[when='^[when=+a] b'] c", below("c", when=parse("^[when=+a] b"))),
        ("^", below()),
        ("^*", below()),
        ("^[virtuals=mpi]", below(virtuals=("mpi",))),
        ("^* os=rhel8", QueryEdge(QueryNode(os="rhel8"))),
        ("^os=rhel8", below("rhel8", virtuals=("os",))),
    ],
)
def test_dependencies_of_spack_1(text: str, dependency: QueryEdge) -> None:
    assert parse(text, NEW) == Query(QueryNode(), (dependency,))


def test_a_value_right_after_the_sigil_is_an_attribute_to_spack_0() -> None:
    assert parse("^mpi=openmpi", OLD) == Query(
        QueryNode(), (QueryEdge(QueryNode(variants=(Variant("mpi", ("openmpi",)),)), dialect=OLD),)
    )


def test_any_name() -> None:
    assert parse("*") == parse("* ") == Query()
    assert parse("*+mpi %* ^*") == Query(QueryNode(variants=on("mpi"), direct=(direct(),)), (below(),))


@BOTH
def test_attributes_in_any_order(dialect: Dialect) -> None:
    root = QueryNode(
        "hdf5",
        versions=at("1.14"),
        variants=(Variant("api", ("v18",)), Variant("mpi", True)),
        flags=(Flags("cflags", ("-g",)),),
        os="rhel8",
        target="zen3",
        hash_prefix="3oc",
    )
    assert parse("hdf5@1.14+mpi api=v18 cflags=-g os=rhel8 target=zen3 /3oc", dialect) == Query(root)
    assert parse("hdf5/3oc target=zen3 cflags=-g api=v18 os=rhel8 +mpi@1.14", dialect) == Query(root)


@pytest.mark.parametrize("example", [example for example, _ in LANGUAGE])
def test_the_examples_that_users_see(example: str) -> None:
    assert parse(example) != Query()
