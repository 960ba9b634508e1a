"""Text for people and terminals: cleaning, counting, ages, and URLs without their secrets."""

from __future__ import annotations

import re
from functools import lru_cache

ELLIPSIS = "\u2026"

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


@lru_cache(maxsize=65536)
def clean(text: str) -> str:
    """Replace control, direction and other unprintable characters by U+FFFD."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def one_line(text: str) -> str:
    """Join a text into one line: runs of blanks and unprintable characters become one blank."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def counted(number: int, noun: str) -> str:
    """Format a count: `1 build`, `1,234 builds`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def age_text(seconds: float) -> str:
    """Format an age: `3 minutes`, `2 hours`, `5 days`."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= unit:
            return counted(int(seconds // unit), name)
    return "less than a minute"


def without_password(url: str) -> str:
    """A URL as it may be shown: a query may be a signature."""
    plain, mark, _ = re.sub(r"//[^?#]*@", "//", url).partition("?")
    return clean(f"{plain}?{ELLIPSIS}" if mark else plain)
