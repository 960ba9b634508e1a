"""Sources to a catalog file: read, write, open."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

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
from cachetui.errors import CatalogError
from cachetui.refresh.helper import Helper, hired
from cachetui.refresh.opening import Compilation, Opened, kept_from_before, opened_catalog, title_of
from cachetui.refresh.progress import Advance, OnProgress
from cachetui.refresh.reading import Reading
from cachetui.sources import clean


def compiled(compilation: Compilation, path: Path, on_progress: OnProgress) -> Opened:
    """Compile a catalog, or keep the one from before where not all sources can be read now.

    Raises:
        CachetuiError: no source could be read, or no catalog can be written anywhere.
    """
    findings = compilation.findings
    with _without_collection(), hired() as helper, closing(KeptParts(path)) as kept_parts:
        reading = Reading(findings, Advance(on_progress), helper, kept_parts)
        staging = reading.read(compilation.sources)
        kept = kept_from_before(path, findings.failures) if findings.failures else None
        if kept is not None:
            return kept
        found = [findings.failures, findings.problems, findings.skipped, findings.notes]
        meta = {
            "title": title_of(compilation.locations, compilation.sources),
            "fingerprint": "" if findings.passing else compilation.prints,
            "findings": msgspec.json.encode(found).decode(),
        }
        return _written(_Compiling(staging, meta, reading.keep, reading.advance, helper), path)


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


def _written(compiling: _Compiling, path: Path) -> Opened:
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
