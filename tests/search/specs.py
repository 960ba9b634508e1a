"""Specs with edges, and what a query finds among a few specs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from cachetui.query import Dialect
from cachetui.spec import Dependency, Spec
from tests.conftest import build, dag_hash

OLD, NEW = Dialect.SPACK_0, Dialect.SPACK_1
BOTH = (OLD, NEW)
NUMBERS = {dag_hash(number): number for number in range(100)}

Find = Callable[[str], set[int]]
Found = Callable[[Iterable[Spec], Dialect], Find]


def of_format(number: int, specs: Iterable[Spec]) -> list[Spec]:
    return [replace(spec, spec_format=spec.spec_format or number) for spec in specs]


def need(name: str, number: int, *deptypes: str, virtuals: tuple[str, ...] = ()) -> Dependency:
    return Dependency(name, dag_hash(number), deptypes, virtuals)


def user(number: int, *dependencies: Dependency, name: str = "", **fields: object) -> Spec:
    """A spec with edges; unless it is called something, it is named by its number."""
    return build(number, name or f"p{number}", compilers=None, dependencies=dependencies, **fields)
