"""Open the catalog of some locations: the one on disk if it is current, else a newly compiled one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from cachetui import paths
from cachetui.catalog import Catalog
from cachetui.errors import (
    CachetuiError,
    CatalogError,
    DamagedError,
    LocationError,
    OtherSchemaError,
    SourceError,
)
from cachetui.files import is_own
from cachetui.locate import is_catalog
from cachetui.refresh.damage import damage_note, opened_sound, put_aside, set_aside
from cachetui.refresh.found import Found, find_sources
from cachetui.refresh.opened import Opened, previous_catalog, stale_text
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import OnProgress, ProgressReporter
from cachetui.refresh.read_report import ReadReport
from cachetui.sources import local_path
from cachetui.text import clean, reason_of, redacted, redacted_text

if TYPE_CHECKING:
    from cachetui.fetch import IndexState
    from cachetui.refresh.asking import Asking
    from cachetui.refresh.compilation import Compilation


def open_catalog(
    locations: Sequence[str],
    on_progress: OnProgress = lambda progress: None,
    policy: Policy = Policy(),  # noqa: B008 - frozen
    output: Path | None = None,
    asking: Asking | None = None,
) -> Opened:
    """Open the catalog of some locations, compiled anew if their content has changed.

    Mirrors are asked for changes when the policy says so. A source that fails does not hide the others.

    Args:
        locations: one compiled catalog or any number of sources; empty: those of the configuration.
        output: compile into this file.
        asking: mirrors that have not answered in time are asked on in it, for the next call; else they are
            given up.

    Raises:
        CachetuiError: no location can be read, or no catalog can be written anywhere.
    """
    notes = paths.distrust_notes()
    if output:
        _check_folder(output)
    opened, policy = (None, policy) if output else _open_directly(locations, policy)
    if opened is None:
        opened = _open_from_sources(locations, on_progress, policy, output, asking)
    return _with_notes(opened, policy, notes)


def _with_notes(opened: Opened, policy: Policy, notes: Sequence[str]) -> Opened:
    unusable = (policy.unusable,) if policy.unusable else ()
    return replace(opened, notes=(*notes, *unusable, *opened.notes))


def open_cached(locations: Sequence[str], policy: Policy) -> Opened | None:
    """Open the catalog on disk, current or not; None if there is none.

    The browser opens it before any mirror is asked: what was compiled last is shown at once, and a slow
    network or a long compile renews it in the background.
    """
    notes = paths.distrust_notes()
    try:
        opened, policy = _open_directly(locations, policy)
        if opened is not None:
            return opened
        found = find_sources(locations, policy)
        report = ReadReport()
        opened = _open_if_current(found.path, found.fingerprint(report), report)
        is_outdated = opened is None
        if opened is None:
            if not is_own(found.path):
                return None
            opened = Opened.of(opened_sound(found.path))
    except (CachetuiError, OSError, KeyError, msgspec.DecodeError):
        return None
    states = [source.state for _, source in found.remote]
    # In the background nothing waits for a mirror that was not waited for before.
    is_due = not policy.offline and any(policy.is_due(state) or state.unanswered for state in states)
    return replace(
        _with_notes(opened, policy, notes),
        used=found.used_files(),
        unread=found.unread(),
        stale=tuple(filter(None, (stale_text(source.label, source.state) for _, source in found.remote))),
        is_outdated=is_outdated,
        is_due=is_outdated or is_due,
    )


def _open_from_sources(
    locations: Sequence[str],
    on_progress: OnProgress,
    policy: Policy,
    output: Path | None,
    asking: Asking | None,
) -> Opened:
    found = find_sources(locations, policy)
    try:
        return _refresh(found, on_progress, policy, output, asking)
    except (LocationError, SourceError, CatalogError, OSError, MemoryError, RecursionError) as error:
        if isinstance(error, LocationError | SourceError) and found.was_replaced():
            return _refresh(find_sources(locations, policy), on_progress, policy, output, asking)
        # Nothing can be compiled now, which is no reason to show nothing of what could be read before.
        report = ReadReport([reason_of(error)])
        previous = None if output else previous_catalog(found.path, report, must_be_complete=False)
        is_going_on = asking is not None and asking.is_going_on
        if previous is not None:
            return replace(previous, is_partial=is_going_on, unread=found.unread())
        if is_going_on:  # one of the others may be readable
            return _open_from_sources(locations, on_progress, policy, output, asking)
        if policy.wait is not None and any(source.state.unanswered for _, source in found.remote):
            return _open_from_sources(locations, on_progress, replace(policy, wait=None), output, asking)
        raise


def _refresh(
    found: Found, on_progress: OnProgress, policy: Policy, output: Path | None, asking: Asking | None
) -> Opened:
    notes: list[str] = []
    stale: list[str] = []
    damaged = ""
    is_going_on = asking is not None and asking.is_going_on
    if is_going_on or any(_needs_update(source.state, policy) for _, source in found.remote):
        # Imported late: a catalog known to be current is opened without the modules that download.
        from cachetui.refresh.updating import MirrorUpdater

        store, progress = found.remote[0][1].store, ProgressReporter(on_progress)
        with _lent(asking) as lent:
            updater = MirrorUpdater(policy, store, progress, lent, keeps_asking=asking is not None)
            updater.update(found.remote, others=len(found.sources) > len(found.remote))
        notes, stale = updater.notes, updater.stale
    report = ReadReport()
    # The fingerprint decides: an index that was confirmed or downloaded unchanged is not compiled again.
    fingerprint = found.fingerprint(report)
    opened = None
    if not (output or policy.afresh):
        opened = _open_if_current(found.path, fingerprint, report, policy.force)
    if not output and opened is None:
        damaged = damage_note(found.path)
    if opened is None and report.missing:
        opened = previous_catalog(output or found.path, report)
    if opened is None and not output and not policy.force:
        # Imported late, too.
        from cachetui.refresh.refused import refused_before

        opened = refused_before(found.path, fingerprint, report)
    if opened is None:
        # Imported late: most starts open a compiled catalog.
        from cachetui.refresh.compilation import Compilation
        from cachetui.refresh.memory import return_memory, share_memory

        compilation = Compilation(found, fingerprint, report, output, policy.afresh)
        share_memory()
        opened = _compile(compilation, on_progress, is_browser=asking is not None)
        return_memory()
    return replace(
        opened,
        notes=(*opened.notes, *notes),
        damaged=(damaged,) if damaged else (),
        stale=tuple(stale),
        used=found.used_files(),
        unread=found.unread(),
        is_partial=asking is not None and asking.is_going_on,
    )


def _compile(compilation: Compilation, on_progress: OnProgress, is_browser: bool) -> Opened:
    """Compile and open a catalog: in another process, if this one lives on with it."""
    # Imported late, all of it: most starts open a compiled catalog, and a browser may never compile itself.
    if is_browser:
        from cachetui.refresh.apart import compile_apart

        opened = compile_apart(compilation, on_progress)
        if opened is not None:
            return opened
    from cachetui.refresh.compiling import compile_sources

    return compile_sources(compilation, on_progress)


@contextmanager
def _lent(asking: Asking | None) -> Iterator[Asking]:
    """Provide what asks the mirrors; what this makes itself is closed in the end, whatever happens."""
    from cachetui.refresh.asking import Asking

    if asking is not None:
        yield asking
        return
    own = Asking()
    try:
        yield own
    finally:
        own.close()


def _needs_update(state: IndexState, policy: Policy) -> bool:
    """Whether the mirror has to be asked, another index may replace its own, or the user is to be warned."""
    return policy.offline or bool(state.failure) or not state.has_index or policy.is_due(state)


def _open_directly(locations: Sequence[str], policy: Policy) -> tuple[Opened | None, Policy]:
    """Open a catalog named on the command line or in the configuration.

    Returns:
        The catalog, None if neither names one that can be opened, and the policy for what is opened instead.
    """
    if len(locations) == 1 and is_catalog(locations[0]):
        return _open_file(locations[0]), policy
    if locations or not policy.catalog:
        return None, policy
    try:
        return _open_file(policy.catalog, opened_sound), policy
    except (CatalogError, OSError) as error:
        unusable = f"the catalog of the configuration is not used: {clean(str(error))}"
        return None, replace(policy, catalog="", unusable=unusable)


def _open_file(location: str, opener: Callable[[Path], Catalog] = Catalog) -> Opened:
    """Open one compiled catalog. Raises CatalogError, OSError."""
    try:
        return Opened.of(opener(local_path(location)))
    except (KeyError, ValueError, RuntimeError) as error:  # not a path, or the home of an unknown user
        raise CatalogError(
            f"{redacted(location)[:200]}: not a catalog of builds ({redacted_text(str(error))})"
        ) from error


def _verify(catalog: Catalog) -> None:
    try:
        catalog.verify()
    except CatalogError:
        catalog.close()
        raise


def _check_folder(file: Path) -> None:
    """Raise CatalogError if the file cannot be written, before anything is downloaded for it."""
    folder = file.parent
    if not folder.is_dir():
        raise CatalogError(f"{clean(str(folder))}: no such folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CatalogError(f"{clean(str(folder))}: nothing can be written in this folder")


def _open_if_current(
    path: Path, fingerprint: str, report: ReadReport, verified: bool = False
) -> Opened | None:
    """Open the catalog on disk if it was compiled from sources with this fingerprint.

    Args:
        verified: read all of it. What is damaged is set aside.
    """
    try:
        if not is_own(path):
            return None
        catalog = opened_sound(path)
        if verified:
            _verify(catalog)
    except (OtherSchemaError, OSError):
        return None
    except CatalogError as error:
        if isinstance(error, DamagedError):
            set_aside(error)
        else:
            put_aside(path)
        return None
    if catalog.meta.get("fingerprint") == fingerprint:
        with suppress(KeyError, msgspec.DecodeError):
            opened = Opened.of(catalog)
            # What was missing before reading stands first; there may be other reasons for it now.
            known = len(report.missing)
            failures = (*report.failures, *opened.failures[known:])
            return replace(opened, failures=failures, unanswered=tuple(report.unanswered))
    catalog.close()
    return None
