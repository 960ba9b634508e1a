"""Trees as text: the same for all ways to type a query."""

from __future__ import annotations

import pytest

from cachetui.query import Dialect, parse

OLD, NEW = Dialect.SPACK_0, Dialect.SPACK_1
BOTH = pytest.mark.parametrize("dialect", Dialect)

COMMIT = "0123456789abcdef" * 2 + "01234567"


@BOTH
@pytest.mark.parametrize(
    ("text", "written"),
    [
        (" hdf5 @ 1.14 - mpi ", "hdf5@1.14~mpi"),
        ("+c b=2,1 --a", "~~a+c b=1,2"),
        ("x=True y='*' z='a b'", "+x y=* z='a b'"),
        (r"x='it\'s'", '''x="it's"'''),
        ("cflags='-O3  -g'", "cflags='-O3 -g'"),
        ("cflags=-I cflags=include cflags=-g", "cflags=-I cflags='include -g'"),
        ("arch=linux-rhel8-zen3 hdf5-x=1", "hdf5-x=1 platform=linux os=rhel8 target=zen3"),
        ("namespace=builtin", "namespace=builtin"),
        ("hdf5 namespace=builtin", "builtin.hdf5"),
        ("hdf5 namespace='a b'", "hdf5 namespace='a b'"),
        ("hdf5/3oc@1", "hdf5@1 /3oc"),
        ("@ git.b,git.a", "@ git.a,git.b"),
        ("@git.a/b=1.2", "@git.a/b=1.2"),
        (f"@ {COMMIT}-1:", f"@ {COMMIT}-1:"),
        ("hdf5   ^zlib", "hdf5 ^zlib"),
        ("^[deptypes=link,build]z", "^[deptypes=build,link] z"),
    ],
)
def test_how_trees_are_written(text: str, written: str, dialect: Dialect) -> None:
    assert str(parse(text, dialect)) == written


@pytest.mark.parametrize(
    ("text", "written", "dialect"),
    [
        ("hdf5%gcc@11+mpi ^z%llvm", "hdf5+mpi %gcc@11 ^z %llvm", OLD),
        ("hdf5%gcc@11+mpi ^z%llvm", "hdf5 %gcc@11+mpi ^z %llvm", NEW),
        ("^[virtuals=mpi] z", "^[virtuals=mpi] z", OLD),
        ("%%[virtuals=c,cxx when='+a x=\"1 2\"'] z", "%%[when=\"+a x='1 2'\"] c,cxx=z", NEW),
        ("^[virtuals=mpi] * os=rhel8", "^[virtuals=mpi] * os=rhel8", NEW),
        ("^x=1", "^x=1", OLD),
        ("% ^", "%* ^*", NEW),
        ("x:=b,a y:==c", "x:=a,b y:==c", NEW),
    ],
)
def test_how_trees_of_one_dialect_are_written(text: str, written: str, dialect: Dialect) -> None:
    assert str(parse(text, dialect)) == written
