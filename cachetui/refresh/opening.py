"""Bring a catalog up to date: open the sources, compile what changed, open the catalog."""

from __future__ import annotations

import gc
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cachetui import __version__, paths
from cachetui.catalog import (
    Catalog,
    EdgeKind,
    EdgeTable,
    KeptPart,
    KeptParts,
    Staging,
    write_ancestry_file,
    write_catalog,
)
from cachetui.errors import CachetuiError, CatalogError, LocationError, SourceError
from cachetui.refresh.findings import Findings
from cachetui.refresh.helper import Helper, hired
from cachetui.refresh.progress import Advance, OnProgress
from cachetui.refresh.reading import Reading
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
        kept = _kept(path, [clean(str(error))])
        if kept is None:
            raise
        return kept


def _open_catalog(locations: Sequence[str], path: Path, on_progress: OnProgress) -> Opened:
    findings = Findings()
    sources, prints = _sources(locations, findings)
    current = _current(path, prints)
    if current is not None:
        return current
    with _without_collection(), hired() as helper, closing(KeptParts(path)) as kept_parts:
        reading = Reading(findings, Advance(on_progress), helper, kept_parts)
        staging = reading.read(sources)
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
        return _compiled(_Compiling(staging, meta, reading.keep, reading.advance, helper), path)


@contextmanager
def _without_collection() -> Iterator[None]:
    """No garbage collection: among millions of new objects it finds nothing, and takes its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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


def _title(locations: Sequence[str], sources: Sequence[Source]) -> str:
    if list(locations) == [SAMPLE]:
        return SAMPLE
    return " + ".join(dict.fromkeys(source.name for source in sources))


class WriteAncestry(Struct, frozen=True):
    """The task of working out an ancestry, into a file."""

    file: str
    edges: EdgeTable
    kinds: Sequence[EdgeKind]

    def run(self) -> None:
        """See `write_ancestry_file`."""
        write_ancestry_file(self.file, self.edges, self.kinds)


class _Compiling(Struct, frozen=True):
    """What is to be written."""

    staging: Staging
    meta: dict[str, str]
    keep: Sequence[KeptPart]
    advance: Advance
    helper: Helper | None

    def write(self, path: Path) -> Catalog:
        """Write and open the catalog. Raises CatalogError."""
        write_catalog(
            self.staging,
            path,
            self.meta,
            parts=self.keep,
            on_step=lambda done, total: self.advance.wrote(self.meta["title"], done, total),
            ancestry=self._ancestry if self.helper else None,
        )
        return Catalog(path)

    def _ancestry(
        self, file: str, edges: EdgeTable, kinds: Sequence[EdgeKind]
    ) -> Callable[[Callable[[], None]], None]:
        assert self.helper is not None
        return self.helper.give(WriteAncestry(file, edges, kinds)).result


def _compiled(compiling: _Compiling, path: Path) -> Opened:
    """Write and open the catalog; where the cache folder is read-only or full, in a temporary folder."""
    try:
        return _opened(compiling.write(path), compiled=True)
    except (CatalogError, OSError) as error:  # another process may have removed it again
        failure = clean(str(error))
    try:
        with tempfile.TemporaryDirectory(prefix="cachetui-") as folder:
            # The open file outlives its name, so nothing is left behind.
            catalog = compiling.write(Path(folder) / path.name)
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
