"""Start to first complete paint, beside a bare Textual app, in one run.

    python tests/bench/start.py [LOCATION ...] [--runs N]

Both programs run by turns in a real pseudo-terminal of 120x40 with 256 colours. A paint is complete when a
text that is drawn last stands on the screen. Prints budget, measured and ratio; exits 1 when the budget is
missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.terminal.harness import Terminal, environment

BUDGET = 1.3
BARE = Path(__file__).parent / "bare_app.py"


def first_paint(command: list[str], home: Path, last_drawn: str) -> tuple[float, int]:
    """(milliseconds from process start until the text is on the screen, bytes until then)."""
    began = time.perf_counter()
    with Terminal(command, environment(home, TERM="xterm-256color")) as terminal:
        terminal.wait_for(last_drawn)
        took = (time.perf_counter() - began) * 1000
        return took, len(terminal.raw)


def main() -> int:
    """Run both by turns, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("locations", nargs="*", default=["sample"])
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    browser = [sys.executable, "-m", "cachetui", *options.locations]
    bare = [sys.executable, str(BARE)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        first_paint(browser, home, "leave")
        first_paint(bare, home, "Hello")
        pairs = [
            (first_paint(browser, home, "leave"), first_paint(bare, home, "Hello"))
            for _ in range(options.runs)
        ]
    ours = statistics.median(a[0] for a, _ in pairs)
    theirs = statistics.median(b[0] for _, b in pairs)
    ratio = statistics.median(a[0] / b[0] for a, b in pairs)
    print(f"start to first complete paint, {options.runs} runs by turns, medians")
    print(f"  bare Textual app   {theirs:6.0f} ms  {pairs[0][1][1]:7,} bytes")
    print(f"  cachetui           {ours:6.0f} ms  {pairs[0][0][1]:7,} bytes")
    print(f"  budget {BUDGET:.2f} x, measured {ratio:.2f} x")
    return int(ratio > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
