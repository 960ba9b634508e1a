"""Sources to a catalog file: read, write, open."""

from __future__ import annotations

import gc
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from cachetui.catalog import Catalog, EdgeKind, mirrors_entry
from cachetui.catalog.compile import (
    Descents,
    EdgeTable,
    KeptPart,
    KeptParts,
    Staging,
    descents,
    write_ancestry_file,
    write_catalog,
)
from cachetui.errors import CatalogError
from cachetui.locate import save_counts
from cachetui.refresh.found import Found
from cachetui.refresh.helper import Helper, helper_process
from cachetui.refresh.mirror_infos import mirror_infos
from cachetui.refresh.opened import Opened, opened_catalog, previous_catalog
from cachetui.refresh.progress import OnProgress, ProgressReporter
from cachetui.refresh.read_report import ReadReport
from cachetui.refresh.reading import SourcesReader
from cachetui.sources import SAMPLE
from cachetui.text import clean

FOR_ONE, FOR_ALL = 0o600, 0o666
"""Who may read and write a catalog, less what the umask forbids."""


class Compilation(Struct, frozen=True):
    """What is to be compiled.

    Args:
        prints: the fingerprint of all of it.
        output: the file that is written, and no other.
    """

    found: Found
    prints: str
    findings: ReadReport
    output: Path | None = None

    @property
    def title(self) -> str:
        """What stands on top of the screen."""
        if [located.path for located in self.found.located] == [SAMPLE]:
            return SAMPLE
        return " + ".join(dict.fromkeys(source.name for source in self.found.sources))


def compiled(compilation: Compilation, on_progress: OnProgress) -> Opened:
    """Compile a catalog, or keep the one from before where not all sources can be read now.

    Raises:
        CachetuiError: no source could be read, or no catalog can be written anywhere.
    """
    findings, found = compilation.findings, compilation.found
    path = compilation.output or found.path
    with _without_collection(), helper_process() as helper, closing(KeptParts(path)) as kept_parts:
        reading = SourcesReader(findings, ProgressReporter(on_progress), helper, kept_parts)
        staging = reading.read(found.sources)
        kept = previous_catalog(path, findings.failures) if findings.failures else None
        if kept is not None:
            return kept
        told = [findings.failures, findings.problems, findings.skipped, findings.notes]
        meta = {
            "title": compilation.title,
            "fingerprint": "" if findings.has_transient_failure else compilation.prints,
            "findings": msgspec.json.encode(told).decode(),
            **mirrors_entry(mirror_infos(found.located, [source for source, _ in reading.counts])),
        }
        compiling = _CatalogWriter(staging, meta, reading.keep, reading.advance, helper)
        if compilation.output is not None:
            return opened_catalog(compiling.write(path, FOR_ALL), compiled=True)
        opened = _written(compiling, path)
        if opened.catalog.path == path:
            save_counts(reading.counts)
        return opened


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


_begun: list[Descents] = []
"""What the helper has found out of the edges; it keeps that to its end, as letting go of it takes long."""


class BeginAncestry(Struct, frozen=True):
    """The task of finding out what `WriteAncestry` needs."""

    edges: EdgeTable
    kinds: Sequence[EdgeKind]

    def run(self) -> None:
        """See `descents`."""
        _begun[:] = [descents(self.edges, self.kinds)]


class WriteAncestry(Struct, frozen=True):
    """The task of writing what `BeginAncestry` began with into a file."""

    file: str
    order: array[int]

    def run(self) -> bool:
        """See `write_ancestry_file`; False if nothing was begun in this process."""
        if _begun:
            write_ancestry_file(self.file, _begun[0], self.order)
        return bool(_begun)


class _HelperAncestry:
    """Has the helper work out the ancestry."""

    def __init__(self, helper: Helper) -> None:
        self._helper = helper

    def begin(self, edges: EdgeTable, kinds: Sequence[EdgeKind]) -> None:
        """Have it find out what does not depend on the order of the rows."""
        self._begin = BeginAncestry(edges, kinds)
        self._helper.give(self._begin)

    def write(self, file: str, order: Sequence[int]) -> None:
        """Have it write."""
        self._write = WriteAncestry(file, array("I", order))
        self._written = self._helper.give(self._write)

    def wait(self, meanwhile: Callable[[], None]) -> None:
        """Return when it is written: here, if the helper could not."""
        if not self._written.result(meanwhile):
            found = descents(self._begin.edges, self._begin.kinds)
            write_ancestry_file(self._write.file, found, self._write.order)


class _CatalogWriter(Struct, frozen=True):
    """What is to be written."""

    staging: Staging
    meta: dict[str, str]
    keep: Sequence[KeptPart]
    advance: ProgressReporter
    helper: Helper | None

    def write(self, path: Path, mode: int = FOR_ONE) -> Catalog:
        """Write and open the catalog. Raises CatalogError."""
        write_catalog(
            self.staging,
            path,
            self.meta,
            mode,
            parts=self.keep,
            on_step=lambda done, total: self.advance.wrote(self.meta["title"], done, total),
            ancestry=_HelperAncestry(self.helper) if self.helper else None,
        )
        return Catalog(path)


def _written(compiling: _CatalogWriter, path: Path) -> Opened:
    """Write and open the catalog; where the cache folder is read-only or full, in a temporary folder."""
    try:
        return opened_catalog(compiling.write(path), compiled=True)
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
    return opened_catalog(catalog, (note,), compiled=True)
