"""What could not be compiled last: content with a damaged source is not read again at each start.

While the catalog of an earlier start is shown in place of it, the same content would be refused again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from cachetui.files import read_own, replace_file
from cachetui.refresh.opened import Opened, previous_catalog
from cachetui.refresh.read_report import ReadReport

SUFFIX = ".refused"


def remember_refused(catalog: Path, fingerprint: str, failures: Sequence[str]) -> None:
    """Remember what the content was and what failed; where nothing can be written, it is read again."""
    with suppress(OSError):
        replace_file(catalog.with_suffix(SUFFIX), msgspec.json.encode((fingerprint, failures)))


def forget_refused(catalog: Path) -> None:
    """Forget it, as a catalog was compiled."""
    with suppress(OSError):
        catalog.with_suffix(SUFFIX).unlink()


def refused_before(catalog: Path, fingerprint: str, report: ReadReport) -> Opened | None:
    """Open the catalog of an earlier start if this very content was refused; None: it has to be read."""
    file = catalog.with_suffix(SUFFIX)
    with suppress(OSError, ValueError, RecursionError):
        before, failures = msgspec.json.decode(read_own(file), type=tuple[str, tuple[str, ...]])
        if before == fingerprint:
            # What failed before reading stands first; there may be other reasons for it now.
            report.failures += failures[len(report.failures) :]
            return previous_catalog(catalog, report)
    return None
