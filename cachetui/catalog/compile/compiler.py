"""Specs to a catalog file: order the rows, write columns, facets and edges aside, move into place."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import schema
from cachetui.catalog.chunks import create_tables
from cachetui.catalog.compile.ancestry import Descents, descents, write_ancestry
from cachetui.catalog.compile.edge_table import EdgeTable
from cachetui.catalog.compile.rows import Rows
from cachetui.catalog.compile.staging import Staging
from cachetui.catalog.compile.stored_parts import StoredPart, write_parts
from cachetui.catalog.compile.turns import freed, picked_numbers
from cachetui.catalog.compile.writer import Writer
from cachetui.catalog.facets import INDEXES
from cachetui.catalog.schema import WALKED, EdgeKind
from cachetui.errors import CatalogError
from cachetui.files import replacing, unfinished
from cachetui.spec import Spec

EDGES_TO_SHARE = 100_000
"""With fewer the ancestry is worked out before another process has it."""

STEPS = len(INDEXES) + 6
"""How often the writing reports its progress."""

_FAST = f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size={schema.PAGE_SIZE};"


def compile_catalog(specs: Iterable[Spec], path: Path, meta: dict[str, str] | None = None) -> None:
    """Compile specs into a catalog file, replacing what is at `path` in one step.

    Args:
        specs: in any order; those of one hash are merged.
        meta: texts to keep with the catalog (title, fingerprints).

    Raises:
        CatalogError: the file cannot be written (read-only or full folder).
    """
    write_catalog(stage(specs), path, meta)


def stage(specs: Iterable[Spec]) -> Staging:
    """Take in all specs; the iterable is consumed once and nothing of it is kept."""
    staging = Staging()
    for spec in specs:
        staging.add(spec)
    staging.follow_compiler_edges()
    return staging


OnStep = Callable[[int, int], None]
"""Called with the number of steps done and the number of all steps; may raise to stop."""


class AncestryAside(Protocol):
    """Computes the ancestry in parallel."""

    def begin(self, edges: EdgeTable, kinds: Sequence[EdgeKind]) -> None:
        """Have `descents` done, and return at once."""

    def write(self, file: str, order: Sequence[int]) -> None:
        """Have `write_ancestry_file` done with them, for a new file, and return at once."""

    def wait(self, meanwhile: Callable[[], None]) -> None:
        """Return when it is done. Raises CatalogError, OSError, sqlite3.Error."""


def write_catalog(
    staging: Staging,
    path: Path,
    meta: dict[str, str] | None = None,
    mode: int = 0o600,
    parts: Iterable[StoredPart] = (),
    on_step: OnStep = lambda done, total: None,
    ancestry: AncestryAside | None = None,
) -> None:
    """Write what was staged as a catalog file.

    Args:
        mode: who may read and write it, less what the umask forbids.
        parts: to be kept with the catalog.
        ancestry: computes the ancestry in parallel; None: it is computed here.

    Raises:
        CatalogError: the file cannot be written.
    """
    writing = _Writing(staging, meta or {}, parts, on_step, ancestry)
    _write_database(path, mode, writing.write)


class _Writing(Struct):
    """See `write_catalog`."""

    staging: Staging
    meta: dict[str, str]
    parts: Iterable[StoredPart]
    on_step: OnStep
    ancestry: AncestryAside | None
    done: int = 0

    def write(self, db: sqlite3.Connection, aside: str) -> None:
        """Write all of it into an empty database, which lies in a file."""
        self._step()
        self.staging.close()
        entries = self.staging.entries_by_number()
        edges = self._edges(entries)
        kinds: Sequence[EdgeKind] = self.staging.edge_kinds.values
        ancestry = self.ancestry if len(edges.ends) >= EDGES_TO_SHARE else None
        if ancestry is not None:
            ancestry.begin(edges, kinds)
        rows = Rows(self.staging)
        self._step()
        if ancestry is None:
            writer = Writer(db, self.staging, rows, entries)
            self._write_rest(writer)
            found = descents(edges, kinds)
            for values in (*write_ancestry(db, found, rows.order), *found.dependents()):
                freed(values)
            writer.seal({**self.meta, **_walked(db)})
            return
        beside = f"{aside}.ancestry"
        with unfinished(Path(beside)):
            Path(beside).touch()
            ancestry.write(beside, rows.order)
            writer = Writer(db, self.staging, rows, entries)
            self._write_rest(writer)
            ancestry.wait(self._report)
            db.commit()
            copy_ancestry(db, beside)
            writer.seal({**self.meta, **_walked(db)})

    def _edges(self, entries: Sequence[int]) -> EdgeTable:
        """The edges from entry to entry."""
        starts, numbers, kinds = self.staging.packed_edges(range(len(self.staging)))
        return EdgeTable(starts, picked_numbers(entries, numbers), kinds)

    def _write_rest(self, writer: Writer) -> None:
        write_parts(writer.db, self.parts)
        for _ in writer.steps():
            self._step()

    def _step(self) -> None:
        self.done += 1
        self._report()

    def _report(self) -> None:
        self.on_step(self.done, STEPS)


def write_ancestry_file(file: str, found: Descents, order: Sequence[int]) -> object:
    """Write the ancestry as a database, into a file that is there.

    Returns:
        What takes long to free.

    Raises:
        CatalogError, OSError, sqlite3.Error: it cannot be written.
    """
    os.truncate(file, 0)  # another process may have begun
    # Not created: who waits for it may have given up and removed it.
    with closing(sqlite3.connect(f"{Path(file).absolute().as_uri()}?mode=rw", uri=True)) as db:
        db.executescript(_FAST)
        create_tables(db)
        kept = write_ancestry(db, found, order)
        db.commit()
    return kept


def copy_ancestry(db: sqlite3.Connection, file: str) -> None:
    """Take the ancestry from the database in which `write_ancestry_file` wrote it."""
    db.execute("ATTACH ? AS beside", (file,))
    db.execute("INSERT INTO chunk SELECT * FROM beside.chunk")
    db.commit()
    db.execute("DETACH beside")


def _walked(db: sqlite3.Connection) -> dict[str, str]:
    """What the meta says about rows that have no stored ancestors; nothing if there are none."""
    found = db.execute("SELECT data FROM chunk WHERE name IN ('walked_0', 'walked_1')").fetchall()
    walked = BitMap.union(*(BitMap.deserialize(data) for (data,) in found))
    return {WALKED: str(len(walked))} if walked else {}


def _write_database(path: Path, mode: int, write: Callable[[sqlite3.Connection, str], None]) -> None:
    """Write a database that replaces `path` when it is complete. Raises CatalogError."""
    try:
        with ExitStack() as stack:
            aside = str(_create(path, mode, stack))
            with closing(sqlite3.connect(aside)) as db:
                db.executescript(_FAST)
                create_tables(db)
                write(db, aside)
                db.commit()
    except (OSError, sqlite3.Error) as error:
        raise CatalogError(f"{path}: cannot be written ({error})") from error


def _create(path: Path, mode: int, stack: ExitStack) -> Path:
    """See `replacing`. Raises CatalogError that names the folder, which is what has to be mended."""
    try:
        return stack.enter_context(replacing(path, mode, durable=True))
    except OSError as error:
        raise CatalogError(f"{path.parent}: cannot be written ({error.strerror})") from error
