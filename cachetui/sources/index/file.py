"""An index as a file on this machine: that of a mirror of any layout, one that was downloaded, or one alone.

What is compiled already is opened without reading it, so that what reads it is brought in late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from cachetui.errors import SourceError
from cachetui.files import file_fingerprint, unreadable
from cachetui.sources.base import Batch, Part, Report
from cachetui.spec import Place
from cachetui.text import clean


class Stored(Struct, frozen=True):
    """What a manifest says of the bytes of an index.

    Args:
        signed: the manifest carries a signature.
    """

    length: int
    sha256: str
    signed: bool = False


class IndexFile:
    """One index file, as a source.

    Args:
        file: plain or gzip.
        place: where its builds are, as they tell it; the mirror is the name of the source.
        stored: what it is checked against before it is read.
        label: what it is called when something is wrong in it; empty: its path.
    """

    is_one_file = True

    def __init__(self, file: Path, place: Place, stored: Stored | None = None, label: str = "") -> None:
        self.file = file
        self.place = place
        self.name = place.mirror
        self.label = label or clean(str(file))
        self._stored = stored

    @property
    def is_blob(self) -> bool:
        """Whether a manifest names it."""
        return self._stored is not None

    @property
    def is_signed(self) -> bool:
        """Whether the manifest that names it carries a signature."""
        return self._stored is not None and self._stored.signed

    def fingerprint(self) -> str:
        """By name, size and modification time of the file, and the place. Raises SourceError."""
        return "\0".join((file_fingerprint(self.file), self.place.tag, self.place.stack, self.place.view))

    def parts(self, report: Report) -> Sequence[Part]:
        """Runs of records of a big plain index; none if it has to be read as a whole. Raises SourceError."""
        from cachetui.sources.index.database import index_parts

        self._check()
        return index_parts(self.file, self.place, self.label, report)

    def nothing_read(self, failures: Sequence[SourceError]) -> SourceError:
        """The first failure: it is one file."""
        return failures[0]

    def batches(self, report: Report) -> Iterator[Batch]:
        """The specs of the index, in its order; records that cannot be read go to `report`."""
        from cachetui.sources.index.database import index_batches

        return index_batches(self.file, self.place, self.label, report)

    def _check(self) -> None:
        """Raises SourceError if it is not what the manifest says."""
        if self._stored is None:
            return
        from cachetui.fetch import difference, file_digest

        try:
            size, digest = self.file.stat().st_size, file_digest(self.file)
        except OSError as error:
            raise unreadable(self.file, error) from error
        if problem := difference(size, digest, self._stored.length, self._stored.sha256):
            raise SourceError(self.label, problem)
