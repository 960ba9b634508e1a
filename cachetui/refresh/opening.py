"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from __future__ import annotations

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
from cachetui.refresh.findings import Findings
from cachetui.refresh.locations import Located, Locations, is_catalog
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import Advance, OnProgress
from cachetui.sources import SAMPLE, Source, clean, local_path

if TYPE_CHECKING:
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
        """A text that changes with the content of the sources, or with what cannot be read of them.

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
        return msgspec.json.encode([__version__, prints, findings.failures]).decode()


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
    opened = None if output else _opened_directly(locations, policy, notes)
    if opened is None:
        found = find_sources(locations, policy)
        try:
            opened = _open_catalog(found, on_progress, policy, output)
        except (LocationError, SourceError) as error:
            kept = None if output else kept_from_before(found.path, [clean(str(error))])
            if kept is None:
                raise
            opened = kept
    return replace(opened, notes=(*notes, *opened.notes))


def _open_catalog(found: Found, on_progress: OnProgress, policy: Policy, output: Path | None) -> Opened:
    notes: list[str] = []
    stale: list[str] = []
    if found.behind_network:
        # Not at the top: what lies on this machine is opened without all that fetches.
        from cachetui.refresh.updating import Updating

        updating = Updating(policy, found.behind_network[0][1].store, Advance(on_progress))
        updating.update(found.behind_network)
        notes, stale = updating.notes, updating.stale
    findings = Findings()
    prints = found.prints(findings)
    opened = None if output else _current(found.path, prints)
    if opened is None:
        # Not at the top: most starts open what is compiled.
        from cachetui.refresh.compiling import compiled

        opened = compiled(Compilation(found, prints, findings, output), on_progress)
    return replace(opened, notes=(*opened.notes, *notes), stale=tuple(stale))


def _opened_directly(locations: Sequence[str], policy: Policy, notes: list[str]) -> Opened | None:
    """A compiled catalog that is named, or that of the configuration; None if there is neither."""
    if len(locations) == 1 and is_catalog(locations[0]):
        return opened_catalog(Catalog(local_path(locations[0])))
    if locations or not policy.catalog:
        return None
    try:
        return opened_catalog(Catalog(local_path(policy.catalog)))
    except (CatalogError, OSError, KeyError, msgspec.DecodeError) as error:
        notes.append(f"the catalog of the configuration is not used: {clean(str(error))}")
        return None


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
        opened = _current(found.path, found.prints(Findings()))
        is_outdated = opened is None
        opened = opened or opened_catalog(Catalog(found.path))
    except (CachetuiError, OSError, KeyError, msgspec.DecodeError):
        return None
    is_due = not policy.offline and any(policy.is_due(source.kept) for _, source in found.behind_network)
    return replace(
        opened,
        notes=(*notes, *opened.notes),
        stale=tuple(_told_failures(found)),
        is_outdated=is_outdated,
        is_due=is_outdated or is_due,
    )


def _told_failures(found: Found) -> list[str]:
    return [
        f"{source.label}: {source.kept.failure}"
        for _, source in found.behind_network
        if source.kept.failure and source.kept.is_there
    ]


def _current(path: Path, prints: str) -> Opened | None:
    """The catalog on disk, if it was compiled from what lies at the locations now."""
    try:
        if not path.is_file():
            return None
        catalog = Catalog(path)
    except (CatalogError, OSError):
        return None
    if catalog.meta.get("fingerprint") == prints:
        with suppress(KeyError, msgspec.DecodeError):
            return opened_catalog(catalog)
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
