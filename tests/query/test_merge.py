"""Several demands on one dependency become one, or are refused."""

from __future__ import annotations

import pytest

from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect, parse

OLD, NEW = Dialect.SPACK_0, Dialect.SPACK_1
BOTH = pytest.mark.parametrize("dialect", Dialect)


@BOTH
@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("^zlib@1.2: ^zlib@:1.3 ^zlib+pic", "^zlib@1.2:1.3+pic"),
        ("^zlib ^mpi ^zlib+pic", "^zlib+pic ^mpi"),
        ("^zlib@1.2 ^zlib", "^zlib@1.2"),
        ("^zlib@1.2: ^zlib@=1.4,1.1", "^zlib@=1.4"),
        ("^zlib+pic ^zlib~shared", "^zlib+pic~shared"),
        ("^zlib+pic ^zlib+pic", "^zlib+pic"),
        ("^zlib+pic ^zlib pic=*", "^zlib+pic"),
        ("^zlib x=* ^zlib x=*", "^zlib x=*"),
        ("^zlib x=* ^zlib x=b", "^zlib x=b"),
        ("^zlib x=b ^zlib x=a,b", "^zlib x=a,b"),
        ("^zlib++pic ^zlib+pic", "^zlib+pic"),
        ("^zlib++pic ^zlib++pic", "^zlib++pic"),
        ("^zlib cflags=-g ^zlib cflags='-O3 -g' ldflags=-s", "^zlib cflags='-g -O3' ldflags=-s"),
        ("^zlib os=rhel8 ^zlib platform=linux os=rhel8", "^zlib platform=linux os=rhel8"),
        ("^zlib ^builtin.zlib", "^builtin.zlib"),
        ("^zlib/3oc ^zlib/3ocg ^zlib/3", "^zlib /3ocg"),
        ("^zlib target=zen2: ^zlib+pic", "^zlib+pic target=zen2:"),
    ],
)
def test_one_dependency(text: str, written: str, dialect: Dialect) -> None:
    assert str(parse(text, dialect)) == written
    assert parse(text, dialect) == parse(written, dialect)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "^zlib ^[deptypes=link] zlib",
        "^[deptypes=build] zlib ^[deptypes=link] zlib",
        "zlib ^zlib",
    ],
)
def test_dependencies_that_stay_apart(text: str, dialect: Dialect) -> None:
    assert str(parse(text, dialect)) == text
    assert len(parse(text, dialect).dependencies) == text.count("^")


@pytest.mark.parametrize("second", ["target=:zen4", "target=*", "target=zen2,zen3"])
def test_only_archspec_knows_whether_targets_exclude_each_other(second: str) -> None:
    text = f"^zlib target=zen3 ^zlib {second}"
    assert str(parse(text, NEW)) == text
    with pytest.raises(QuerySyntaxError, match="are different targets of one spec"):
        parse(text, OLD)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "^[deptypes=link] zlib ^[deptypes=link,run] zlib",
        "^[deptypes=link] zlib ^[deptypes=run] zlib",
        "^[deptypes=build] zlib ^[deptypes=build,test] zlib",
    ],
)
def test_dependency_types_that_exclude_each_other(text: str, dialect: Dialect) -> None:
    with pytest.raises(QuerySyntaxError, match="zlib is a dependency twice"):
        parse(text, dialect)


def test_a_direct_dependency_and_one_below_are_one_to_spack_1() -> None:
    assert len(parse("hdf5 %gcc@11: ^gcc@12", NEW).root.direct) == 1
    with pytest.raises(QuerySyntaxError, match="no version of gcc is @11 and @12"):
        parse("hdf5 %gcc@11 ^gcc@12", NEW)
    # Here the compiler is that of the dependency.
    assert parse("^gcc@12 %gcc@11", NEW).root.direct == ()


@BOTH
def test_dependencies_without_a_name_stay_apart(dialect: Dialect) -> None:
    assert len(parse("^+pic ^+pic ^+shared", dialect).dependencies) == 3


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("hdf5 %zlib ^zlib+pic", "hdf5 %zlib ^zlib+pic"),
        ("^zlib %zlib", "^zlib %zlib"),
        ("^[when=+a] zlib ^zlib ^[when=+b] zlib", "^[when=+a] zlib ^zlib ^[when=+b] zlib"),
        ("^[when=+a] zlib@1: ^[when=+a] zlib@:2", "^[when=+a] zlib@1:2"),
        ("hdf5 %gcc@11: %llvm %gcc@:12", "hdf5 %gcc@11:12 %llvm"),
        ("%c=gcc %cxx=gcc", "%c,cxx=gcc"),
        ("^mpi=openmpi ^openmpi@5", "^mpi=openmpi@5"),
        ("%%gcc %gcc", "%gcc"),
        ("%%gcc %%gcc@11", "%%gcc@11"),
        ("%gcc ^zlib %gcc@11", "%gcc ^zlib %gcc@11"),
        ("^zlib %gcc ^mpi %llvm ^zlib %gcc@11 %gmake", "^zlib %gcc@11 %gmake ^mpi %llvm"),
        ("^zlib x:=a,b ^zlib x=a", "^zlib x:=a,b"),
        ("^zlib x=a ^zlib x:=a,b", "^zlib x:=a,b"),
        ("^zlib x:=a ^zlib x=*", "^zlib x:=a"),
    ],
)
def test_dependencies_of_spack_1(text: str, written: str) -> None:
    assert str(parse(text, NEW)) == written


def test_compilers_of_spack_0() -> None:
    assert str(parse("^zlib%gcc@11: ^zlib%gcc@:12 ^mpi%llvm", OLD)) == "^zlib %gcc@11:12 ^mpi %llvm"
    assert str(parse("^zlib ^zlib%gcc ^zlib", OLD)) == "^zlib %gcc"


@BOTH
@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("^zlib@1.3", "no version of zlib is @1.2 and @1.3"),
        ("^zlib~pic", "no spec is +pic and ~pic"),
        ("^zlib pic=a", "no spec is +pic and pic=a"),
        ("^zlib x=false", "no spec is x=a and ~x"),
        ("^zlib os=rhel9", "rhel8 and rhel9 are different operating systems of one spec"),
        ("^zlib platform=darwin", "linux and darwin are different platforms of one spec"),
        ("^zlib target=zen3", "zen2 and zen3 are different targets of one spec"),
        ("^my.zlib", "builtin and my are different namespaces of one spec"),
        ("^zlib/abz", "no hash begins with abc and abz"),
    ],
)
def test_demands_that_exclude_each_other(second: str, reason: str, dialect: Dialect) -> None:
    first = "^builtin.zlib@1.2+pic x=a platform=linux os=rhel8 target=zen2 /abc"
    with pytest.raises(QuerySyntaxError) as caught:
        parse(f"hdf5 {first} {second} ^mpi", dialect)
    start = len(f"hdf5 {first} ")
    assert str(caught.value) == reason
    assert caught.value.spans == ((start, start + len(second)),)


@pytest.mark.parametrize(
    ("text", "dialect", "reason"),
    [
        ("^z%gcc ^z%llvm", OLD, "a spec has one compiler in Spack 0.23"),
        ("^z%gcc@11 ^z%gcc@12", OLD, "no version of gcc is @11 and @12"),
        ("^z x=none ^z x=a", OLD, "no spec is x=none and x=a"),
        ("%gcc@11 %gcc@12", NEW, "no version of gcc is @11 and @12"),
        ("^mpi %gcc@11 %gcc@12", NEW, "no version of gcc is @11 and @12"),
        ("^z x:=a ^z x=b", NEW, "no spec is x:=a and x=b"),
        ("^z x='a\nb' ^z+x", NEW, "no spec is x='a b' and +x"),
    ],
)
def test_demands_of_one_dialect_that_exclude_each_other(text: str, dialect: Dialect, reason: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text, dialect)
    assert str(caught.value) == reason
