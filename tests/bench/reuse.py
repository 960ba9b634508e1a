"""How long it takes to say of 400,000 builds which run on a host.

    python tests/bench/reuse.py [INDEX] [--folder FOLDER]

Compiles as closures.py does, then prints the time over a catalog that was just opened, as the first facet
has it, and the median of later ones. Exits 1 when a first time is above the budget.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cachetui.catalog import Catalog  # noqa: E402
from cachetui.graph import Release, runs  # noqa: E402
from cachetui.host import Host, read_host  # noqa: E402
from tests.bench.closures import SPECS, compiled  # noqa: E402

RUNS = 9
BUDGET_MS = 300.0
HOSTS = ("linux-rhel9-zen3", "linux-debian12-x86_64_v4", "linux-ubuntu24.04-neoverse_v2", "darwin-sequoia-m1")
RELEASES: tuple[Release, ...] = (None, (0, 23), (1, 2))


def milliseconds(catalog: Catalog, host: Host, release: Release) -> float:
    start = time.perf_counter()
    runs(catalog, host, release)
    return (time.perf_counter() - start) * 1000


def report(path: Path) -> float:
    """Print the table; the worst first time."""
    worst = 0.0
    for host in map(read_host, HOSTS):
        host.targets()  # archspec's table is read once, whatever is asked
        for release in RELEASES:
            catalog = Catalog(path)
            first = milliseconds(catalog, host, release)
            median = statistics.median(milliseconds(catalog, host, release) for _ in range(RUNS))
            worst = max(worst, first)
            spack = "by record" if release is None else ".".join(map(str, release))
            print(f"{host.arch:<32} {spack:<10} {len(runs(catalog, host, release).usable):7,} run "
                  f" first {first:6.1f}  median {median:6.1f} ms")  # fmt: skip
            catalog.close()
    return worst


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("index", type=Path, nargs="?", help=f"else {SPECS:,} specs are generated")
    parser.add_argument("--folder", type=Path, help="where the catalog stays for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        catalog = compiled(options.index, options.folder or Path(temporary))
        print(f"{len(catalog):,} specs")
        worst = report(catalog.path)
        print(f"worst first time {worst:.1f} ms, budget {BUDGET_MS:.0f} ms")
        catalog.close()
    return 1 if worst > BUDGET_MS else 0


if __name__ == "__main__":
    sys.exit(main())
