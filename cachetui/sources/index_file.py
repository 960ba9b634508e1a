"""The index of a layout v2 mirror: `build_cache/index.json`.

What is compiled already is opened without reading it, so that what reads it is brought in late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cachetui.errors import SourceError
from cachetui.sources.base import Batch, Part, Report, file_fingerprint


class IndexV2:
    """One index file, as a source.

    Args:
        file: `index.json`, plain or gzip.
        mirror: the name of the mirror it belongs to.
    """

    is_one_file = True

    def __init__(self, file: Path, mirror: str) -> None:
        self.file = file
        self.name = mirror

    def fingerprint(self) -> str:
        """By name, size and modification time of the file."""
        return file_fingerprint(self.file)

    def parts(self, report: Report) -> Sequence[Part]:
        """Runs of records of a big plain index; none if it has to be read as a whole. Raises SourceError."""
        from cachetui.sources.index_text import index_parts

        return index_parts(self.file, self.name, report)

    def nothing_read(self, failures: Sequence[SourceError]) -> SourceError:
        """The first failure: it is one file."""
        return failures[0]

    def batches(self, report: Report) -> Iterator[Batch]:
        """The specs of the index, in its order; records that cannot be read go to `report`."""
        from cachetui.sources.index_text import index_batches

        return index_batches(self.file, self.name, report)
