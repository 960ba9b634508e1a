"""Merges two conditions on one dependency, as Spack does; conditions that exclude each other fail."""

from __future__ import annotations

from msgspec.structs import replace

from cachetui.query.nodes import Compiler, Dialect, Flags, QueryEdge, QueryNode, Variant
from cachetui.version import VersionList


class Conflict(ValueError):
    """No spec meets both conditions."""


def with_dependency(
    known: tuple[QueryEdge, ...], new: QueryEdge, dialect: Dialect
) -> tuple[tuple[QueryEdge, ...], int]:
    """(the dependencies with one more, its position); one of the same name is merged. Raises Conflict."""
    check_conflict(known, new, dialect)
    for position, old in enumerate(known):
        if _same_edge(old, new) and _comparable(old.node.target, new.node.target, dialect):
            together = replace(
                old,
                node=_merged(old.node, new.node, dialect),
                virtuals=tuple(sorted({*old.virtuals, *new.virtuals})),
                preferred=old.preferred and new.preferred,
            )
            return (*known[:position], together, *known[position + 1 :]), position
    return (*known, new), len(known)


def check_conflict(known: tuple[QueryEdge, ...], new: QueryEdge, dialect: Dialect) -> None:
    """Raises Conflict where Spack, which keeps `%` and `^` of a name as one, refuses a dependency."""
    for old in known:
        if _same_edge(old, new) and _comparable(old.node.target, new.node.target, dialect):
            _merged(old.node, new.node, dialect)
        elif _same_name(old, new) and old.deptypes and new.deptypes and _overlap(old.deptypes, new.deptypes):
            raise Conflict(f"{new.node.name} is a dependency twice, by types that exclude each other")


def _same_name(old: QueryEdge, new: QueryEdge) -> bool:
    return bool(new.node.name) and (old.node.name, old.when) == (new.node.name, new.when)


def _same_edge(old: QueryEdge, new: QueryEdge) -> bool:
    return _same_name(old, new) and old.deptypes == new.deptypes


def _overlap(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    """Whether two edges to one name cannot be: they share a type, or both are needed at run time."""
    runtime = {"link", "run"}
    return bool(set(old) & set(new) or (runtime & set(old) and runtime & set(new)))


def _comparable(old: str, new: str, dialect: Dialect) -> bool:
    """Whether two targets are one or exclude each other; of ranges only archspec knows, to Spack 1.x."""
    if dialect is Dialect.SPACK_0 or old == new or "" in (old, new):
        return True
    return not any(set(":,*") & set(target) for target in (old, new))


def _merged(old: QueryNode, new: QueryNode, dialect: Dialect) -> QueryNode:
    return QueryNode(
        name=old.name,
        namespace=_one_of(old.namespace, new.namespace, "namespaces"),
        versions=_versions(old.versions, new.versions, old.name),
        compiler=_compiler(old.compiler, new.compiler),
        variants=_variants(old.variants, new.variants, dialect),
        flags=merged_flags((*old.flags, *new.flags)),
        platform=_one_of(old.platform, new.platform, "platforms"),
        os=_one_of(old.os, new.os, "operating systems"),
        target=_one_of(old.target, new.target, "targets"),
        hash_prefix=_hash(old.hash_prefix, new.hash_prefix),
        direct=old.direct,  # those of the new one stand behind it and are not read yet
    )


def merged_flags(given: tuple[Flags, ...]) -> tuple[Flags, ...]:
    """Flags by name, the words of one name together."""
    words: dict[tuple[str, bool], dict[str, None]] = {}
    for flags in given:
        words.setdefault((flags.name, flags.propagated), {}).update(dict.fromkeys(flags.words))
    return tuple(Flags(name, tuple(of), propagated) for (name, propagated), of in sorted(words.items()) if of)


def _one_of(old: str, new: str, what: str) -> str:
    if old and new and old != new:
        raise Conflict(f"{old} and {new} are different {what} of one spec")
    return old or new


def _versions(old: VersionList | None, new: VersionList | None, name: str) -> VersionList | None:
    if old is None or new is None:
        return old if new is None else new
    both = old.intersection(new)
    if not both:
        raise Conflict(f"no version of {name} is @{old} and @{new}")
    return both


def _compiler(old: Compiler | None, new: Compiler | None) -> Compiler | None:
    if old is None or new is None:
        return old or new
    if old.name != new.name:
        raise Conflict("a spec has one compiler in Spack 0.23")
    return Compiler(old.name, _versions(old.versions, new.versions, old.name))


def _variants(old: tuple[Variant, ...], new: tuple[Variant, ...], dialect: Dialect) -> tuple[Variant, ...]:
    by_name = {variant.name: variant for variant in old}
    for variant in new:
        known = by_name.get(variant.name)
        by_name[variant.name] = variant if known is None else _variant(known, variant, dialect)
    return tuple(by_name[name] for name in sorted(by_name))


def _variant(old: Variant, new: Variant, dialect: Dialect) -> Variant:
    if isinstance(old.value, bool) or isinstance(new.value, bool):
        if old.value != new.value and () not in (old.value, new.value):
            raise Conflict(f"no spec is {old} and {new}")
        value: bool | tuple[str, ...] = old.value if isinstance(old.value, bool) else new.value
    else:
        value = tuple(sorted({*old.value, *new.value}))
        if dialect is Dialect.SPACK_1 and any(v.exact and v.value != value for v in (old, new)):
            raise Conflict(f"no spec is {old} and {new}")
        if dialect is Dialect.SPACK_0 and "none" in value and len(value) > 1:
            raise Conflict(f"no spec is {old} and {new}")
    return Variant(new.name, value, old.exact or new.exact, old.propagated and new.propagated)


def _hash(old: str, new: str) -> str:
    short, long = sorted((old, new), key=len)
    if not long.startswith(short):
        raise Conflict(f"no hash begins with {old} and {new}")
    return long
