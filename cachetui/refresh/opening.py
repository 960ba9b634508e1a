"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from cachetui.catalog import Catalog
from cachetui.errors import CachetuiError, CatalogError, LocationError, SourceError
from cachetui.locate import is_catalog
from cachetui.refresh.found import Found, find_sources
from cachetui.refresh.opened import Opened, opened_catalog, previous_catalog, stale_text
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import OnProgress, ProgressReporter
from cachetui.refresh.read_report import ReadReport
from cachetui.sources import local_path
from cachetui.text import clean, redacted, redacted_text

if TYPE_CHECKING:
    from cachetui.fetch import IndexState


def open_catalog(
    locations: Sequence[str],
    on_progress: OnProgress = lambda progress: None,
    policy: Policy = Policy(),  # noqa: B008 - frozen
    output: Path | None = None,
) -> Opened:
    """The catalog of some locations: the one on disk if their content is unchanged, else a new one.

    Mirrors are asked whether theirs is, if it is time to. A source that fails hides none of the others.

    Args:
        locations: without any, those of the configuration; or one compiled catalog.
        output: compile into this file.

    Raises:
        CachetuiError: no location could be read, or no catalog can be written anywhere.
    """
    notes: list[str] = []
    if output:
        _check_folder(output)
    opened = None if output else _opened_directly(locations, policy, notes)
    if opened is None:
        opened = _opened_from_sources(locations, on_progress, policy, output)
    return replace(opened, notes=(*notes, *opened.notes))


def _opened_from_sources(
    locations: Sequence[str], on_progress: OnProgress, policy: Policy, output: Path | None
) -> Opened:
    found = find_sources(locations, policy)
    try:
        return _open_catalog(found, on_progress, policy, output)
    except (LocationError, SourceError) as error:
        if found.was_replaced():
            return _open_catalog(find_sources(locations, policy), on_progress, policy, output)
        kept = None if output else previous_catalog(found.path, [clean(str(error))])
        if kept is None:
            raise
        return kept


def _open_catalog(found: Found, on_progress: OnProgress, policy: Policy, output: Path | None) -> Opened:
    notes: list[str] = []
    stale: list[str] = []
    if any(_needs_updating(source.state, policy) for _, source in found.remote):
        # Not at the top: what is known to be up to date is opened without all that fetches.
        from cachetui.refresh.updating import MirrorUpdater

        updating = MirrorUpdater(policy, found.remote[0][1].store, ProgressReporter(on_progress))
        updating.update(found.remote, others=len(found.sources) > len(found.remote))
        notes, stale = updating.notes, updating.stale
    findings = ReadReport()
    prints = found.prints(findings)
    opened = None if output else _current(found.path, prints, findings)
    if opened is None and findings.failures:
        opened = previous_catalog(output or found.path, findings.failures)
    if opened is None:
        # Not at the top: most starts open what is compiled.
        from cachetui.refresh.compiling import Compilation, compiled
        from cachetui.refresh.memory import return_memory

        opened = compiled(Compilation(found, prints, findings, output), on_progress)
        return_memory()
    return replace(opened, notes=(*opened.notes, *notes), stale=tuple(stale))


def _needs_updating(state: IndexState, policy: Policy) -> bool:
    """Whether a mirror has to be asked, or something may be read in its place, or has to be told."""
    return policy.offline or bool(state.failure) or not state.has_index or policy.is_due(state)


def _opened_directly(locations: Sequence[str], policy: Policy, notes: list[str]) -> Opened | None:
    """A compiled catalog that is named, or that of the configuration; None if there is neither."""
    if len(locations) == 1 and is_catalog(locations[0]):
        return _catalog_at(locations[0])
    if locations or not policy.catalog:
        return None
    try:
        return _catalog_at(policy.catalog)
    except (CatalogError, OSError) as error:
        notes.append(f"the catalog of the configuration is not used: {clean(str(error))}")
        return None


def _catalog_at(location: str) -> Opened:
    """Raises CatalogError, OSError."""
    try:
        return opened_catalog(Catalog(local_path(location)))
    except (KeyError, ValueError, RuntimeError) as error:  # no path, or one to the home of nobody
        raise CatalogError(
            f"{redacted(location)[:200]}: not a catalog of builds ({redacted_text(str(error))})"
        ) from error


def _check_folder(file: Path) -> None:
    """Before much is downloaded: whether a file can be written there. Raises CatalogError."""
    folder = file.parent
    if not folder.is_dir():
        raise CatalogError(f"{clean(str(folder))}: no such folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CatalogError(f"{clean(str(folder))}: nothing can be written in this folder")


def open_cached(locations: Sequence[str], policy: Policy) -> Opened | None:
    """The catalog on disk, and whether it is time to look for something new; None if there is none."""
    notes: list[str] = []
    try:
        opened = _opened_directly(locations, policy, notes)
        if opened is not None:
            return opened
        found = find_sources(locations, policy)
        findings = ReadReport()
        opened = _current(found.path, found.prints(findings), findings)
        is_outdated = opened is None
        opened = opened or opened_catalog(Catalog(found.path))
    except (CachetuiError, OSError, KeyError, msgspec.DecodeError):
        return None
    is_due = not policy.offline and any(policy.is_due(source.state) for _, source in found.remote)
    return replace(
        opened,
        notes=(*notes, *opened.notes),
        stale=tuple(filter(None, (stale_text(each.label, each.state) for _, each in found.remote))),
        is_outdated=is_outdated,
        is_due=is_outdated or is_due,
    )


def _current(path: Path, prints: str, findings: ReadReport) -> Opened | None:
    """The catalog on disk, if it was compiled from what lies at the locations now."""
    try:
        if not path.is_file():
            return None
        catalog = Catalog(path)
    except (CatalogError, OSError):
        return None
    if catalog.meta.get("fingerprint") == prints:
        with suppress(KeyError, msgspec.DecodeError):
            opened = opened_catalog(catalog)
            # Those that can be told before reading stand first; now they may have other reasons.
            known = len(findings.failures)
            return replace(opened, failures=(*findings.failures, *opened.failures[known:]))
    catalog.close()
    return None
