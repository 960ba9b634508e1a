"""What this machine says about the builds of a catalog: kept for the first picture of the next start.

Whether builds run here, are complete or are installed takes tenths of a second to compute. What the last
start computed is shown at once, and computed again in the background; another outcome takes its place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from msgspec import DecodeError, Struct, msgpack
from msgspec.structs import replace
from pyroaring import BitMap

from cachetui import __version__, paths
from cachetui.catalog import Catalog
from cachetui.config import Config
from cachetui.errors import CachetuiError, DamagedError, HostError
from cachetui.files import make_folder, open_own, replace_file
from cachetui.here import Here, attributes_here
from cachetui.host import Host
from cachetui.keyed import checksum
from cachetui.render import Fact, Line
from cachetui.search import Attribute, Attributes, BoundAttribute

if TYPE_CHECKING:
    from cachetui.graph import Closure, OnFound

FORMAT = b"cachetui judged 1\n"
SUM_BYTES = 4
HEAD_BYTES = len(FORMAT) + SUM_BYTES

MOST_BYTES = 1 << 24
"""A longer file was not written by the browser."""

MOST_FILES = 4
"""Files of one catalog: one for each machine that shares the home, and for each host that was chosen."""

Sets = dict[str, dict[str, bytes]]
"""Facet to value to its rows, as pyroaring serializes them."""


class Said(Struct, frozen=True):
    """What the detail panel says about builds only once it is computed.

    Args:
        mark: whether the build runs, for the title.
        facts: whether it runs, and where it is installed.
        differ: what sets look-alikes apart.
    """

    mark: Line = ()
    facts: tuple[Fact, ...] = ()
    differ: tuple[str, ...] = ()


class Kept(Struct, frozen=True):
    """What was computed at an earlier start.

    Args:
        key: the catalog and the machine that it is about.
        builds: those that the detail panel showed first.
        said: what it said about them.
    """

    key: str
    sets: Sets
    builds: tuple[int, ...] = ()
    said: Said = Said()


class Judgement:
    """What is said about the builds of one catalog, for one host.

    Args:
        host: that builds are to run on; None: the one of the configuration, by default this machine.
        kept: what an earlier start computed; used if it is about this catalog, this host and this machine.
    """

    def __init__(
        self, catalog: Catalog, config: Config, host: Host | None = None, kept: Kept | None = None
    ) -> None:
        self.here = Here(catalog, config, host)
        self._catalog = catalog
        self._config = config
        self._host = host
        self._key = _key_of(catalog, config, host)
        self._kept = kept if kept is not None and kept.key == self._key else None
        self._sets = _read_sets(self._kept, catalog)
        self._is_computed = False
        self._said: dict[tuple[int, ...], Said] = {}

    @property
    def is_computed(self) -> bool:
        """Whether all is known that can be, at this start."""
        return self._is_computed

    @property
    def is_kept(self) -> bool:
        """Whether an earlier start has computed it, and it is to be computed again."""
        return self._sets is not None and not self._is_computed

    def attributes(self) -> tuple[Attribute, ...]:
        """The facets and columns that depend on this machine, as they are known so far."""
        computed = attributes_here(self._config, self._host)
        sets = self._sets
        if sets is None:
            return computed
        return tuple(replace(each, function=partial(_known, sets.get(each.name, {}))) for each in computed)

    def compute(self, attributes: Attributes) -> bool:
        """Compute everything; false if it is not as `attributes`, from an earlier start, has it.

        It may take tenths of a second. Raises HostError.
        """
        if self.is_kept and not self._is_as_kept(attributes):
            return False
        self.here.read()
        try:
            attributes.prepare()
        finally:
            self._is_computed = True
        return True

    def _is_as_kept(self, attributes: Attributes) -> bool:
        try:
            self.here.read()
            for attribute in attributes_here(self._config, self._host):
                kept, computed = attributes.index(attribute.name), attribute.of(self._catalog).index
                if (list(computed.values), computed.bitmaps) != (list(kept.values), kept.bitmaps):
                    return False
        except DamagedError:
            raise
        except CachetuiError:  # whoever computes it once more says so
            return False
        return True

    def said_of(
        self, builds: Sequence[int], closure: Closure | None = None, on_found: OnFound | None = None
    ) -> Said | None:
        """What is said about builds that the detail panel shows; None while it is not known.

        Args:
            closure: of the only one, if it is at hand.
            on_found: called now and then; may raise Cancelled.
        """
        key = tuple(builds)
        if self._is_computed:
            said = self._said.get(key)  # two threads may ask, about different builds
            if said is None:
                said = self._say(builds, closure, on_found)
                self._said = {key: said}
            return said
        return (
            self._kept.said if self._kept is not None and self.is_kept and self._kept.builds == key else None
        )

    def _say(self, builds: Sequence[int], closure: Closure | None, on_found: OnFound | None) -> Said:
        # Not at a start.
        from cachetui.render import differ_in, facts_here, runs_mark

        if len(builds) != 1:
            return Said(differ=tuple(differ_in(self._catalog, builds)))
        row, here = builds[0], self.here
        try:
            verdict = here.verdict(row, closure, on_found)
        except HostError:  # which was told
            return Said()
        facts = facts_here(verdict, self._catalog, row, here)
        return Said(runs_mark(verdict, self._catalog, row, here.host), tuple(facts))

    def keep(self, attributes: Attributes, builds: Sequence[int]) -> None:
        """Store what was computed for the next start, unless that is known already.

        Args:
            builds: those that the detail panel shows at first; empty: others than in an ordinary start.
        """
        sets = {name: _written_sets(attributes.bound(name)) for name in attributes.headings_here}
        found = Kept(self._key, sets)
        if builds:
            found = replace(found, builds=tuple(builds), said=self.said_of(builds) or Said())
        elif self._kept is not None:
            found = replace(found, builds=self._kept.builds, said=self._kept.said)
        if found != self._kept:
            self._kept = found
            _store(_file_of(self._catalog.path, self._config, self._host), found)


def _key_of(catalog: Catalog, config: Config, host: Host | None) -> str:
    """What the outcome depends on, as far as it costs nothing to know."""
    # The number of a file system differs between nodes.
    return repr((__version__, catalog.identity[1:], *_runs_on(config, host)))


def _runs_on(config: Config, host: Host | None) -> tuple[object, ...]:
    """The machine and the host that the outcome is about."""
    machine = os.uname()
    return (
        (machine.nodename, machine.release, machine.machine),
        (config.host, sorted(config.hosts.items()), host),
    )


def _written_sets(attribute: BoundAttribute) -> dict[str, bytes]:
    index = attribute.index
    return {value: rows.serialize() for value, rows in zip(index.values, index.bitmaps, strict=True)}


def _read_sets(kept: Kept | None, catalog: Catalog) -> dict[str, dict[str, BitMap]] | None:
    """The rows of each value; None if there are none, or if they cannot be read."""
    if kept is None:
        return None
    every = BitMap(range(len(catalog)))
    try:
        return {
            name: {value: BitMap.deserialize(rows) & every for value, rows in values.items()}
            for name, values in kept.sets.items()
        }
    except ValueError:
        return None


def _known(sets: Mapping[str, BitMap], catalog: Catalog) -> Mapping[str, BitMap]:
    return sets


# the file


def _file_of(catalog: Path, config: Config, host: Host | None) -> Path:
    about = repr(_runs_on(config, host)).encode(errors="replace")
    return paths.judged_dir() / f"{checksum(str(catalog))}-{crc32(about):08x}.judged"


def read_kept(catalog: Path, config: Config, host: Host | None = None) -> Kept | None:
    """What an earlier start has computed about a catalog; None if nothing can be read.

    Args:
        host: see `Judgement`.
    """
    with suppress(OSError, DecodeError):
        with open_own(_file_of(catalog, config, host)) as stream:
            content = stream.read(MOST_BYTES)
        head, packed = content[:HEAD_BYTES], content[HEAD_BYTES:]
        if head == _head(packed):
            return msgpack.decode(packed, type=Kept)
    return None


def _store(file: Path, kept: Kept) -> None:
    """Without the file, the next first picture lacks what is computed."""
    with suppress(OSError, UnicodeEncodeError):  # the name of a folder may be no text
        packed = msgpack.encode(kept)
        make_folder(file.parent)
        replace_file(file, _head(packed) + packed)
        files = file.parent.glob(f"{file.name.partition('-')[0]}-*.judged")
        for oldest in sorted(files, key=lambda each: each.lstat().st_mtime_ns)[:-MOST_FILES]:
            oldest.unlink()


def _head(packed: bytes) -> bytes:
    return FORMAT + crc32(packed).to_bytes(SUM_BYTES, "big")
