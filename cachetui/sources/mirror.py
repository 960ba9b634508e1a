"""A mirror behind a network, as a source: what is read is what is kept of it on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from msgspec.structs import astuple

from cachetui.errors import SourceError
from cachetui.fetch import Address, IndexState, Store
from cachetui.sources.base import Batch, Part, Report
from cachetui.sources.index import IndexFile, Stored
from cachetui.text import redacted

NEVER_READ = "never downloaded; connect once to fetch it"


class MirrorSource:
    """The index of a mirror, as it is kept.

    Args:
        address: of the mirror.
        store: what is kept of mirrors.
    """

    is_one_file = True

    def __init__(self, address: Address, store: Store) -> None:
        self.address = address
        self.store = store
        self.name = address.place.mirror

    @property
    def label(self) -> str:
        """The mirror for a person: its name, and where it is."""
        url = redacted(self.address.url)
        view = f" view {self.address.view}" if self.address.view else ""
        return f"{self.name} ({url}{view})"

    @cached_property
    def state(self) -> IndexState:
        """What is kept of it, looked up once: a catalog is of one state."""
        return self.store.read(self.address)

    def reload(self) -> IndexState:
        """What is kept of it now."""
        self.__dict__.pop("state", None)
        return self.state

    def fingerprint(self) -> str:
        """By the checksum of the index. Raises SourceError if there is none."""
        if not self.state.sha256:
            raise SourceError(self.label, self.state.failure or NEVER_READ)
        # Not the URL itself: a catalog stores fingerprints, and a query may be a signature.
        parts = (self.address.key, *astuple(self.address.place), self.state.layout, self.state.sha256)
        return "\0".join(parts)

    @property
    def index(self) -> IndexFile:
        """The file that is read. Raises SourceError."""
        if not self.state.has_index:
            # The next download may bring the same index, whose fingerprint this catalog must not have.
            raise SourceError(self.label, self.state.failure or NEVER_READ, transient=True)
        file = Path(self.state.file)
        # What was downloaded was checked then.
        stored = Stored(self.state.size, self.state.sha256) if self.state.by_spack else None
        return IndexFile(file, self.address.place, stored, self.label)

    def parts(self, report: Report) -> Sequence[Part]:
        """See `Divisible`."""
        return self.index.parts(report)

    def nothing_read(self, failures: Sequence[SourceError]) -> SourceError:
        """The first failure: it is one file."""
        return failures[0]

    def batches(self, report: Report) -> Iterator[Batch]:
        """The specs of the index, in its order; records that cannot be read go to `report`."""
        return self.index.batches(report)
