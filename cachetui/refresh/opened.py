"""An open catalog, and what the user should know about it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cachetui import paths
from cachetui.catalog import Catalog
from cachetui.errors import CatalogError
from cachetui.files import is_own
from cachetui.refresh.damage import opened_sound
from cachetui.refresh.read_report import ReadReport
from cachetui.sources import SAMPLE
from cachetui.text import age_text, counted

if TYPE_CHECKING:
    from cachetui.fetch import IndexState


class Opened(Struct, frozen=True):
    """An open catalog, and what the user should know about it.

    Args:
        failures: the sources that could not be read, one line each.
        unread: those of the failures that are about the configuration.
        problems: the skipped records, one line each, MAX_PROBLEMS at most.
        skipped: the number of skipped records.
        notes: what else the user should know, one line each.
        damaged: the catalogs that were damaged and are not used any more, one line each.
        unanswered: the mirrors that were not waited for and are left out, one line each.
        stale: the mirrors that did not answer, one line each; the catalog has their last downloaded index.
        compiled: False if the catalog on disk was up to date.
        is_outdated: the sources have changed since the catalog was compiled.
        used: the files that are marked as used, so that they are not swept; see `tidy`.
        is_due: it is time to check the mirrors for updates.
        is_partial: some mirrors are still being asked.
    """

    catalog: Catalog
    failures: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    skipped: int = 0
    notes: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    compiled: bool = False
    is_outdated: bool = False
    is_due: bool = False
    used: tuple[Path, ...] = ()
    unanswered: tuple[str, ...] = ()
    is_partial: bool = False
    damaged: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def is_sample(self) -> bool:
        """Whether it is the embedded sample."""
        return self.catalog.meta["title"] == SAMPLE

    @property
    def failed_mirrors(self) -> tuple[str, ...]:
        """Those of the failures that are about mirrors."""
        return tuple(line for line in self.failures if line not in self.unread)

    @classmethod
    def of(cls, catalog: Catalog, notes: tuple[str, ...] = (), compiled: bool = False) -> Opened:
        """Decode what was found when the catalog was compiled. Raises KeyError, msgspec.DecodeError.

        The mirrors that were not waited for then count as failures: the catalog is not complete.
        """
        failures, problems, skipped, found = msgspec.json.decode(
            catalog.meta["problems"], type=tuple[tuple[str, ...], tuple[str, ...], int, tuple[str, ...]]
        )
        walked = (_walked_text(catalog.walked),) if catalog.walked else ()
        return cls(catalog, failures, problems, skipped, (*found, *walked, *notes), compiled=compiled)

    def knowing(self, before: Opened) -> Opened:
        """The same, with what was said of damaged catalogs since the browser was started."""
        known = (*before.damaged, *self.damaged)
        return replace(self, damaged=tuple(dict.fromkeys(known)))


def _walked_text(builds: int) -> str:
    return f"{counted(builds, 'build')} with too many dependents to store them: queries for these are slower"


def previous_catalog(path: Path, report: ReadReport, must_be_complete: bool = True) -> Opened | None:
    """Open the catalog of an earlier start, if it was compiled from all its sources.

    A source that fails now, or does not answer, must not take its builds out of the list, so no smaller
    catalog replaces it.
    """
    if path.parent == paths.catalog_dir() and not is_own(path):
        return None
    with suppress(CatalogError, OSError, KeyError, msgspec.DecodeError):
        opened = Opened.of(opened_sound(path))
        if not opened.failures or not must_be_complete:
            note = "showing the catalog compiled at an earlier start"
            return replace(
                opened,
                failures=tuple(report.failures),
                unanswered=tuple(report.unanswered),
                notes=(*opened.notes, note),
            )
        opened.catalog.close()
    return None


def stale_text(label: str, state: IndexState) -> str:
    """Say why a mirror did not answer and how old its index is; empty if it did or has no index."""
    if not state.failure or not state.has_index:
        return ""
    index = "the index that Spack downloaded" if state.by_spack else "its index from"
    return f"{label}: {state.failure}; showing {index} {age_text(state.age())} ago"
