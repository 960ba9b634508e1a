"""The number of builds of each mirror, as of the last time it was read."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from cachetui import paths
from cachetui.errors import SourceError
from cachetui.fetch import Address, IndexState, Store
from cachetui.sources import IndexFile, MirrorSource, Source
from cachetui.text import clean


def save_counts(counts: Iterable[tuple[Source, int]]) -> None:
    """Store the counts where possible; those of pages are never shown."""
    for source, count in counts:
        with suppress(SourceError, OSError):
            if isinstance(source, MirrorSource):
                # Another process may have downloaded another index since.
                if source.store.read(source.address).sha256 == source.state.sha256:
                    source.store.update(source.address, records=count)
            elif address := _local_address(source):
                # The name of a folder may have bytes that are no text.
                state = IndexState(url=clean(address.url), sha256=source.fingerprint(), records=count)
                Store(paths.downloads_dir()).write(address, state)


def cached_count(source: Source) -> int:
    """The stored count of a source; -1 if it was not read yet or has changed since."""
    if isinstance(source, MirrorSource):
        return source.state.records
    with suppress(SourceError):
        if address := _local_address(source):
            state = Store(paths.downloads_dir()).read(address)
            return state.records if state.sha256 == source.fingerprint() else -1
    return -1


def _local_address(source: Source) -> Address | None:
    return Address(f"file:{source.file}", source.place) if isinstance(source, IndexFile) else None
