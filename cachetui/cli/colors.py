"""Paints lines for a terminal: plain ANSI, in the colours that Spack gives the parts of a spec."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cachetui.render import Line, Lines

RESET = "\x1b[0m"

_16_COLORS = {
    "muted": "90",
    "strong": "1",
    "accent": "36",
    "good": "32",
    "warning": "33",
    "bad": "31",
    "version": "36",
    "compiler": "32",
    "arch": "35",
    "variant": "94",
    "hash": "90",
}
"""Role to the code that Spack prints; which colour that is, the palette of the terminal decides."""

_256_COLORS = {
    "muted": "38;5;243",
    "strong": "1",
    "accent": "38;5;30",
    "good": "38;5;64",
    "warning": "38;5;130",
    "bad": "38;5;196",
    "version": "38;5;30",
    "compiler": "38;5;64",
    "arch": "38;5;133",
    "variant": "38;5;63",
    "hash": "38;5;243",
}
"""Role to a colour of a contrast of 4 : 1 and more on black and on white alike (4.4 is the most there is)."""

_WITH_256 = ("256color", "direct", "kitty", "ghostty", "alacritty", "foot", "wezterm")
"""Terminals with 256 colours, by what their TERM has in it."""


class Colors:
    """Codes around texts.

    Args:
        codes: the code of each role; none: nothing is painted.
    """

    def __init__(self, codes: Mapping[str, str]) -> None:
        self._codes = {role: (f"\x1b[{code}m", RESET) for role, code in codes.items()}

    def codes(self, role: str) -> tuple[str, str]:
        """What stands before and after a text of a role."""
        return self._codes.get(role, ("", ""))

    def texts(self, lines: Lines) -> Iterable[str]:
        """Lines as they are printed; text without styles stays as it is."""
        from cachetui.render import texts

        if not self._codes:
            return texts(lines)
        painted = getattr(lines, "painted", None)
        if painted is None:
            return (line if isinstance(line, str) else self._painted(line) for line in lines)
        whole: Iterable[str] = painted(self.codes)  # a table paints whole columns
        return whole

    def _painted(self, line: Line) -> str:
        parts = [(text, *self.codes(role)) for text, role in line if text]
        return "".join([f"{before}{text}{after}" for text, before, after in parts])


def chosen_colors(choice: str, stream: Any, environ: Mapping[str, str] = os.environ) -> Colors:
    """The colours for a stream.

    Args:
        choice: `always`, `never`, or `auto`: on a terminal that can show them, unless the user objects.
    """
    if choice == "never" or (choice == "auto" and not _wanted(stream, environ)):
        return Colors({})
    return Colors(_256_COLORS if _has_256(environ) else _16_COLORS)


def _wanted(stream: Any, environ: Mapping[str, str]) -> bool:
    """Follow the variables that many programs know: see no-color.org and bixense.com/clicolors."""
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("CLICOLOR_FORCE", "FORCE_COLOR")):
        return True
    return bool(stream.isatty()) and environ.get("TERM", "dumb") != "dumb"


def _has_256(environ: Mapping[str, str]) -> bool:
    term = environ.get("TERM", "").lower()
    return bool(environ.get("COLORTERM")) or any(name in term for name in _WITH_256)
