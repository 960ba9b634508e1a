"""Measures the program against its budgets.

    python tests/bench/run.py [--sizes 1000,10000,60000,400000] [--runs 5] [--only NAME] [--folder FOLDER]

Generates an index of each size (once for each FOLDER; without it, for this run alone), lets the program
compile it, and measures in fresh processes and in a real pseudo-terminal of 120x40 with 256 colours. Linux
only. Exits 1 when a budget is missed or a measure crashes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import compile, keys, listing, open, operations, plot, refreshes, start
from tests.bench.bench import Bench, tell, write_bytecode
from tests.bench.report import Row, machine, markdown_report, text_report

Measure = Callable[[Bench, int], list[Row]]

MEASURES: dict[str, Measure] = {
    "start": start.measure,
    "operations": operations.measure,
    "compile": compile.measure,
    "pages": compile.measure_pages,
    "open": open.measure,
    "refreshes": refreshes.measure,
    "keys": keys.measure,
    "list": listing.measure,
}


def parsed() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=sizes, default=sizes("1000,10000,60000,400000"), metavar="N,N")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=MEASURES, action="append", help="may be given several times")
    parser.add_argument("--folder", type=Path, help="where generated indexes stay for the next run")
    parser.add_argument("--markdown", action="store_true", help="print the table for the README")
    return parser.parse_args()


def sizes(text: str) -> list[int]:
    """Numbers of specs, ascending."""
    return sorted({int(number) for number in text.split(",")})


def measured(bench: Bench, names: list[str]) -> Iterator[Row]:
    """The rows of the measures, size by size."""
    for size in bench.sizes:
        for name in names:
            tell(f"{name}, {size:,} specs")
            yield from attempt(name, bench, size)


def attempt(name: str, bench: Bench, size: int) -> list[Row]:
    """The rows of one measure; if it crashes, one that says so."""
    try:
        return MEASURES[name](bench, size)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other measures are not lost
        traceback.print_exc()
        return [Row(name, size, note=f"{type(error).__name__}: {error}".splitlines()[0], crashed=True)]


def main() -> int:
    """Measure, and print the table."""
    options = parsed()
    write_bytecode()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        homes = Path(temporary) / "homes"
        folder: Path = options.folder or Path(temporary) / "generated"
        for path in (homes, folder):
            path.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, homes, options.sizes, options.runs)
        rows = list(measured(bench, options.only or list(MEASURES)))
    if options.markdown:
        judged = [row for row in rows if row.size is None or row.size >= compile.SMALLEST_REAL]
        columns = [size for size in bench.sizes if size >= compile.SMALLEST_REAL] or bench.sizes[-1:]
        parts = [f"{machine()}.", markdown_report(judged, columns), plot.markdown_growth(rows)]
        print("\n\n".join(filter(None, parts)))
    else:
        print("\n\n".join(filter(None, [machine(), text_report(rows), plot.growth(rows)])))
    return int(any(row.missed for row in rows))


if __name__ == "__main__":
    sys.exit(main())
