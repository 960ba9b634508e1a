"""How long questions about the DAG take at 400,000 specs.

    python tests/bench/closures.py [INDEX] [--folder FOLDER]

Compiles an index, without INDEX a generated one, into a catalog in FOLDER (once; without it, for this run
alone), then prints the first time and the median of 15 more for each set of rows. Exits 1 when a median is
above the budget.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pyroaring import BitMap  # noqa: E402

from cachetui.catalog import Catalog, Relation  # noqa: E402
from cachetui.catalog.compile import compile_catalog  # noqa: E402
from cachetui.errors import CatalogError  # noqa: E402
from cachetui.sources import open_path  # noqa: E402
from tests.bench.generate import write_index  # noqa: E402

SPECS = 400_000
RUNS = 15
BUDGET_MS = 50.0


def compiled(index: Path | None, folder: Path) -> Catalog:
    """The catalog of an index; compiled, and the index generated, if it is not there yet."""
    path = folder / "closures.sqlite"
    try:
        return Catalog(path)
    except CatalogError:
        location = index or write_index(SPECS, folder / "mirror")
    start = time.perf_counter()
    batches = (batch for source in open_path(str(location)) for batch in source.batches(print))
    compile_catalog((spec for batch in batches for spec in batch.specs), path)
    print(f"compiled in {time.perf_counter() - start:.1f} s")
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
    parser.add_argument("index", type=Path, nargs="?", help=f"else {SPECS:,} specs are generated")
    parser.add_argument("--folder", type=Path, help="where the catalog stays for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        catalog = compiled(options.index, options.folder or Path(temporary))
        print(f"{len(catalog):,} specs")
        worst = report(catalog)
        catalog.close()
    return 1 if worst > BUDGET_MS else 0


if __name__ == "__main__":
    sys.exit(main())
