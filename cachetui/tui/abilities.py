"""What the terminal can do by what its environment says: how many colours, and which background."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

STANDARD, COLOURS_256, TRUECOLOR = "standard", "256", "truecolor"
"""The numbers of colours, as TEXTUAL_COLOR_SYSTEM names them."""

TRUECOLOR_TERMS = frozenset(
    ("alacritty", "contour", "foot", "ghostty", "iterm", "iterm2", "kitty", "rio", "wezterm", "direct")
)
"""Words of TERM that name a terminal with all colours, with whatever stands around them: `xterm-ghostty`."""

TERMS_WITH_256 = frozenset(("256color", "gnome", "konsole", "mlterm", "st", "vte"))
"""Words of TERM that mean 256 colours, also where an old terminfo says 8."""

TERMS_WITH_16 = frozenset(("ansi", "cygwin", "linux", "screen", "tmux", "vt100", "vt220", "xterm"))
"""Values of TERM that say no more than that: terminfo need not be read for the most frequent of them."""

TERMINFO_FOLDERS = ("/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo")

UNASKED = frozenset(("linux", "vt100", "vt102", "vt220", "ansi", "cygwin"))
"""Values of TERM of terminals that may print a question that they do not know."""

_HEADER = struct.Struct("<6h")
_NUMBER_SIZES = {0o432: 2, 0o1036: 4}
_COLORS = 13
"""The place of `max_colors` among the numbers of a compiled description, see term(5)."""


def has_few_colours(environ: Mapping[str, str]) -> bool:
    """Whether the browser keeps to the palette of the terminal: with NO_COLOR, or on 16 colours."""
    return bool(environ.get("NO_COLOR")) or color_system(environ) == STANDARD


def is_ascii(environ: Mapping[str, str]) -> bool:
    """Whether lines, boxes and marks have to be plain ASCII: on the Linux console, or without UTF-8."""
    if environ.get("TERM", "") == "linux":
        return True
    # Python itself goes to UTF-8 where the locale is C or POSIX, as terminals do.
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "C"
    return locale not in ("C", "POSIX") and "utf" not in locale.lower()


def color_system(environ: Mapping[str, str]) -> str:
    """How many colours the terminal has, in the words of TEXTUAL_COLOR_SYSTEM, which has the last word."""
    forced = environ.get("TEXTUAL_COLOR_SYSTEM", "").strip().lower()
    if forced and forced != "auto":
        return forced
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return TRUECOLOR
    term = environ.get("TERM", "").strip()
    words = set(re.split("[-+.]", term.lower()))
    # The last word counts first: `foot-direct`, and `konsole-16color`.
    if "16color" in words or term.lower() in TERMS_WITH_16:
        return STANDARD
    if words & TRUECOLOR_TERMS:
        return TRUECOLOR
    if words & TERMS_WITH_256:
        return COLOURS_256
    return _system_of(terminfo_colours(term, environ))


def _system_of(colours: int) -> str:
    if colours >= 1 << 24:
        return TRUECOLOR
    return COLOURS_256 if colours >= 256 else STANDARD


def terminfo_colours(term: str, environ: Mapping[str, str]) -> int:
    """The number of colours in the terminfo description of a terminal; 0 if there is none.

    `curses` would be slower to load, and knows one terminal per process.
    """
    if not term or "/" in term:
        return 0
    for folder in _terminfo_folders(environ):
        # macOS names the folders by the code of the first letter.
        for initial in (term[0], f"{ord(term[0]):x}"):
            try:
                return _max_colors((folder / initial / term).read_bytes())
            except OSError:
                continue
    return 0


def _terminfo_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    if own := environ.get("TERMINFO"):
        yield Path(own)
    if home := environ.get("HOME"):
        yield Path(home, ".terminfo")
    for folder in environ.get("TERMINFO_DIRS", "").split(":"):
        if folder:
            yield Path(folder)
    yield from map(Path, TERMINFO_FOLDERS)


def _max_colors(description: bytes) -> int:
    if len(description) < _HEADER.size:
        return 0
    magic, names, flags, numbers, _, _ = _HEADER.unpack_from(description)
    size = _NUMBER_SIZES.get(magic)
    start = _HEADER.size + names + flags
    start += start % 2  # numbers begin at an even place
    if size is None or numbers <= _COLORS or names < 0 or flags < 0:
        return 0
    field = description[start + size * _COLORS :][:size]
    return max(int.from_bytes(field, "little", signed=True), 0)


def background_of(environ: Mapping[str, str]) -> bool | None:
    """Whether the background of the terminal is light by what the environment says; None: it does not say."""
    last = environ.get("COLORFGBG", "").rpartition(";")[2]
    return None if not last.isdigit() else int(last) in (7, *range(9, 16))


def answers_questions(environ: Mapping[str, str]) -> bool:
    """Whether the terminal may be asked for its background.

    Not consoles, which may print the question, and not GNU screen, which has no background of its own.
    """
    term = environ.get("TERM", "").strip().lower()
    in_screen = bool(environ.get("STY")) or (term.startswith("screen") and not environ.get("TMUX"))
    return term not in UNASKED and not in_screen


def is_light(red: float, green: float, blue: float) -> bool:
    """Whether black text is easier to read on a colour than white text.

    Args:
        red: from 0.0 to 1.0, as are the others.
    """
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (luminance + 0.05) ** 2 > 0.05 * 1.05


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
