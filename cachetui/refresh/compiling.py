"""Compile sources to a catalog file: read, write, open."""

from __future__ import annotations

import gc
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cachetui.catalog import Catalog, EdgeKind, mirrors_entry
from cachetui.catalog.compile import (
    Descents,
    EdgeTable,
    Staging,
    StoredPart,
    StoredParts,
    descents,
    write_ancestry_file,
    write_catalog,
)
from cachetui.errors import CatalogError
from cachetui.locate import save_counts
from cachetui.refresh.compilation import Compilation
from cachetui.refresh.generations import keeping_previous
from cachetui.refresh.helper import Helper, helper_process
from cachetui.refresh.mirror_infos import mirror_infos
from cachetui.refresh.opened import Opened, previous_catalog
from cachetui.refresh.progress import OnProgress, ProgressReporter
from cachetui.refresh.reading import SourcesReader
from cachetui.refresh.refused import forget_refused, remember_refused
from cachetui.text import clean

PRIVATE, SHARED = 0o600, 0o666
"""The mode of a catalog of one user, and of one for all users, less the umask."""


def compile_sources(compilation: Compilation, on_progress: OnProgress) -> Opened:
    """Compile and open a catalog; if a source fails, open the previous complete one instead.

    Raises:
        CachetuiError: no source can be read, or no catalog can be written anywhere.
    """
    report, found = compilation.report, compilation.found
    path = compilation.output or found.path
    with (
        _without_collection(),
        helper_process() as helper,
        closing(StoredParts(None if compilation.afresh else path)) as stored,
    ):
        reader = SourcesReader(report, ProgressReporter(on_progress), helper, stored)
        staging = reader.read(found.sources)
        previous = previous_catalog(path, report) if report.missing else None
        if previous is not None:
            if not report.has_transient_failure and compilation.output is None:
                remember_refused(path, compilation.fingerprint, report.failures)
            return previous
        problems = [report.missing, report.problems, report.skipped, report.notes]
        meta = {
            "title": compilation.title,
            "fingerprint": "" if report.has_transient_failure else compilation.fingerprint,
            "problems": msgspec.json.encode(problems).decode(),
            **mirrors_entry(mirror_infos(found.locations, [source for source, _ in reader.counts])),
        }
        writer = _CatalogWriter(staging, meta, reader.to_store, reader.progress, helper)
        if compilation.output is not None:
            return Opened.of(writer.write(path, SHARED), compiled=True)
        opened = _write_anywhere(writer, path, compilation.spare)
        if opened.catalog.path == path:
            forget_refused(path)
            save_counts(reader.counts)
        return replace(opened, failures=tuple(report.failures), unanswered=tuple(report.unanswered))


@contextmanager
def _without_collection() -> Iterator[None]:
    """Turn garbage collection off: it would scan millions of new objects and find no garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


_begun: list[Descents] = []
"""The result of `BeginAncestry` in the helper; it lives until the process ends, as freeing it takes long."""

_kept: list[object] = []
"""What else the helper frees only as its process ends."""


class BeginAncestry(Struct, frozen=True):
    """The task of computing the part of the ancestry that does not depend on the order of the rows."""

    edges: EdgeTable
    kinds: Sequence[EdgeKind]

    def run(self) -> None:
        """See `descents`."""
        _begun[:] = [descents(self.edges, self.kinds)]


class WriteAncestry(Struct, frozen=True):
    """The task of writing the ancestry that `BeginAncestry` computed into a file."""

    file: str
    order: array[int]

    def run(self) -> bool:
        """See `write_ancestry_file`; False if this process has computed none."""
        if _begun:
            _kept.append(write_ancestry_file(self.file, _begun[0], self.order))
        return bool(_begun)


class _HelperAncestry:
    """Computes the ancestry in the helper, while this process writes the rest of the catalog."""

    def __init__(self, helper: Helper) -> None:
        self._helper = helper

    def begin(self, edges: EdgeTable, kinds: Sequence[EdgeKind]) -> None:
        """Start what does not depend on the order of the rows."""
        self._begin = BeginAncestry(edges, kinds)
        self._helper.submit(self._begin)

    def write(self, file: str, order: Sequence[int]) -> None:
        """Start writing the file."""
        self._write = WriteAncestry(file, array("I", order))
        self._written = self._helper.submit(self._write)

    def wait(self, meanwhile: Callable[[], None]) -> None:
        """Wait until the file is written; write it here if the helper failed."""
        if not self._written.result(meanwhile):
            found = descents(self._begin.edges, self._begin.kinds)
            write_ancestry_file(self._write.file, found, self._write.order)


class _CatalogWriter(Struct, frozen=True):
    """Writes the staged specs to a catalog."""

    staging: Staging
    meta: dict[str, str]
    to_store: Sequence[StoredPart]
    progress: ProgressReporter
    helper: Helper | None

    def write(self, path: Path, mode: int = PRIVATE) -> Catalog:
        """Write and open the catalog. Raises CatalogError."""
        write_catalog(
            self.staging,
            path,
            self.meta,
            mode,
            parts=self.to_store,
            on_step=self.report,
            ancestry=_HelperAncestry(self.helper) if self.helper else None,
        )
        return Catalog(path)

    def report(self, done: int, total: int) -> None:
        """Report the steps of writing that are done. Raises Cancelled."""
        self.progress.wrote(self.meta["title"], done, total)


def _write_anywhere(writer: _CatalogWriter, path: Path, spare: Path | None) -> Opened:
    """Write and open the catalog; if the cache folder is read-only or full, in a temporary folder."""
    try:
        with keeping_previous(path):
            return Opened.of(writer.write(path), compiled=True)
    except (CatalogError, OSError) as error:  # another process may have removed it already
        failure = clean(str(error))
    writer.report(0, 1)  # who has given up does not begin once more
    try:
        with _made(spare) if spare else tempfile.TemporaryDirectory(prefix="cachetui-") as folder:
            # The open file outlives its name, so nothing remains on disk.
            catalog = writer.write(Path(folder) / path.name)
    except (CatalogError, OSError) as error:
        raise CatalogError(
            f"no catalog can be written: {failure}; nor in a temporary folder: {error}"
        ) from error
    note = f"{failure}: working from a temporary catalog, the next start compiles again"
    return Opened.of(catalog, (note,), compiled=True)


@contextmanager
def _made(folder: Path) -> Iterator[str]:
    folder.mkdir(mode=0o700)
    yield str(folder)
