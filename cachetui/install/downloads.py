"""What an install of a build downloads: its binary in each mirror, and those of its closure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from cachetui.catalog import Catalog, MirrorInfo
from cachetui.graph import State, runtime_closure
from cachetui.install.builds import CachedBuild, cached_builds
from cachetui.refresh import BinaryFinder, known_binary
from cachetui.sources import NO_SIZE, Binary
from cachetui.spec import INSTALLED

MOST_NODES = 2_000
"""Nodes of a closure whose sizes are added; those of a longer one are unknown."""


class Wanted(Struct, frozen=True):
    """The builds whose binaries an install of one downloads.

    Args:
        others: the nodes of its closure that have a binary; None: unknown.
    """

    build: CachedBuild
    others: Sequence[CachedBuild] | None


class Download(Struct, frozen=True):
    """What an install downloads.

    Args:
        binaries: the binary of the build, in each mirror that lists it.
        closure_size: the bytes of all binaries of its link and run closure with itself; NO_SIZE: unknown.
        closure: how many binaries that are; 0: unknown.
        unknown: of how many of them the size is not at hand.
    """

    binaries: tuple[tuple[MirrorInfo, Binary], ...]
    closure_size: int = NO_SIZE
    closure: int = 0
    unknown: int = 0


def wanted_builds(catalog: Catalog, row: int) -> Wanted:
    """Read a build, and the nodes of its closure that have a binary."""
    (build,) = cached_builds(catalog, [row], needs=False)
    if not (build.spec.spec_format or build.spec.dependencies):
        return Wanted(build, None)
    closure = runtime_closure(catalog, row, most=MOST_NODES)
    if not closure.is_whole:
        return Wanted(build, None)
    rows = [n.row for n in closure.nodes[1:] if n.state is State.CACHED and n.row is not None]
    return Wanted(build, cached_builds(catalog, rows, needs=False))


def find_download(wanted: Wanted, finder: BinaryFinder) -> Download:
    """Ask for the binary of the build, and add up what is known of the others."""
    build = wanted.build
    if not build.spec.has_binary:
        return Download(())
    mirrors = [mirror for mirror in build.mirrors if mirror.layout != INSTALLED]
    binaries = tuple(finder.find(build.spec, mirrors))
    if wanted.others is None:
        return Download(binaries)
    others = (each for each in wanted.others if each.spec.has_binary)
    sizes = [max((binary.size for _, binary in binaries), default=NO_SIZE), *map(_known_size, others)]
    known = [size for size in sizes if size != NO_SIZE]
    total = sum(known) if len(known) == len(sizes) else NO_SIZE
    return Download(binaries, total, len(sizes), len(sizes) - len(known))


def _known_size(build: CachedBuild) -> int:
    for mirror in build.mirrors:
        binary = known_binary(mirror, build.spec)
        if binary is not None and binary.size != NO_SIZE:
            return binary.size
    return NO_SIZE
