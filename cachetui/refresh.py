"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from cachetui import __version__, paths
from cachetui.catalog import Catalog, Staging, stage, write_catalog
from cachetui.errors import CachetuiError, CatalogError, LocationError, SourceError
from cachetui.sources import SAMPLE, Problem, Source, clean, open_sources
from cachetui.spec import Spec

KEPT_PROBLEMS = 100
"""Problems kept in full; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the compiling is.

    Args:
        source: the name of the source that is being read.
        specs: records so far, over all sources.
        done, total: bytes of this source.
    """

    source: str
    specs: int
    done: int
    total: int


class Cancelled(CachetuiError):
    """Raised out of a progress callback to stop; nothing that was compiled before is lost."""


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Opened:
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


@dataclass(slots=True)
class _Findings:
    """What went wrong while reading."""

    failures: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    skipped: int = 0
    notes: list[str] = field(default_factory=list)
    passing: bool = False
    """A failure may be over at the next start, with the same content: read again then."""

    def report(self, problem: Problem) -> None:
        """Keep a problem, or only count it."""
        if not problem.skipped:
            self.notes += [str(problem)] if len(self.notes) < KEPT_PROBLEMS else []
            return
        self.skipped += 1
        if self.skipped <= KEPT_PROBLEMS:
            self.problems.append(str(problem))


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
        kept = _kept(path, [clean(str(error))])
        if kept is None:
            raise
        return kept


def _open_catalog(locations: Sequence[str], path: Path, on_progress: OnProgress) -> Opened:
    findings = _Findings()
    sources, prints = _sources(locations, findings)
    current = _current(path, prints)
    if current is not None:
        return current
    staging = stage(_specs(sources, findings, on_progress))
    kept = _kept(path, findings.failures) if findings.failures else None
    if kept is not None:
        return kept
    meta = {
        "title": _title(locations, sources),
        "fingerprint": "" if findings.passing else prints,
        "findings": msgspec.json.encode(
            [findings.failures, findings.problems, findings.skipped, findings.notes]
        ).decode(),
    }
    return _compiled(staging, path, meta)


def up_to_date(locations: Sequence[str]) -> Opened | None:
    """The catalog on disk if it still holds what lies at the locations; reads none of their content."""
    try:
        _, prints = _sources(locations, _Findings())
    except CachetuiError:
        return None
    return _current(_path(locations), prints)


def _sources(locations: Sequence[str], findings: _Findings) -> tuple[list[Source], str]:
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
    key = hashlib.sha256("\0".join(map(_absolute, locations)).encode(errors="surrogateescape"))
    return paths.catalog_dir() / f"{key.hexdigest()[:16]}.sqlite"


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
            return _opened(catalog)
    catalog.close()
    return None


def _kept(path: Path, failures: Sequence[str]) -> Opened | None:
    """The catalog of an earlier start, if all its sources could be read then: it is not given up for less."""
    with suppress(CatalogError, OSError, KeyError, msgspec.DecodeError):
        opened = _opened(Catalog(path))
        if not opened.failures:
            note = "this is what was compiled at an earlier start"
            return replace(opened, failures=tuple(failures), notes=(*opened.notes, note))
        opened.catalog.close()
    return None


def _specs(sources: Sequence[Source], findings: _Findings, on_progress: OnProgress) -> Iterator[Spec]:
    """The specs of all sources; raises the first error if none of them could be read."""
    errors: list[SourceError] = []
    read = 0
    for source in sources:
        try:
            for batch in source.batches(findings.report):
                yield from batch.specs
                read += len(batch.specs)
                on_progress(Progress(source.name, read, batch.done, batch.total))
        except SourceError as error:
            errors.append(error)
    if errors and len(errors) == len(sources):
        raise errors[0]
    findings.failures += [clean(str(error)) for error in errors]
    findings.passing = any(isinstance(error.__cause__, OSError) for error in errors)


def _title(locations: Sequence[str], sources: Sequence[Source]) -> str:
    if list(locations) == [SAMPLE]:
        return SAMPLE
    return " + ".join(dict.fromkeys(source.name for source in sources))


def _compiled(staging: Staging, path: Path, meta: dict[str, str]) -> Opened:
    """Write and open the catalog; where the cache folder is read-only or full, in a temporary folder."""
    try:
        write_catalog(staging, path, meta)
        return _opened(Catalog(path), compiled=True)
    except (CatalogError, OSError) as error:  # another process may have removed it again
        failure = clean(str(error))
    try:
        with tempfile.TemporaryDirectory(prefix="cachetui-") as folder:
            temporary = Path(folder) / path.name
            write_catalog(staging, temporary, meta)
            # The open file outlives its name, so nothing is left behind.
            catalog = Catalog(temporary)
    except (CatalogError, OSError) as error:
        raise CatalogError(
            f"no catalog can be written: {failure}; nor in a temporary folder: {error}"
        ) from error
    note = f"{failure}: working from a temporary catalog, the next start compiles again"
    return _opened(catalog, (note,), compiled=True)


def _opened(catalog: Catalog, notes: tuple[str, ...] = (), compiled: bool = False) -> Opened:
    failures, problems, skipped, found = msgspec.json.decode(
        catalog.meta["findings"], type=tuple[tuple[str, ...], tuple[str, ...], int, tuple[str, ...]]
    )
    return Opened(catalog, failures, problems, skipped, (*found, *notes), compiled)
