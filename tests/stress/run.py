"""Tries to lose something, to get a wrong answer, or to crash the program: longer than the suite does.

    python tests/stress/run.py [--only NAME] [--rounds N] [--seed N] [--write]

Prints the table of what was tried, how often, and what was lost. `--write` puts it into the README. Linux
only. Exits 1 if anything was lost, wrong or crashed. A short form of each part is in the suite.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.stress import crowd, damaged, files, fuzz, killed, soak, typed
from tests.stress.outcome import Outcome, Run, renewed, table, tell

PARTS: dict[str, Callable[[Run], list[Outcome]]] = {
    "fuzz": fuzz.measure,
    "typed": typed.measure,
    "files": files.measure,
    "killed": killed.measure,
    "crowd": crowd.measure,
    "damaged": damaged.measure,
    "soak": soak.measure,
}

README = Path(__file__).parents[2] / "README.md"


def parsed() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=PARTS, action="append", help="may be given several times")
    parser.add_argument("--rounds", type=int, default=0, help="instead of what each part thinks fit")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    return parser.parse_args()


def attempt(name: str, run: Run) -> list[Outcome]:
    """The outcomes of one part; if it crashes, one that says so."""
    tell(name)
    try:
        return PARTS[name](run)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are not lost
        traceback.print_exc()
        return [Outcome(name, crashed=1, note="not finished", failures=[f"{type(error).__name__}: {error}"])]


def main() -> int:
    """Try everything, and print the table."""
    options = parsed()
    with tempfile.TemporaryDirectory(prefix="stress-") as folder:
        run = Run(Path(folder), options.seed, options.rounds)
        outcomes = [outcome for name in options.only or PARTS for outcome in attempt(name, run)]
    print(table(outcomes))
    for outcome in outcomes:
        for failure in outcome.failures:
            tell(f"FAILED {outcome.tried}: {failure}")
    if options.write:
        README.write_text(renewed(README.read_text(encoding="utf-8"), outcomes), encoding="utf-8")
    return int(not all(outcome.is_clean for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
