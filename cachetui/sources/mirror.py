"""A mirror behind a network as a source: its cached index on this machine is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from msgspec.structs import astuple

from cachetui.errors import SourceError
from cachetui.fetch import NEVER_DOWNLOADED, Address, IndexState, Store
from cachetui.sources.base import Batch, Report, SourcePart
from cachetui.sources.index import IndexFile, StoredBytes
from cachetui.text import redacted


class MirrorSource:
    """A mirror behind a network; reads its cached index and never the network."""

    is_one_file = True

    def __init__(self, address: Address, store: Store) -> None:
        self.address = address
        self.store = store
        self.name = address.place.mirror

    @property
    def label(self) -> str:
        """Name and URL of the mirror, for messages."""
        url = redacted(self.address.url)
        view = f" view {self.address.view}" if self.address.view else ""
        return f"{self.name} ({url}{view})"

    @cached_property
    def state(self) -> IndexState:
        """The state of the cached index, read once: a catalog is compiled from one state."""
        return self.store.read(self.address)

    def reload(self) -> IndexState:
        """Read the state of the cached index again."""
        self.__dict__.pop("state", None)
        return self.state

    def fingerprint(self) -> str:
        """Return address, layout and checksum of the cached index. Raises SourceError if there is none."""
        if not self.state.sha256:
            raise SourceError(self.label, self.state.failure or NEVER_DOWNLOADED)
        # Not the URL itself: a catalog stores fingerprints, and a query may be a signature.
        parts = (self.address.key, *astuple(self.address.place), self.state.layout, self.state.sha256)
        return "\0".join(parts)

    @property
    def index(self) -> IndexFile:
        """The cached index as a source. Raises SourceError if it is not readable."""
        if not self.state.has_index:
            # Transient: the same index may be downloaded again, and must then not count as compiled already.
            raise SourceError(self.label, self.state.failure or NEVER_DOWNLOADED, transient=True)
        file = Path(self.state.file)
        # A download was verified when it was received.
        stored = StoredBytes(self.state.size, self.state.sha256) if self.state.by_spack else None
        return IndexFile(file, self.address.place, stored, self.label)

    def parts(self, report: Report) -> Sequence[SourcePart]:
        """See `Divisible`."""
        return self.index.parts(report)

    def batches(self, report: Report) -> Iterator[Batch]:
        """See `Source`."""
        return self.index.batches(report)
