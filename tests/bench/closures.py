"""How long questions about the DAG take at 400,000 specs.

    python tests/bench/closures.py INDEX [--folder FOLDER]

Compiles nine copies of an index, each of an os of its own, into a catalog in FOLDER (once; without it, for
this run alone), then prints the first time and the median of 15 more for each set of rows. Exits 1 when a
median is above the budget.
"""

from __future__ import annotations

import argparse
import gzip
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from msgspec.structs import replace  # noqa: E402
from pyroaring import BitMap  # noqa: E402

from cachetui.catalog import Catalog, Relation, compile_catalog  # noqa: E402
from cachetui.errors import CatalogError  # noqa: E402
from cachetui.sources import open_sources  # noqa: E402
from cachetui.spec import Dependency, Spec  # noqa: E402

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
COPIES = 9
RUNS = 15
BUDGET_MS = 50.0


def specs_of(index: Path) -> Iterator[Spec]:
    """The specs of an index.json, packed or not."""
    with tempfile.TemporaryDirectory() as folder:
        plain = index
        if index.suffix == ".gz":
            plain = Path(folder) / "index.json"
            with gzip.open(index) as packed, plain.open("wb") as stream:
                shutil.copyfileobj(packed, stream)
        for source in open_sources([str(plain)]):
            for batch in source.batches(lambda problem: print(problem, file=sys.stderr)):
                yield from batch.specs


def rotated(dag_hash: str, by: int) -> str:
    """A hash whose first characters stand further on in the alphabet; nothing stays nothing."""
    return "".join(ALPHABET[(ALPHABET.index(c) + by) % len(ALPHABET)] for c in dag_hash[:4]) + dag_hash[4:]


def copied(spec: Spec, number: int) -> Spec:
    """The same spec in another DAG and for another os."""
    dependencies = tuple(
        Dependency(edge.name, rotated(edge.dag_hash, number), edge.deptypes, edge.virtuals)
        for edge in spec.dependencies
    )
    return replace(
        spec, dag_hash=rotated(spec.dag_hash, number), os=f"{spec.os}{number}", dependencies=dependencies
    )


def compiled(index: Path, path: Path) -> Catalog:
    """The catalog of all copies; compiled if it is not there yet."""
    try:
        return Catalog(path)
    except CatalogError:
        specs = list(specs_of(index))
    start = time.perf_counter()
    compile_catalog((copied(spec, number) for number in range(COPIES) for spec in specs), path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"compiled in {time.perf_counter() - start:.1f} s, at most {peak:.0f} MB")
    return Catalog(path)


def row_sets(catalog: Catalog) -> dict[str, BitMap]:
    """What is asked about."""
    counts, all_rows = catalog.package_counts, range(len(catalog))
    biggest = catalog.packages[max(range(len(counts)), key=counts.__getitem__)]
    targets = catalog.facet("target")
    target = max(targets.values, key=lambda value: len(targets.rows(value)))
    half = random.Random(1).sample(all_rows, len(catalog) // 2)
    names = ("python", "zlib-ng", "gcc-runtime", biggest)
    packages = {name: BitMap(catalog.package_rows(name)) for name in names}
    python_packages = BitMap(row for name in catalog.packages if name.startswith("py-")
                             for row in catalog.package_rows(name))  # fmt: skip
    return {
        **packages,
        f"target={target}": targets.rows(target),
        "py-*": python_packages,
        "a random half": BitMap(half),
        "all": BitMap(all_rows),
    }


def milliseconds(ask: Callable[[], BitMap]) -> float:
    start = time.perf_counter()
    ask()
    return (time.perf_counter() - start) * 1000


def asked(catalog: Catalog, rows: BitMap) -> dict[str, Callable[[], BitMap]]:
    """Each question about some rows, by name."""
    dag = catalog.dag
    runtime = {i for i, kind in enumerate(dag.edge_kinds) if {"link", "run"} & set(kind.deptypes)}
    return {
        "ancestors, all": lambda: dag.ancestors(rows, Relation.ALL),
        "ancestors, runtime": lambda: dag.ancestors(rows, Relation.RUNTIME),
        "dependents, all": lambda: dag.dependents(rows),
        "dependents, runtime": lambda: dag.dependents(rows, runtime),
    }


def report(catalog: Catalog) -> float:
    """Print the table; the worst median."""
    worst = 0.0
    for title, rows in row_sets(catalog).items():
        for question, ask in asked(catalog, rows).items():
            first = milliseconds(ask)
            median = statistics.median(milliseconds(ask) for _ in range(RUNS))
            worst = max(worst, median)
            print(f"{title:<20} {len(rows):7,} rows  {question:<20} {len(ask()):7,} found "
                  f" first {first:6.1f}  median {median:6.1f} ms")  # fmt: skip
    return worst


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("index", type=Path, help="an index.json, packed or not")
    parser.add_argument("--folder", type=Path, help="where the catalog stays for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = options.folder or Path(temporary)
        path = folder / "closures.sqlite"
        catalog = compiled(options.index, path)
        print(f"{len(catalog):,} specs, {path.stat().st_size / 1e6:.1f} MB")
        worst = report(catalog)
        catalog.close()
    return 1 if worst > BUDGET_MS else 0


if __name__ == "__main__":
    sys.exit(main())
