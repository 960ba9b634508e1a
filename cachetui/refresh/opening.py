"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cachetui import __version__, paths
from cachetui.catalog import Catalog
from cachetui.errors import CachetuiError, CatalogError, LocationError, SourceError
from cachetui.refresh.findings import Findings
from cachetui.refresh.progress import OnProgress
from cachetui.sources import SAMPLE, Source, clean, open_sources


class Opened(Struct, frozen=True):
    """A catalog that is ready, and what a person should be told about it.

    Args:
        failures: sources that could not be read, one line each.
        problems: records that were skipped, one line each, KEPT_PROBLEMS at most.
        skipped: how many records were skipped.
        notes: what else was done differently, one line each.
        compiled: False if the catalog on disk was up to date.
    """

    catalog: Catalog
    failures: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    skipped: int = 0
    notes: tuple[str, ...] = ()
    compiled: bool = False


def open_catalog(locations: Sequence[str], on_progress: OnProgress = lambda progress: None) -> Opened:
    """The catalog of some locations: the one on disk if their content is unchanged, else a new one.

    A source that fails hides none of the others.

    Raises:
        CachetuiError: no location could be read, or no catalog can be written anywhere.
    """
    path = _path(locations)
    try:
        return _open_catalog(locations, path, on_progress)
    except (LocationError, SourceError) as error:
        kept = kept_from_before(path, [clean(str(error))])
        if kept is None:
            raise
        return kept


def _open_catalog(locations: Sequence[str], path: Path, on_progress: OnProgress) -> Opened:
    findings = Findings()
    sources, prints = _sources(locations, findings)
    current = _current(path, prints)
    if current is not None:
        return current
    # Not at the top: most starts open what is compiled.
    from cachetui.refresh.compiling import compiled

    return compiled(Compilation(locations, sources, prints, findings), path, on_progress)


class Compilation(Struct, frozen=True):
    """What is to be compiled.

    Args:
        prints: the fingerprint of all of it.
    """

    locations: Sequence[str]
    sources: Sequence[Source]
    prints: str
    findings: Findings


def up_to_date(locations: Sequence[str]) -> Opened | None:
    """The catalog on disk if it still holds what lies at the locations; reads none of their content."""
    try:
        _, prints = _sources(locations, Findings())
    except CachetuiError:
        return None
    return _current(_path(locations), prints)


def _sources(locations: Sequence[str], findings: Findings) -> tuple[list[Source], str]:
    """The sources that can be opened, and one text that changes with their content or with what cannot be."""
    sources: list[Source] = []
    prints: list[tuple[str, str]] = []
    errors: list[CachetuiError] = []
    for location in locations:
        try:
            found = open_sources([location])
            prints += [(source.name, source.fingerprint()) for source in found]
            sources += found
        except (LocationError, SourceError) as error:
            errors.append(error)
    if errors and not sources:
        raise errors[0]
    findings.failures += [clean(str(error)) for error in errors]
    return sources, msgspec.json.encode([__version__, prints, findings.failures]).decode()


def _path(locations: Sequence[str]) -> Path:
    """The file of the catalog of some locations."""
    names = "\0".join(map(_absolute, locations)).encode(errors="surrogateescape")
    # Two that had the same name would only compile by turns; hashlib would bring in OpenSSL at each start.
    return paths.catalog_dir() / f"{crc32(names):08x}{crc32(names[::-1]):08x}.sqlite"


def _absolute(location: str) -> str:
    """The same text from whatever folder a location is named."""
    if location == SAMPLE or "://" in location:
        return location
    return os.path.abspath(os.path.expanduser(location))


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


def title_of(locations: Sequence[str], sources: Sequence[Source]) -> str:
    """What stands on top of the screen."""
    if list(locations) == [SAMPLE]:
        return SAMPLE
    return " + ".join(dict.fromkeys(source.name for source in sources))


def opened_catalog(catalog: Catalog, notes: tuple[str, ...] = (), compiled: bool = False) -> Opened:
    """A catalog with what was found when it was compiled. Raises KeyError, msgspec.DecodeError."""
    failures, problems, skipped, found = msgspec.json.decode(
        catalog.meta["findings"], type=tuple[tuple[str, ...], tuple[str, ...], int, tuple[str, ...]]
    )
    return Opened(catalog, failures, problems, skipped, (*found, *notes), compiled)
