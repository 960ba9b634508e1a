"""On Enter, sends a text of as many characters as asked for to the clipboard, and says which way."""

from __future__ import annotations

import os
import sys

from cachetui.tui.clipboard import send


def sample(length: int) -> str:
    """A text without repetition at the length of a piece, so that a lost or swapped piece shows."""
    return "".join(f"{number:06d} " for number in range(length // 7 + 1))[:length]


def main(length: int) -> None:
    """Send once and wait for another Enter, so that the screen can be read."""
    input("ready")
    print(send(sample(length), sys.stdout.write, os.environ), flush=True)
    input()


if __name__ == "__main__":
    main(int(sys.argv[1]))
