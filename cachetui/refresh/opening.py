"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zlib import crc32

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from cachetui import __version__, paths
from cachetui.catalog import Catalog
from cachetui.errors import CachetuiError, CatalogError, LocationError, SourceError
from cachetui.locate.locations import Located, Locations, is_catalog
from cachetui.refresh.ages import stale_text
from cachetui.refresh.findings import Findings
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import Advance, OnProgress
from cachetui.sources import SAMPLE, Source, local_path
from cachetui.text import clean, redacted, redacted_text

if TYPE_CHECKING:
    from cachetui.fetch import Kept
    from cachetui.sources import MirrorSource


class Opened(Struct, frozen=True):
    """A catalog that is ready, and what a person should be told about it.

    Args:
        failures: sources that could not be read, one line each.
        problems: records that were skipped, one line each, KEPT_PROBLEMS at most.
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


class Found(Struct):
    """The sources of some locations.

    Args:
        located: what the locations mean.
        path: where their catalog lies.
        errors: of locations that mean nothing, or lead to nothing that can be read.
    """

    located: list[Located] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    behind_network: list[tuple[Located, MirrorSource]] = field(default_factory=list)
    errors: list[CachetuiError] = field(default_factory=list)
    path: Path = Path()

    def prints(self, findings: Findings) -> str:
        """A text that changes with the content of the sources, or with which of them cannot be read.

        Why they cannot is no part of it: that may be put in other words at each try.

        Raises:
            CachetuiError: none of them can be read; the first error.
        """
        errors, readable, prints = list(self.errors), [], []
        for source in self.sources:
            try:
                prints.append((source.name, source.fingerprint()))
                readable.append(source)
            except SourceError as error:
                errors.append(error)
        if errors and not readable:
            raise errors[0]
        self.sources = readable
        findings.failures += [clean(str(error)) for error in errors]
        failing = [error.place if isinstance(error, SourceError) else clean(str(error)) for error in errors]
        return msgspec.json.encode([__version__, prints, failing]).decode()

    def was_replaced(self) -> bool:
        """Whether another process has fetched newer indexes, and let go of those that were to be read."""
        return any(
            not source.kept.is_there and source.look_again().is_there for _, source in self.behind_network
        )


def find_sources(locations: Sequence[str], policy: Policy) -> Found:
    """What the locations, or without any those of the configuration, lead to; no network is asked."""
    meanings = Locations(policy)
    found = Found()
    names: list[str] = []
    for location in locations:
        try:
            found.located.append(meanings.locate(location))
            names.append(found.located[-1].identity)
        except LocationError as error:
            found.errors.append(error)
            names.append(location)
    if not locations:
        found.located = meanings.defaults(found.errors)
        names = [located.identity for located in found.located]
    for located in found.located:
        try:
            sources = meanings.open(located)
        except (LocationError, SourceError) as error:
            found.errors.append(error)
            continue
        found.sources += sources
        if located.address is not None:
            found.behind_network += [(located, cast("MirrorSource", each)) for each in sources]
    found.path = _path(names)
    return found


def _path(names: Sequence[str]) -> Path:
    """The file of the catalog of what has these names."""
    text = "\0".join(names).encode(errors="surrogateescape")
    # Two that had the same name would only compile by turns; hashlib would bring in OpenSSL at each start.
    return paths.catalog_dir() / f"{crc32(text):08x}{crc32(text[::-1]):08x}.sqlite"


class Compilation(Struct, frozen=True):
    """What is to be compiled.

    Args:
        prints: the fingerprint of all of it.
        output: the file that is written, and no other.
    """

    found: Found
    prints: str
    findings: Findings
    output: Path | None = None

    @property
    def title(self) -> str:
        """What stands on top of the screen."""
        if [located.path for located in self.found.located] == [SAMPLE]:
            return SAMPLE
        return " + ".join(dict.fromkeys(source.name for source in self.found.sources))


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
        kept = None if output else kept_from_before(found.path, [clean(str(error))])
        if kept is None:
            raise
        return kept


def _open_catalog(found: Found, on_progress: OnProgress, policy: Policy, output: Path | None) -> Opened:
    notes: list[str] = []
    stale: list[str] = []
    if any(_needs_updating(source.kept, policy) for _, source in found.behind_network):
        # Not at the top: what is known to be up to date is opened without all that fetches.
        from cachetui.refresh.updating import Updating

        updating = Updating(policy, found.behind_network[0][1].store, Advance(on_progress))
        updating.update(found.behind_network, others=len(found.sources) > len(found.behind_network))
        notes, stale = updating.notes, updating.stale
    findings = Findings()
    prints = found.prints(findings)
    opened = None if output else _current(found.path, prints, findings)
    if opened is None and findings.failures:
        opened = kept_from_before(output or found.path, findings.failures)
    if opened is None:
        # Not at the top: most starts open what is compiled.
        from cachetui.refresh.compiling import compiled

        opened = compiled(Compilation(found, prints, findings, output), on_progress)
    return replace(opened, notes=(*opened.notes, *notes), stale=tuple(stale))


def _needs_updating(kept: Kept, policy: Policy) -> bool:
    """Whether a mirror has to be asked, or something may be read in its place, or has to be told."""
    return policy.offline or bool(kept.failure) or not kept.is_there or policy.is_due(kept)


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


def up_to_date(locations: Sequence[str], policy: Policy = Policy()) -> Opened | None:  # noqa: B008 - frozen
    """The catalog on disk if it still holds what lies at the locations; reads none of their content."""
    opened = at_hand(locations, policy)
    if opened is None or not opened.is_outdated:
        return opened
    opened.catalog.close()
    return None


def at_hand(locations: Sequence[str], policy: Policy) -> Opened | None:
    """The catalog on disk, and whether it is time to look for something new; None if there is none."""
    notes: list[str] = []
    try:
        opened = _opened_directly(locations, policy, notes)
        if opened is not None:
            return opened
        found = find_sources(locations, policy)
        findings = Findings()
        opened = _current(found.path, found.prints(findings), findings)
        is_outdated = opened is None
        opened = opened or opened_catalog(Catalog(found.path))
    except (CachetuiError, OSError, KeyError, msgspec.DecodeError):
        return None
    is_due = not policy.offline and any(policy.is_due(source.kept) for _, source in found.behind_network)
    return replace(
        opened,
        notes=(*notes, *opened.notes),
        stale=tuple(filter(None, (stale_text(each.label, each.kept) for _, each in found.behind_network))),
        is_outdated=is_outdated,
        is_due=is_outdated or is_due,
    )


def _current(path: Path, prints: str, findings: Findings) -> Opened | None:
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


def kept_from_before(path: Path, failures: Sequence[str]) -> Opened | None:
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
