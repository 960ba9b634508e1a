"""Cells that a spreadsheet shows and does not calculate."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[\t\r\n]|[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""A spreadsheet may take what follows blanks, quotes or a full-width sign for a formula, too."""

_NEEDS_QUOTES = re.compile(r"""[",;\t\r\n]|^ | $""")
"""`;` and tabs separate cells where a comma separates decimals."""


def csv_cell(text: str) -> str:
    """A cell of a CSV file: one that would be a formula is preceded by `'`, as is usual."""
    shown = f"'{text}" if _FORMULA.match(text) else text
    if not _NEEDS_QUOTES.search(shown):
        return shown
    doubled = shown.replace('"', '""')
    return f'"{doubled}"'
