"""Random query trees, such as the parser makes them, from names and values that a test chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from cachetui.query import Compiler, Dialect, Flags, Query, QueryEdge, QueryNode, Variant
from cachetui.spec import DEPTYPES
from cachetui.version import VersionList, is_git_version, parse_versions

T = TypeVar("T")
Named = TypeVar("Named", Variant, Flags)


@dataclass(frozen=True)
class Pools:
    """What queries are made of; an empty pool leaves its attribute out.

    Args:
        versions: what stands after `@`.
        variants: name to its values; `True` and `False` for one that is on or off. No commas in values.
        flags: name to words, each of which begins with a dash.
        compilers: what stands after `%`, beside the packages in Spack 1.x.
        targets: names, ranges, lists, `*`.
        hashes: whole or cut; queries have the beginnings of them.
    """

    packages: Sequence[str] = ("hdf5", "zlib", "py-numpy", "3dtk", "HDF_5")
    versions: Sequence[str] = (
        "1.2",
        "=1.2-3",
        "1.2:1.4",
        ":2",
        "1:",
        ":",
        "1.2,=1.7,3:",
        "git.a/b=1.2",
        "main",
    )
    variants: Mapping[str, Sequence[str | bool]] = field(
        default_factory=lambda: {
            "mpi": (True, False),
            "pic-1.x": (True,),
            "build_type": ("Debug", "Release"),
            "languages": ("c", "c++", "none"),
            "odd": ("", "it's", 'a"b', "a b", "back\\slash", "x=y", "^z", "é"),
        }
    )
    flags: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"cflags": ("-O3", "-g", "-I include"), "ldlibs": ("-l'm'",)}
    )
    compilers: Sequence[str] = ("gcc", "llvm", "apple-clang")
    targets: Sequence[str] = ("x86_64_v3", "zen2:", ":zen3", "zen2:zen4,skylake", "*")
    oses: Sequence[str] = ("ubuntu22.04", "rhel8")
    platforms: Sequence[str] = ("linux", "darwin")
    virtuals: Sequence[str] = ("mpi", "blas", "c", "zlib-api")
    hashes: Sequence[str] = ("abcdefghijklmnopqrstuvwxyz234567", "3ocg37b")
    namespaces: Sequence[str] = ("builtin", "my.own-1", "not a name")


def queries(
    dialect: Dialect, pools: Pools | None = None, depth: int = 1, max_dependencies: int = 3
) -> st.SearchStrategy[Query]:
    """Queries of a dialect; `parse(str(query), dialect) == query` is true of each.

    Call it once for many examples: to build the strategy takes longer than to draw from it.

    Args:
        depth: how deep conditions (`when=`) stand within conditions; none at 0, nor in Spack 0.23.
    """
    made = _Make(dialect, pools or Pools(), depth, max_dependencies).queries()
    return st.none().flatmap(lambda _: made)  # so hypothesis need not write the whole strategy, which is long


def _often_not(strategy: st.SearchStrategy[T], otherwise: T) -> st.SearchStrategy[T]:
    """Many attributes at once match no spec."""
    return st.one_of(st.just(otherwise), st.just(otherwise), strategy)


def _one_of(pool: Sequence[str]) -> st.SearchStrategy[str]:
    return _often_not(st.sampled_from(pool), "") if pool else st.just("")


def _some_of(pool: Sequence[str], min_size: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    if not pool:
        return st.just(())
    return st.lists(st.sampled_from(pool), unique=True, min_size=min_size, max_size=3).map(tuple)


def _sorted_by_name(made: st.SearchStrategy[Named]) -> st.SearchStrategy[tuple[Named, ...]]:
    lists = st.lists(made, max_size=3, unique_by=lambda one: one.name)
    return lists.map(lambda found: tuple(sorted(found, key=lambda one: one.name)))


class _Make:
    """The parts of queries, of one dialect and from one set of pools."""

    def __init__(self, dialect: Dialect, pools: Pools, depth: int, max_dependencies: int) -> None:
        self.dialect = dialect
        self.old = dialect is Dialect.SPACK_0
        self.pools = pools
        self.depth = depth
        self.max_dependencies = max_dependencies

    def queries(self) -> st.SearchStrategy[Query]:
        """Whole queries."""
        direct = self.dependencies(direct=True)
        packages = self.pools.packages
        below = self.dependencies(direct=False, nodes=self.nodes(packages, direct))
        return st.builds(Query, self.nodes(packages, direct), below).filter(_has_no_name_twice)

    def nodes(
        self, names: Sequence[str], direct: st.SearchStrategy[tuple[QueryEdge, ...]]
    ) -> st.SearchStrategy[QueryNode]:
        """Nodes of these names, or of none, with direct dependencies."""
        pools = self.pools
        compiler: st.SearchStrategy[Compiler | None] = st.none()
        if self.old and pools.compilers:
            compiler = _often_not(self.compilers(), None)
        return st.builds(
            QueryNode,
            name=st.sampled_from(["", *names]),
            namespace=_one_of(pools.namespaces),
            versions=_often_not(self.versions(pools.versions), None),
            compiler=compiler,
            variants=self.variants(),
            flags=self.flags(),
            platform=_one_of(pools.platforms),
            os=_one_of(pools.oses),
            target=_one_of(pools.targets),
            hash_prefix=self.hashes(),
            direct=direct,
        )

    def versions(self, pool: Sequence[str]) -> st.SearchStrategy[VersionList | None]:
        """What stands after `@`."""
        return st.sampled_from(pool).map(parse_versions) if pool else st.none()

    def compilers(self) -> st.SearchStrategy[Compiler | None]:
        """`%gcc@11` to Spack 0.23; compilers have no git versions."""
        pool = [text for text in self.pools.versions if not is_git_version(text)]
        return st.builds(Compiler, st.sampled_from(self.pools.compilers), st.none() | self.versions(pool))

    def hashes(self) -> st.SearchStrategy[str]:
        """The beginnings of hashes."""
        cut = st.builds(lambda digits, end: digits[:end], _one_of(self.pools.hashes), st.integers(1, 32))
        return _often_not(cut, "")

    def variants(self) -> st.SearchStrategy[tuple[Variant, ...]]:
        """Up to three variants, sorted by name."""
        if not self.pools.variants:
            return st.just(())
        made = st.one_of([self.variant(name, pool) for name, pool in self.pools.variants.items()])
        return _often_not(_sorted_by_name(made), ())

    def variant(self, name: str, pool: Sequence[str | bool]) -> st.SearchStrategy[Variant]:
        """A variant of that name: on or off, any value, or some values."""
        never, propagated = st.just(False), st.booleans()
        switches = [value for value in pool if isinstance(value, bool)]
        texts = [value for value in pool if isinstance(value, str)]
        alone: list[bool | tuple[str, ...]] = [(), *switches]
        made = st.builds(Variant, st.just(name), st.sampled_from(alone), never, propagated)
        if not texts:
            return made
        values = _some_of(texts, min_size=1).map(self.values)
        exact = never if self.old else st.booleans()
        return made | st.builds(Variant, st.just(name), values, exact, propagated)

    def values(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """In order; to Spack 0.23 `none` stands alone."""
        return ("none",) if self.old and "none" in values else tuple(sorted(values))

    def flags(self) -> st.SearchStrategy[tuple[Flags, ...]]:
        """Compiler flags, sorted by name."""
        if not self.pools.flags:
            return st.just(())
        made = [
            st.builds(Flags, st.just(name), _some_of(pool, min_size=1), st.booleans())
            for name, pool in self.pools.flags.items()
        ]
        return _often_not(_sorted_by_name(st.one_of(made)), ())

    def dependencies(
        self, direct: bool, nodes: st.SearchStrategy[QueryNode] | None = None
    ) -> st.SearchStrategy[tuple[QueryEdge, ...]]:
        """Dependencies of which none can be merged with another."""
        if direct and self.old:
            return st.just(())
        if nodes is None:
            names = dict.fromkeys((*self.pools.compilers, *self.pools.packages))
            nodes = self.nodes(tuple(names), st.just(()))
        if self.old:  # something has to stand after ^
            nodes = nodes.filter(lambda node: node != QueryNode())
        made = st.builds(
            QueryEdge,
            nodes,
            direct=st.just(direct),
            virtuals=_often_not(_some_of(self.pools.virtuals).map(lambda found: tuple(sorted(found))), ()),
            deptypes=_often_not(_some_of(DEPTYPES), ()).map(
                lambda types: tuple(kind for kind in DEPTYPES if kind in types)
            ),
            when=self.conditions(),
            preferred=st.booleans() if direct else st.just(False),
            dialect=st.just(self.dialect),
        )
        lists = st.lists(made, max_size=self.max_dependencies, unique_by=_edge).map(tuple)
        return _often_not(lists, ()) if direct else lists

    def conditions(self) -> st.SearchStrategy[Query | None]:
        """What stands after `when=`."""
        if self.old or self.depth == 0:
            return st.none()
        return _often_not(queries(self.dialect, self.pools, self.depth - 1, 1), None)


def _has_no_name_twice(query: Query) -> bool:
    """Whether no name stands after `%` of the root and after `^`, which may exclude each other."""
    beside = {dependency.node.name for dependency in query.root.direct} - {""}
    return beside.isdisjoint(dependency.node.name for dependency in query.dependencies)


def _edge(dependency: QueryEdge) -> object:
    """Dependencies of the same name are apart when their edges are; those without a name always are."""
    if not dependency.node.name:
        return dependency
    return dependency.node.name, dependency.when
