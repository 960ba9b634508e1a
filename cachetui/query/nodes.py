"""The tree of a query: what was asked for, without knowing any catalog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VersionTerm:
    """`@1.14` (that version and all that begin with it) or `@=1.14` (exactly that)."""

    version: str
    exact: bool = False

    def __str__(self) -> str:
        return f"@{'=' if self.exact else ''}{self.version}"


@dataclass(frozen=True, slots=True)
class CompilerTerm:
    """`%gcc`, or `%gcc@13.2.0` with a version."""

    name: str
    version: VersionTerm | None = None

    def __str__(self) -> str:
        return f"%{self.name}{self.version or ''}"


@dataclass(frozen=True, slots=True)
class BooleanTerm:
    """`+mpi` or `~mpi`."""

    variant: str
    enabled: bool

    def __str__(self) -> str:
        return f"{'+' if self.enabled else '~'}{self.variant}"


@dataclass(frozen=True, slots=True)
class ValueTerm:
    """`key=value`: a variant, or a facet such as target, os, stack."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


@dataclass(frozen=True, slots=True)
class HashTerm:
    """`/3ocg37b`: the beginning of a DAG hash."""

    prefix: str

    def __str__(self) -> str:
        return f"/{self.prefix}"


Term = VersionTerm | CompilerTerm | BooleanTerm | ValueTerm | HashTerm


@dataclass(frozen=True, slots=True)
class Query:
    """A typed query.

    Args:
        name: the bare words, for package names.
        terms: what a build has to be, all of them.
    """

    name: str = ""
    terms: tuple[Term, ...] = ()
