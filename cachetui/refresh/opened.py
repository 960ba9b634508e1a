"""A catalog that is open, and what a person should be told about it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cachetui.catalog import Catalog
from cachetui.errors import CatalogError
from cachetui.sources import SAMPLE
from cachetui.text import age_text

if TYPE_CHECKING:
    from cachetui.fetch import IndexState


class Opened(Struct, frozen=True):
    """A catalog that is ready, and what a person should be told about it.

    Args:
        failures: sources that could not be read, one line each.
        problems: records that were skipped, one line each, MAX_PROBLEMS at most.
        skipped: how many records were skipped.
        notes: what else was done differently, one line each.
        stale: mirrors that could not be asked now, one line each; what is kept of them is in the catalog.
        compiled: False if the catalog on disk was up to date.
        is_outdated: something else lies at the locations now.
        is_due: it is time to look whether there is something new.
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

    @property
    def is_sample(self) -> bool:
        """Whether it is the embedded sample."""
        return self.catalog.meta["title"] == SAMPLE


def previous_catalog(path: Path, failures: Sequence[str]) -> Opened | None:
    """The catalog of an earlier start, if all its sources could be read then: it is not given up for less."""
    with suppress(CatalogError, OSError, KeyError, msgspec.DecodeError):
        opened = opened_catalog(Catalog(path))
        if not opened.failures:
            note = "this is what was compiled at an earlier start"
            return replace(opened, failures=tuple(failures), notes=(*opened.notes, note))
        opened.catalog.close()
    return None


def opened_catalog(catalog: Catalog, notes: tuple[str, ...] = (), compiled: bool = False) -> Opened:
    """A catalog with what was found when it was compiled. Raises KeyError, msgspec.DecodeError."""
    failures, problems, skipped, found = msgspec.json.decode(
        catalog.meta["findings"], type=tuple[tuple[str, ...], tuple[str, ...], int, tuple[str, ...]]
    )
    return Opened(catalog, failures, problems, skipped, (*found, *notes), compiled=compiled)


def stale_text(label: str, state: IndexState) -> str:
    """Why a mirror could not be asked, and what is shown of it instead; empty if neither is so."""
    if not state.failure or not state.has_index:
        return ""
    whose = "the index that Spack downloaded" if state.by_spack else "its index of"
    return f"{label}: {state.failure}; {whose} {age_text(state.age())} ago is shown"
