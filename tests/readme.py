"""Writes the tables of the README that are made from the program: keys, query language, settings.

python tests/readme.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from cachetui.config import list_settings
from cachetui.query import LANGUAGE
from cachetui.tui.commands import SECTIONS

README = Path(__file__).parents[1] / "README.md"

KEYS_OF = ("everywhere", "in the table of builds", "in the filters", "in the details of a build")
"""Where keys are not what everybody expects; the help screen (F1) lists all."""


def tables() -> dict[str, str]:
    """Each table by the name in its markers: `<!-- keys -->` ... `<!-- end of keys -->`."""
    return {
        "keys": markdown(("key", "does"), keys()),
        "language": markdown(("typed", "means"), ((f"`{typed}`", means) for typed, means in LANGUAGE)),
        "settings": markdown(("setting", "default", "what it is"), settings()),
    }


def keys() -> Iterator[tuple[str, str]]:
    """The keys and what they do, below a heading for each place."""
    for title, commands in SECTIONS:
        if title in KEYS_OF:
            yield "", f"**{title}**"
            yield from (
                (" ".join(f"`{key}`" for key in command.keys_text({}).split()), command.text)
                for command in commands
            )


def settings() -> Iterator[tuple[str, str, str]]:
    """The settings, their defaults and descriptions."""
    for setting in list_settings():
        if not setting.name.startswith("public."):  # of no use to a user
            yield f"`{setting.name}`", shown(setting.default), setting.description


def shown(default: object) -> str:
    """A default as it stands in a configuration file; nothing for what is empty."""
    text = str(default).lower() if isinstance(default, bool) else str(default or "")
    return f"`{text}`" if text else ""


def markdown(headings: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    rows = (headings, ("---",) * len(headings), *lines)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def renewed(text: str) -> str:
    """The README with its tables as the program has them now."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n\n", f"\n\n<!-- end of {name} -->"
        text, times = re.subn(
            f"{re.escape(begin)}.*?{re.escape(end)}",
            lambda _, found=begin + table + end: found,  # type: ignore[misc]
            text,
            flags=re.DOTALL,
        )
        assert times == 1, f"the README has {times} places for the table of {name}"
    return text


def main() -> None:
    """Write the tables."""
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
