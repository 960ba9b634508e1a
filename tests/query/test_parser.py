"""The query language: every form, every error with its span, any text at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.errors import QuerySyntaxError
from cachetui.query import (
    BooleanTerm,
    CompilerTerm,
    HashTerm,
    Query,
    Term,
    ValueTerm,
    VersionTerm,
    parse,
)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("@1.14", VersionTerm("1.14")),
        ("@ 1.14", VersionTerm("1.14")),
        ("@=1.14.6", VersionTerm("1.14.6", exact=True)),
        ("@2023-05-14_x", VersionTerm("2023-05-14_x")),
        ("@git.main=1.2", VersionTerm("git.main=1.2")),
        ("%gcc", CompilerTerm("gcc")),
        ("% gcc", CompilerTerm("gcc")),
        ("%gcc@13", CompilerTerm("gcc", VersionTerm("13"))),
        ("%apple-clang@=16.0.0", CompilerTerm("apple-clang", VersionTerm("16.0.0", exact=True))),
        ("+mpi", BooleanTerm("mpi", True)),
        ("+ mpi", BooleanTerm("mpi", True)),
        ("~mpi", BooleanTerm("mpi", False)),
        ("-mpi", BooleanTerm("mpi", False)),
        ("api=v18", ValueTerm("api", "v18")),
        ("target=x86_64_v3", ValueTerm("target", "x86_64_v3")),
        ("device='ch3:sock'", ValueTerm("device", "ch3:sock")),
        ('cflags="-O3 -g"', ValueTerm("cflags", "-O3 -g")),
        ("cflags=''", ValueTerm("cflags", "")),
        ("x=it's".replace("'", ""), ValueTerm("x", "its")),
        ('x="it\'s"', ValueTerm("x", "it's")),
        ("x=a=b", ValueTerm("x", "a=b")),
        ("x=a:b", ValueTerm("x", "a:b")),
        ("languages=c,c++", ValueTerm("languages", "c,c++")),
        ("arch=linux-rhel8-zen4", ValueTerm("arch", "linux-rhel8-zen4")),
        ("patches=abc,def", ValueTerm("patches", "abc,def")),
        ("compiler=gcc", CompilerTerm("gcc")),
        ("compiler='gcc@13.2'", CompilerTerm("gcc", VersionTerm("13.2"))),
        ("compiler='gcc@=13.2'", CompilerTerm("gcc", VersionTerm("13.2", exact=True))),
        ("/3ocg37b", HashTerm("3ocg37b")),
        ("/3OCG37B", HashTerm("3ocg37b")),
        ("/" + "a" * 32, HashTerm("a" * 32)),
    ],
)
def test_one_term(text: str, term: Term) -> None:
    assert parse(text) == Query("", (term,))
    assert parse(f"  zlib {text}\n") == Query("zlib", (term,))


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_nothing(text: str) -> None:
    assert parse(text) == Query()


@pytest.mark.parametrize(
    ("text", "name"),
    [("hdf5", "hdf5"), ("3dtk", "3dtk"), ("py-a  b", "py-a b"), ("hdf5-mpi", "hdf5-mpi"), ("a.b_C", "a.b_C")],
)
def test_names(text: str, name: str) -> None:
    assert parse(text) == Query(name)


def test_terms_without_spaces() -> None:
    assert parse("hdf5@1.14+mpi~cxx%gcc@13/ab") == Query(
        "hdf5",
        (
            VersionTerm("1.14"),
            BooleanTerm("mpi", True),
            BooleanTerm("cxx", False),
            CompilerTerm("gcc", VersionTerm("13")),
            HashTerm("ab"),
        ),
    )


def test_words_and_terms_in_any_order() -> None:
    query = parse("+mpi hdf5 os=rhel8 high target=zen4")
    assert query.name == "hdf5 high"
    assert [str(term) for term in query.terms] == ["+mpi", "os=rhel8", "target=zen4"]


@pytest.mark.parametrize("text", ["@1.14", "@=1.14", "%gcc", "%gcc@=13", "+mpi", "~mpi", "api=v18", "/abc"])
def test_terms_are_written_as_they_are_read(text: str) -> None:
    (term,) = parse(text).terms
    assert str(term) == text


@pytest.mark.parametrize(
    ("text", "underlined", "reason"),
    [
        ("hdf5@", "@", "a version is missing after @"),
        ("hdf5 @ ", "@", "a version is missing"),
        ("hdf5 %", "%", "a compiler is missing"),
        ("hdf5 %@13", "%", "a compiler is missing"),
        ("hdf5 +", "+", "a variant is missing after +"),
        ("hdf5 ~", "~", "a variant is missing after ~"),
        ("hdf5 -", "-", "a variant is missing after -"),
        ("hdf5 /", "/", "a hash is missing"),
        ("target=", "=", "a value is missing"),
        ("'x", "'", "the quote is not closed"),
        ('cflags="-O3', '"', "the quote is not closed"),
        ("x='", "'", "the quote is not closed"),
        ("x='a'-mpi", "-", "a variant is missing after -"),
        ("hdf5!", "!", "not understood"),
        ("hdf5 é", "é", "not understood"),
        ("^mpi", "^", "dependencies"),
        ("@1.2:1.4", ":", "ranges"),
        ("target=x86_64:", ":", "ranges"),
        ("target=':x86_64'", ":", "ranges"),
        ('arch="linux-rhel8-x86_64:x86_64_v3"', ":", "ranges"),
        ("version=1.2:1.4", ":", "ranges"),
        ("zlib target=:zen4 +mpi", ":", "ranges"),
        ("api==v18", "=", "only one = is understood"),
        ("api=*", "*", "* is not understood"),
        ("@1.2,1.4", ",", "lists"),
        ("%[virtuals=c] gcc", "%", "a compiler is missing"),
        ("[x]", "[", "edge attributes"),
        ("/abc1", "abc1", "a-z2-7"),
        ("zlib /" + "a" * 33, "a" * 33, "up to 32 characters"),
    ],
)
def test_errors_name_the_place(text: str, underlined: str, reason: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    error = caught.value
    assert (error.text, text[error.start : error.end]) == (text, underlined)
    assert reason in str(error)
    assert error.underline() == " " * error.start + "^" * len(underlined)


PIECES = st.sampled_from(
    [
        "@",
        "=",
        "%",
        "+",
        "~",
        "-",
        "/",
        "'",
        '"',
        " ",
        "\n",
        "a",
        "hdf5",
        "1.2",
        "abc",
        "x=",
        "^",
        ":",
        "\\",
        "é",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=30) | st.lists(PIECES, max_size=10).map("".join))
def test_any_text(text: str) -> None:
    try:
        query = parse(text)
    except QuerySyntaxError as error:
        assert error.text == text
        assert 0 <= error.start < error.end <= len(text)
    else:
        said = query.name + "".join(map(str, query.terms))
        assert text.isspace() or bool(said) == bool(text)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["@1.14", "@=2", "%gcc@13", "%llvm", "+mpi", "~cxx", "a=b", "/abc"]), max_size=6)
)
def test_any_terms_are_kept_in_their_order(terms: list[str]) -> None:
    query = parse(" ".join(["zlib", *terms]))
    assert query.name == "zlib"
    assert [str(term) for term in query.terms] == terms
