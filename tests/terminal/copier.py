"""Sends a text of a given length to the clipboard on Enter, and prints the way that it took."""

from __future__ import annotations

import os
import sys

from cachetui.tui.clipboard import send


def sample(length: int) -> str:
    """A text that does not repeat, so that a lost or swapped piece is noticed."""
    return "".join(f"{number:06d} " for number in range(length // 7 + 1))[:length]


def main(length: int) -> None:
    """Send once and wait for another Enter, so that the screen can be read."""
    input("ready")
    print(send(sample(length), sys.stdout.write, os.environ), flush=True)
    input()


if __name__ == "__main__":
    main(int(sys.argv[1]))
