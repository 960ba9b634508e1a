"""Builds with all that an install of them has to know: their mirrors, and what they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from cachetui.catalog import Catalog, MirrorInfo
from cachetui.spec import Place, Spec

if TYPE_CHECKING:
    from cachetui.graph import Node, State

MOST_NEEDED = 20_000
"""Nodes that are looked at for one text; builds that need more are taken as unchecked."""


class Needed(Struct, frozen=True):
    """A node of a link and run closure.

    Args:
        dag_hash: empty if no source names it.
        mirrors: those that hold it, else those whose indexes list it.
    """

    name: str
    dag_hash: str
    state: State
    mirrors: tuple[MirrorInfo, ...] = ()


class CachedBuild(Struct, frozen=True):
    """A build, and the mirrors that hold it, else those whose indexes list it.

    Args:
        needs: what it needs by link and run, without what builds before it in a list need; None: unknown.
    """

    spec: Spec
    mirrors: tuple[MirrorInfo, ...] = ()
    needs: tuple[Needed, ...] | None = None


def cached_builds(catalog: Catalog, rows: Iterable[int], needs: bool = True) -> list[CachedBuild]:
    """Read some builds of a catalog; their mirrors come in the catalog's order.

    Args:
        needs: find what they need, too, which costs a walk over the graph.
    """
    reader = _Reader(catalog)
    return [reader.build(row, needs) for row in rows]


class _Reader:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._met: set[int | str] = set()

    def build(self, row: int, needs: bool) -> CachedBuild:
        """Read the build of a row."""
        spec = self._catalog.spec(row)
        return CachedBuild(spec, self._mirrors(spec.places), self._needs(row, spec) if needs else None)

    def _needs(self, row: int, spec: Spec) -> tuple[Needed, ...] | None:
        if len(self._met) > MOST_NEEDED or not (spec.spec_format or spec.dependencies or spec.external):
            return None  # pages list no dependencies
        from cachetui.graph import runtime_closure

        return tuple(map(self._needed, runtime_closure(self._catalog, row, self._met).nodes[1:]))

    def _needed(self, node: Node) -> Needed:
        places = () if node.row is None else self._catalog.column("places")[node.row]
        return Needed(node.name, node.dag_hash, node.state, self._mirrors(places))

    def _mirrors(self, places: Iterable[Place]) -> tuple[MirrorInfo, ...]:
        places = tuple(places)
        # Of a hole the mirrors are named whose indexes list it.
        held = [place for place in places if not place.is_hole] or places
        seen = {(place.mirror, place.view) for place in held}
        return tuple(mirror for mirror in self._catalog.mirrors if (mirror.name, mirror.view) in seen)


def lists_of_mirrors(builds: Iterable[CachedBuild]) -> Iterator[tuple[MirrorInfo, ...]]:
    """The mirrors of each binary that an install of the builds fetches; first those of the builds."""
    from cachetui.graph import State

    builds = [build for build in builds if build.spec.in_buildcache]
    yield from (build.mirrors for build in builds)
    for build in builds:
        yield from (node.mirrors for node in build.needs or () if node.state is State.CACHED)
