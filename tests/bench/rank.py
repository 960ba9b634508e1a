"""How long a ranking takes, and where the wanted packages end up: `python tests/bench/rank.py`."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cachetui.search.fuzzy import PackageRanker  # noqa: E402

BUDGET_MS = 8.0
DATA = ROOT / "tests" / "data"
NAMES = (DATA / "package_names.txt").read_text().split()
PAIRS = [line.split("\t") for line in (DATA / "search_queries.tsv").read_text().splitlines()[1:]]


def milliseconds(ranker: PackageRanker, text: str) -> float:
    start = time.perf_counter()
    ranker.rank(text)
    return (time.perf_counter() - start) * 1000


def print_times(title: str, times: Sequence[float]) -> None:
    p95 = statistics.quantiles(times, n=20)[-1]
    median = statistics.median(times)
    print(
        f"{title:<22} {len(times):5} queries  median {median:5.2f}  p95 {p95:5.2f}  max {max(times):5.2f} ms"
    )


def print_ranks(ranker: PackageRanker) -> None:
    places = []
    for typed, wanted in PAIRS:
        order = [NAMES[i] for i in ranker.rank(typed).order]
        place = order.index(wanted) + 1 if wanted in order else 0
        places.append(place)
        print(f"{typed:<18} {wanted:<24} {place or '-':>3}  {'' if place == 1 else ' '.join(order[:3])}")
    first = sum(place == 1 for place in places)
    in_ten = sum(1 <= place <= 10 for place in places)
    print(f"first {first}/{len(places)}, in the first ten {in_ten}/{len(places)}")


def main() -> int:
    start = time.perf_counter()
    ranker = PackageRanker(NAMES)
    print(f"init {(time.perf_counter() - start) * 1000:.1f} ms for {len(NAMES):,} names")
    start = time.perf_counter()
    ranker.warm()
    print(f"warm {(time.perf_counter() - start) * 1000:.1f} ms")
    times = [milliseconds(ranker, typed) for _ in range(5) for typed, _ in PAIRS]
    print_times("pairs", times)
    prefixes = [typed[:end] for typed, _ in PAIRS for end in range(1, len(typed) + 1)]
    print_times("each of their prefixes", [milliseconds(ranker, prefix) for prefix in prefixes])
    print_ranks(ranker)
    return 1 if statistics.median(times) > BUDGET_MS else 0


if __name__ == "__main__":
    sys.exit(main())
