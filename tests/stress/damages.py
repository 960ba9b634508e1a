"""Damages a catalog at random, and compares every answer with that of the whole one.

`python -m tests.stress.damages 2000 [SEED]` prints how often a damage was found, did not matter, gave a wrong
answer, or a traceback; it exits with 1 if there was any of the last two.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from pyroaring import BitMap

from cachetui.catalog import INDEXES, Catalog, Relation, verify
from cachetui.catalog.schema import COLUMNS
from cachetui.errors import CatalogError

Damage = Callable[[random.Random, Path], None]
Answer = Callable[[Catalog], object]

PAGE = 16384


def flip_bits(rng: random.Random, file: Path, most: int = 20) -> None:
    """Flip 1 to 20 bits."""
    data = bytearray(file.read_bytes())
    for _ in range(rng.choice((1, 1, 2, rng.randint(1, most)))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    file.write_bytes(data)


def _pages(rng: random.Random, data: bytearray) -> tuple[int, int]:
    pages = len(data) // PAGE
    return PAGE * rng.randrange(pages), PAGE * rng.randrange(pages)


def zero_page(rng: random.Random, file: Path) -> None:
    """Fill a page, or a part of one, with zeros."""
    data = bytearray(file.read_bytes())
    start, size = _pages(rng, data)[0], rng.choice((PAGE, 4096, 512))
    data[start : start + size] = bytes(size)
    file.write_bytes(data)


def swap_pages(rng: random.Random, file: Path) -> None:
    """Swap two pages."""
    data = bytearray(file.read_bytes())
    one, other = _pages(rng, data)
    data[one : one + PAGE], data[other : other + PAGE] = (
        data[other : other + PAGE],
        data[one : one + PAGE],
    )
    file.write_bytes(data)


def double_page(rng: random.Random, file: Path) -> None:
    """Write a page over another one."""
    data = bytearray(file.read_bytes())
    one, other = _pages(rng, data)
    data[one : one + PAGE] = data[other : other + PAGE]
    file.write_bytes(data)


def cut(rng: random.Random, file: Path) -> None:
    """Cut the file short."""
    data = file.read_bytes()
    file.write_bytes(data[: rng.randrange(len(data))])


def append(rng: random.Random, file: Path) -> None:
    """Append bytes."""
    with file.open("ab") as stream:
        stream.write(rng.randbytes(rng.choice((1, 100, PAGE))))


def overwrite(rng: random.Random, file: Path) -> None:
    """Write random bytes over some."""
    data = bytearray(file.read_bytes())
    start, size = rng.randrange(len(data)), rng.choice((1, 16, 300, 5000))
    data[start : start + size] = rng.randbytes(len(data[start : start + size]))
    file.write_bytes(data)


def edit_chunk(rng: random.Random, file: Path) -> None:
    """Change the bytes of a chunk by SQL."""
    with closing(sqlite3.connect(file)) as db:
        rowid, data = rng.choice(db.execute("SELECT rowid, data FROM chunk").fetchall())
        changed = bytearray(data) or bytearray(1)
        changed[rng.randrange(len(changed))] ^= rng.randint(1, 255)
        if rng.random() < 0.3:
            changed = changed[: rng.randrange(len(changed))]
        db.execute("UPDATE chunk SET data = ? WHERE rowid = ?", (bytes(changed), rowid))
        db.commit()


def swap_chunks(rng: random.Random, file: Path) -> None:
    """Swap two chunks, with or without their checksums."""
    with closing(sqlite3.connect(file)) as db:
        rows = db.execute("SELECT rowid, data, checksum FROM chunk").fetchall()
        (one, *this), (other, *that) = rng.sample(rows, 2)
        columns = "data = ?, checksum = ?" if rng.random() < 0.5 else "data = ?"
        given = columns.count("?")
        db.execute(f"UPDATE chunk SET {columns} WHERE rowid = ?", (*that[:given], one))
        db.execute(f"UPDATE chunk SET {columns} WHERE rowid = ?", (*this[:given], other))
        db.commit()


def lose_chunk(rng: random.Random, file: Path) -> None:
    """Remove a chunk, or give it another number or name."""
    change = rng.choice(
        ("DELETE FROM chunk", "UPDATE chunk SET number = number + 7", "UPDATE chunk SET name = 'x'")
    )
    with closing(sqlite3.connect(file)) as db:
        ((rows,),) = db.execute("SELECT max(rowid) FROM chunk")
        db.execute(f"{change} WHERE rowid = ?", (rng.randint(1, rows),))
        db.commit()


def edit_meta(rng: random.Random, file: Path) -> None:
    """Change or remove an entry of the meta."""
    with closing(sqlite3.connect(file)) as db:
        key = rng.choice([key for (key,) in db.execute("SELECT key FROM meta")])
        value = rng.choice(("", "0", "-1", "99999999", "9" * 5000, "[[]]", "{}", "\x1b]0;x\x07", "null"))
        if rng.random() < 0.2:
            db.execute("DELETE FROM meta WHERE key = ?", (key,))
        else:
            db.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))
        db.commit()


def edit_schema(rng: random.Random, file: Path) -> None:
    """Put something else in the place of a table."""
    table = rng.choice(("meta", "chunk", "part"))
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i, i, i FROM n"
    statements = rng.choice(
        (
            [f"DROP TABLE {table}"],
            [f"ALTER TABLE {table} RENAME TO old", f"CREATE VIEW {table} AS SELECT * FROM old"],
            [f"DROP TABLE {table}", f"CREATE VIEW {table} AS {endless}"],
            [f"CREATE TRIGGER t AFTER INSERT ON {table} BEGIN SELECT 1; END"],
            [f"CREATE INDEX i ON {table} (1)"],
            ["CREATE TABLE more (x)"],
        )
    )
    with closing(sqlite3.connect(file)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


DAMAGES: Sequence[Damage] = (
    *(flip_bits,) * 8,
    zero_page,
    swap_pages,
    double_page,
    cut,
    append,
    overwrite,
    edit_chunk,
    swap_chunks,
    lose_chunk,
    edit_meta,
    edit_schema,
)


def answers(rows: int) -> list[Answer]:
    """What is asked: all that a catalog can be asked, in small pieces."""
    some = sorted({0, 1, rows // 3, rows // 2, rows - 1})
    everything = BitMap(range(rows))
    return [
        lambda catalog: len(catalog),
        lambda catalog: catalog.packages[:],
        lambda catalog: catalog.package_counts,
        lambda catalog: catalog.mirrors,
        lambda catalog: catalog.meta["title"],
        lambda catalog: list(catalog.lookalikes.starts),
        lambda catalog: (catalog.listed, catalog.in_buildcache, catalog.with_binary, catalog.lacking),
        lambda catalog: [catalog.spec(row) for row in some],
        lambda catalog: catalog.packed_hashes(),
        lambda catalog: [catalog.row_of(catalog.dag_hash(row)) for row in some],
        *((lambda catalog, name=name: list(catalog.column(name).ids)) for name in COLUMNS),
        *((lambda catalog, name=name: list(catalog.values(name))) for name in COLUMNS),
        *((lambda catalog, name=each.name: _facet(catalog, name)) for each in INDEXES),
        lambda catalog: [catalog.edges(row) for row in range(0, rows, 7)],
        lambda catalog: catalog.dag.dependents(everything),
        lambda catalog: [catalog.dag.dependents(BitMap([row])) for row in some],
        *((lambda catalog, each=each: catalog.dag.ancestors(everything, each)) for each in Relation),
        *(
            (lambda catalog, each=each: [catalog.dag.ancestors(BitMap([row]), each) for row in some])
            for each in Relation
        ),
    ]


def _facet(catalog: Catalog, name: str) -> object:
    facet = catalog.facet(name)
    return facet.values, facet.bitmaps, [facet.rows(value) for value in facet.values[:5]]


def outcome(file: Path, expected: Sequence[object], asked: Sequence[Answer]) -> str:
    """What became of a damaged catalog: `found`, `harmless`, `wrong` or `traceback`."""
    result = "harmless"
    try:
        verify(file)
        with closing(Catalog(file)) as catalog:
            for ask, known in zip(asked, expected, strict=True):
                try:
                    if ask(catalog) != known:
                        return "wrong"
                except CatalogError:
                    result = "found"
    except CatalogError:
        return "found"
    except Exception:  # noqa: BLE001 - whatever it is, it would end the program
        traceback.print_exc()
        return "traceback"
    return result


def run(whole: Path, rounds: int, seed: int) -> Counter[str]:
    """Damage copies of a catalog, and count what became of them."""
    with closing(Catalog(whole)) as catalog:
        asked = answers(len(catalog))
        expected = [ask(catalog) for ask in asked]
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            rng = random.Random(f"{seed} {number}")
            copy = Path(folder) / "c.sqlite"
            shutil.copyfile(whole, copy)
            damage = rng.choice(DAMAGES)
            with suppress(sqlite3.Error):  # the damage could not be done
                damage(rng, copy)
            became = outcome(copy, expected, asked)
            found[became] += 1
            if became in ("wrong", "traceback"):
                print(f"{seed} {number}: {damage.__name__}: {became}", file=sys.stderr)
    return found


def main() -> int:
    """Run as many rounds as the command line says, on the catalog of the embedded sample or a given one."""
    from cachetui.catalog.compile import compile_catalog
    from tests.conftest import MIRROR_12, read

    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.sqlite"
        compile_catalog(read(MIRROR_12)[0], whole, {"title": "whole"})
        found = run(whole, rounds, seed)
    print(", ".join(f"{name}: {count}" for name, count in sorted(found.items())))
    return 1 if found["wrong"] or found["traceback"] else 0


if __name__ == "__main__":
    sys.exit(main())
