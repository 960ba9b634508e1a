"""What is to be compiled, as data that another process can be given."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from cachetui.refresh.found import Found
from cachetui.refresh.read_report import ReadReport
from cachetui.sources import SAMPLE
from cachetui.spec import INSTALLED


class Compilation(Struct, frozen=True):
    """What is to be compiled.

    Args:
        fingerprint: of the content of all sources.
        output: the only file that may be written; None: the catalog of the sources.
        afresh: nothing of the previous catalog is used.
        spare: a folder to make and write into if that of the catalog is read-only or full; None: a temporary
            one.
    """

    found: Found
    fingerprint: str
    report: ReadReport
    output: Path | None = None
    afresh: bool = False
    spare: Path | None = None

    @property
    def title(self) -> str:
        """The title of the catalog: the names of its sources."""
        paths = [location.path for location in self.found.locations]
        if paths in ([INSTALLED], [SAMPLE]):
            return paths[0]
        return " + ".join(dict.fromkeys(source.name for source in self.found.sources))
