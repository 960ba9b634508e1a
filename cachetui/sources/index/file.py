"""An index file on this machine: of a mirror of any layout, a cached download, or a file outside a mirror.

An index that is compiled already is not read, so the modules that read it are imported late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from cachetui.errors import SourceError
from cachetui.files import file_fingerprint, unreadable
from cachetui.sources.base import Batch, Report, SourcePart
from cachetui.spec import Place
from cachetui.text import clean


class StoredBytes(Struct, frozen=True):
    """Length and checksum of an index file according to its manifest.

    Args:
        signed: the manifest carries a signature.
    """

    length: int
    sha256: str
    signed: bool = False


class IndexFile:
    """An index file as a source.

    Args:
        file: plain or gzip.
        place: of its builds; its mirror is the name of the source.
        stored: length and checksum to verify before reading.
        label: its name in messages; empty: its path.
    """

    is_one_file = True

    def __init__(self, file: Path, place: Place, stored: StoredBytes | None = None, label: str = "") -> None:
        self.file = file
        self.place = place
        self.name = place.mirror
        self.label = label or clean(str(file))
        self._stored = stored

    @property
    def is_blob(self) -> bool:
        """Whether it is a blob that a manifest names."""
        return self._stored is not None

    @property
    def is_signed(self) -> bool:
        """Whether the manifest that names it carries a signature."""
        return self._stored is not None and self._stored.signed

    def fingerprint(self) -> str:
        """Return name, size and modification time of the file, and the place. Raises SourceError."""
        return "\0".join((file_fingerprint(self.file), self.place.tag, self.place.stack, self.place.view))

    def parts(self, report: Report) -> Sequence[SourcePart]:
        """Split a big plain index into runs of records; other ones have no parts. Raises SourceError."""
        from cachetui.sources.index.database import index_parts

        self._check()
        return index_parts(self.file, self.place, self.label, report)

    def batches(self, report: Report) -> Iterator[Batch]:
        """See `Source`."""
        from cachetui.sources.index.database import index_batches

        return index_batches(self.file, self.place, self.label, report)

    def _check(self) -> None:
        """Raise SourceError if the file does not match its manifest."""
        if self._stored is None:
            return
        from cachetui.fetch import file_digest, mismatch

        try:
            size, digest = self.file.stat().st_size, file_digest(self.file)
        except OSError as error:
            raise unreadable(self.file, error) from error
        if problem := mismatch(size, digest, self._stored.length, self._stored.sha256):
            raise SourceError(self.label, problem)
