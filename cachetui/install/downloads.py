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
"""Nodes of a closure whose sizes are added."""


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


def wanted_builds(catalog: Catalog, row: int) -> list[CachedBuild]:
    """Read a build, then the nodes of its closure that have a binary."""
    spec = catalog.spec(row)
    rows = [row]
    if spec.spec_format or spec.dependencies:
        nodes = runtime_closure(catalog, row).nodes[1:]
        rows += [n.row for n in nodes if n.state is State.CACHED and n.row is not None][:MOST_NODES]
    return cached_builds(catalog, rows, needs=False)


def find_download(wanted: Sequence[CachedBuild], finder: BinaryFinder) -> Download:
    """Ask for the binary of the first build, and add up what is known of the others."""
    first, *others = (each for each in wanted if each is wanted[0] or each.spec.has_binary)
    if not first.spec.has_binary:
        return Download(())
    mirrors = [mirror for mirror in first.mirrors if mirror.layout != INSTALLED]
    binaries = tuple(finder.find(first.spec, mirrors))
    sizes = [max((binary.size for _, binary in binaries), default=NO_SIZE), *map(_known_size, others)]
    known = [size for size in sizes if size != NO_SIZE]
    total = sum(known) if len(known) == len(sizes) else NO_SIZE
    has_closure = bool(first.spec.spec_format or first.spec.dependencies)
    return Download(binaries, *((total, len(sizes), len(sizes) - len(known)) if has_closure else ()))


def _known_size(build: CachedBuild) -> int:
    for mirror in build.mirrors:
        binary = known_binary(mirror, build.spec)
        if binary is not None and binary.size != NO_SIZE:
            return binary.size
    return NO_SIZE
