"""Any tree is written so that it reads the same; any text is a query or a QuerySyntaxError."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect, parse
from tests.query.queries import queries

DIALECTS = pytest.mark.parametrize("dialect", Dialect)

TREES = {dialect: queries(dialect) for dialect in Dialect}

WORDS = (
    *"@=%^+~-/'\"\\ \n,:[]*.&é",
    *("==", ":=", "%%", "++", "^[", "%[", "] ", "] z", "^z", " %gcc "),
    *("a", "z", "a.z", "a-b-c", "1.2", "1.2:", "git.main", "git.a/b", "0" * 40, "/abc", "x.json"),
    *("x=", "y='", 'y="', "none", "True", "os=", "target=", "arch=", "namespace=", "cflags=", "-O3"),
    *("when=", "virtuals=", "deptypes=", "build", "fe", "None"),
)
"""Pieces of the language, whole and broken."""

PIECES = st.lists(st.sampled_from(WORDS), max_size=12).map("".join)

MERGED = st.lists(
    st.sampled_from(
        (
            *("^z@1.2:", "^z@:1.3", "^z@=git.a,git.b", "^z@git.a=1.3", "^z+p", "^z~p", "^z++p", "^z p=*"),
            *("^z x=a,b", "^z x=b", "^z x=*", "^z x=none", "^z x==a", "^z cflags=-I", "^z cflags=include"),
            *(
                "^z target=zen2",
                "^z target=zen2:",
                "^z target=*",
                "^z os=rhel8",
                "^a.z",
                "^b.z",
                "^z/a",
                "^z/ab",
            ),
            *("^[virtuals=mpi] z", "^[deptypes=link] z", "^+p", "hdf5"),
            *("^z%gcc@11", "^z %gcc@:12", "^z x:=b", "^[when=+p] z", "^mpi=z", "%z", "%%z@1:", "%z+p"),
        )
    ),
    max_size=5,
).map(" ".join)
"""Several demands on one dependency."""


@DIALECTS
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_tree_reads_as_it_is_written(dialect: Dialect, data: st.DataObject) -> None:
    query = data.draw(TREES[dialect])
    assert parse(str(query), dialect) == query


@DIALECTS
@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=30) | PIECES | MERGED)
@example("z namespace='a b'")
@example("@ git.a,git.b")
@example("@ " + "0" * 40 + "-1")
@example("@:1.4arch=x")
@example("cflags=-I cflags=include")
@example("x=true,true")
@example("x='b,a '")
@example("^[virtuals='a b'] z")
@example("^[when='@']")
@example("^z x=none ^z x=a")
@example("^z os='a\n' ^z os=b")
def test_any_text(dialect: Dialect, text: str) -> None:
    try:
        query = parse(text, dialect)
    except QuerySyntaxError as error:
        assert error.text == text
        assert error.spans and all(0 <= start < end <= len(text) + 1 for start, end in error.spans)
        assert len(str(error).splitlines()) == 1
        assert len(error.underline()) == max(end for _, end in error.spans)
    else:
        assert parse(str(query), dialect) == query
