"""Part 5: catalogs of somebody who means harm: well-formed, with good checksums, and with wrong content.

`python -m tests.stress.forged 500 [SEED]` prints what failed: a traceback, an endless loop, or wild memory.
An answer may be wrong: the file says so. Nothing else may happen.
"""

from __future__ import annotations

import contextlib
import io
import random
import resource
import shutil
import sqlite3
import sys
import tempfile
from array import array
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.catalog.chunks import CHECKSUM, CONTENTS, checksum, join_blobs, meta_checksum, split_blobs
from cachetui.catalog.compile import compile_catalog
from cachetui.catalog.schema import pack_bitmap, unpack
from cachetui.cli import cli
from cachetui.errors import CachetuiError, CatalogError
from cachetui.graph import DependencyBranches, DependentBranches, NearestBuilds, Outline, check_files
from cachetui.render import OutlineWidths
from cachetui.search import FACETS, Engine, Selection, fold
from cachetui.sources import read_wanted
from cachetui.tui.walk import Direction, Walk
from tests.conftest import DATA, read
from tests.stress.damages import answers
from tests.stress.fuzz import failure_of
from tests.stress.outcome import Outcome, Run
from tests.stress.readers import Reader

USUAL = 1_500

MOST_MEMORY = 2 << 30
"""Bytes of address space of the process."""

_MANY = (0, 1, 2, 255, 256, 65535, 65536, 2**31, 2**32 - 1)
_TEXTS = ("", "x", "a" * 40, "\x1b]0;x\x07", "\udcff", "٣", "../..", "9" * 400, "9" * 5000)
_VALUES: tuple[Any, ...] = (None, True, 0, -1, 2**63, 1.5, *_TEXTS, [], [[]], {}, [None, 1, "x"], {"x": []})

QUERIES = ("zlib", "^zlib", "+mpi", "hdf5 ^mpi", "@1:", "%gcc", "target=:x86_64_v3", "arch=linux-None-None")


def forge_array(rng: random.Random, data: bytes) -> bytes:
    """Change some numbers of a packed array, or how many there are."""
    numbers = list(unpack(data))
    for _ in range(rng.choice((1, 2, 5, len(numbers) or 1))):
        if numbers:
            numbers[rng.randrange(len(numbers))] = _number(rng, numbers)
    if rng.random() < 0.2:
        numbers = rng.choice((numbers[::-1], numbers[:-1], numbers * 2, sorted(numbers), [0] * len(numbers)))
    code = data[:1].decode() if rng.random() < 0.5 else rng.choice("BHIQ")
    most = (1 << 8 * array(code).itemsize) - 1
    return code.encode() + array(code, [min(number, most) for number in numbers]).tobytes()


def _number(rng: random.Random, numbers: Sequence[int]) -> int:
    return rng.choice((*_MANY, rng.choice(numbers), len(numbers), rng.randrange(max(numbers) + 2)))


def forge_arrays(rng: random.Random, data: bytes, count: int) -> bytes:
    """Change one of several arrays."""
    blobs = split_blobs(data, count)
    place = rng.randrange(count)
    blobs[place] = forge_array(rng, blobs[place])
    return join_blobs(blobs)


def forge_bitmap(rng: random.Random, data: bytes) -> bytes:
    """Another set of rows."""
    rows = BitMap.deserialize(data) if data else BitMap()
    end = (rows.max() + 2) if rows else 2
    return pack_bitmap(
        rng.choice(
            (
                lambda: BitMap(),
                lambda: BitMap(range(end)) - rows,
                lambda: BitMap(range(rng.randrange(60))),
                lambda: rows | BitMap([rng.choice(_MANY)]),
                lambda: BitMap(rng.sample(range(60), 10)),
                lambda: BitMap.flip(BitMap(), 0, 2**32 - 1),
            )
        )()
    )


def forge_ancestors(rng: random.Random, data: bytes) -> bytes:
    """Other ancestors, or other places of them."""
    starts, blobs = split_blobs(data, 2)
    if rng.random() < 0.5:
        return join_blobs([forge_array(rng, starts), blobs])
    places = list(unpack(starts))
    some = [blobs[a:b] for a, b in pairwise(places)]
    at = rng.randrange(len(some))
    some[at] = forge_bitmap(rng, some[at])
    ends = [0]
    for each in some:
        ends.append(ends[-1] + len(each))
    return join_blobs([b"I" + array("I", ends).tobytes(), b"".join(some)])


def forge_values(rng: random.Random, data: bytes) -> bytes:
    """Values of another type, in another order, or more or fewer of them."""
    values = msgspec.json.decode(data)
    if values and rng.random() < 0.8:
        at = rng.randrange(len(values))
        values[at] = _inside(rng, values[at])
    else:
        values = rng.choice((values[::-1], values[:-1], [*values, *values[:3]], values[:1] * len(values)))
    return msgspec.json.encode(values)


def _inside(rng: random.Random, value: Any) -> Any:
    """A value with another one at some place inside."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        key = rng.choice(list(value))
        return {**value, key: _inside(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        return [*value[:at], _inside(rng, value[at]), *value[at + 1 :]]
    return rng.choice([each for each in _VALUES if each != "\udcff"])


def forged_chunk(rng: random.Random, name: str, data: bytes) -> bytes:
    """A chunk with other content of its own kind."""
    if name.startswith("values "):
        return forge_values(rng, data)
    if name.startswith(("facet rows ", "kind_", "depth", "walked_", "runtime_as_all", "listed", "lacking")):
        return forge_bitmap(rng, data)
    if name in ("ancestors_0", "ancestors_1", "in_buildcache"):
        return forge_bitmap(rng, data)
    if name.startswith("ancestors "):
        return forge_ancestors(rng, data)
    if name == "hash":
        return rng.choice((data[::-1], data[:20] * (len(data) // 20), bytes(len(data)), data + data[:20]))
    if name in ("edges", "size"):
        return forge_arrays(rng, data, 3 if name == "edges" else 2)
    return forge_array(rng, data)


def forge_meta(rng: random.Random, meta: dict[str, str]) -> None:
    """Another text in an entry, or inside one that is JSON."""
    key = rng.choice([key for key in meta if key != CHECKSUM])
    if rng.random() < 0.5:
        with contextlib.suppress(ValueError):
            meta[key] = msgspec.json.encode(_inside(rng, msgspec.json.decode(meta[key]))).decode()
            return
    if key == CONTENTS:
        with contextlib.suppress(ValueError, TypeError, LookupError):  # it was forged before
            contents = msgspec.json.decode(meta[key])
            kind = contents[rng.choice(("chunks", "values"))]
            kind[rng.choice(list(kind))] = rng.choice(_MANY)
            meta[key] = msgspec.json.encode(contents).decode()
    else:
        meta[key] = rng.choice(("", "0", "7", "-1", "400000000", "9" * 4000, "[[]]", "{}", "null", "\x1b[2J"))


def forge(rng: random.Random, file: Path) -> None:
    """Change a catalog, so that all its checksums are right."""
    with closing(sqlite3.connect(file)) as db:
        for _ in range(rng.choice((1, 1, 2, 4))):
            chunks = db.execute("SELECT rowid, name, number, data FROM chunk").fetchall()
            names = sorted({name for _, name, _, _ in chunks})
            chosen = rng.choice(names)
            rowid, name, number, data = rng.choice([chunk for chunk in chunks if chunk[1] == chosen])
            if rng.random() < 0.9:
                data = forged_chunk(rng, name, data)
                known = checksum(name, number, data)
                db.execute("UPDATE chunk SET data = ?, checksum = ? WHERE rowid = ?", (data, known, rowid))
            else:
                meta = dict(db.execute("SELECT key, value FROM meta").fetchall())
                forge_meta(rng, meta)
                meta[CHECKSUM] = meta_checksum(meta)
                db.executemany("UPDATE meta SET value = ? WHERE key = ?", [(v, k) for k, v in meta.items()])
        db.commit()


def uses(catalog: Catalog) -> list[Callable[[], object]]:
    """What the program does with a catalog."""
    engine = Engine(catalog)
    rows = len(catalog)
    some = sorted({0, rows // 3, rows // 2, rows - 1} & set(range(rows)))
    return [
        *(lambda ask=ask: ask(catalog) for ask in (answers(rows) if rows else ())),
        *(lambda query=query: _selected(engine, query) for query in QUERIES),
        *(lambda row=row: Outline(DependentBranches(catalog, row)).unfold_all() for row in some),
        *(lambda row=row: DependencyBranches(catalog, row) for row in some),
        *(lambda row=row, way=way: _walked(catalog, row, way) for row in some for way in Direction),
        lambda: _checked(engine, [catalog.dag_hash(row) for row in some]),
    ]


def _selected(engine: Engine, query: str) -> None:
    result = engine.select(Selection(query))
    for facet in FACETS:
        result.facet_counts(facet.name)
    table = fold(engine.attributes, result.rows, "")
    for line in list(table.folds)[:20]:
        table.members(line)
        for column in table.columns:
            table.cell(line, column)


def _walked(catalog: Catalog, row: int, way: Direction) -> None:
    walk = Walk(catalog, row, way)
    for place in range(min(len(walk.outline), 50)):
        walk.line(place, OutlineWidths(60, 8), 120)
    walk.direct_counts(), walk.transitive_counts()


def _checked(engine: Engine, hashes: Sequence[str]) -> None:
    checked = check_files(engine, [read_wanted("\n".join(hashes).encode() or b"zlib", "list")])
    nearest = NearestBuilds(engine, checked.specs, checked.around)
    for entry in checked.lacking(needed=True)[:5]:
        nearest.of(entry)


def commands(file: str, dag_hash: str, other: str) -> list[list[str]]:
    """What users ask on the command line."""
    shown = ["show", dag_hash, file]
    return [
        *(["list", file, "--format", form] for form in ("table", "json", "csv", "specs", "hashes")),
        *(["list", file, "-q", query] for query in QUERIES[1:6]),
        [*shown, "--tree", "--used-by", "--closure"],
        [*shown, "--format", "json", "--tree", "--used-by", "--closure"],
        ["packages", file, "-s", "zli"],
        ["diff", dag_hash, other, file],
    ]


def use(file: Path, hashes: Sequence[str]) -> None:
    """Use a forged catalog in every way. Raises what nobody has foreseen."""
    try:
        catalog = Catalog(file)
    except CatalogError:
        return
    with closing(catalog):
        try:
            asked = uses(catalog)
        except CatalogError:
            asked = []
        for ask in asked:
            with contextlib.suppress(CachetuiError):
                ask()
    for arguments in commands(str(file), *hashes):
        sink = io.StringIO()
        with (
            contextlib.suppress(CachetuiError),
            contextlib.redirect_stdout(sink),
            contextlib.redirect_stderr(sink),
        ):
            cli(arguments, prog_name="cachetui", standalone_mode=False, obj=tuple(arguments))
        assert "\x1b" not in sink.getvalue(), "an escape sequence"


def run(whole: Path, rounds: int, seed: int, folder: Path) -> list[str]:
    """Forge copies of a catalog, and use them; what failed."""
    with closing(Catalog(whole)) as catalog:
        hashes = [catalog.dag_hash(row) for row in (len(catalog) // 2, len(catalog) - 1)]
    found: dict[str, str] = {}
    for number in range(rounds):
        copy = folder / "forged.sqlite"
        shutil.copyfile(whole, copy)
        forge(random.Random(f"{seed} {number}"), copy)
        reader = Reader("forged", "", list, lambda data, folder, copy=copy: use(copy, hashes))  # type: ignore[misc]
        if reason := failure_of(reader, b"", folder):
            found.setdefault(reason, f"{seed} {number}: {reason}")
    return list(found.values())


def compiled(folder: Path, most: int | None = None) -> Path:
    """A catalog of real builds, one of which is a hole."""
    whole = folder / "whole.sqlite"
    specs, _ = read(DATA / "hole-v2-spack1.2")
    compile_catalog(specs[:most], whole, {"title": "whole"})
    return whole


def measure(run_: Run) -> list[Outcome]:
    """Forge a catalog of real builds again and again."""
    folder = run_.place("forged")
    rounds = run_.times(USUAL)
    failed = run(compiled(folder), rounds, run_.seed, folder)
    what = "forged catalogs with good checksums: edges, rows, values, texts, counts"
    return [Outcome(what, rounds, crashed=len(failed), failures=failed)]


def main() -> int:
    """Run as many rounds as the command line says."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else USUAL
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        failed = run(compiled(Path(folder)), rounds, seed, Path(folder))
    print("\n".join(failed) or f"{rounds} forged catalogs: nothing failed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
