"""Data in Markdown, HTML and SVG: nothing in it is markup, and pages need no other file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from cachetui.text import clean

_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]|~$])")

LIGHT_SHADES = (
    ("#ffffff", "#5c6370"),
    ("#dcefe2", "#10241a"),
    ("#a5d8b5", "#10241a"),
    ("#63b983", "#07130c"),
    ("#1f6f43", "#ffffff"),
)
"""(background, text) of the shades of cells, from the empty one on."""

DARK_SHADES = (
    ("#14181f", "#97a2bd"),
    ("#173226", "#e6f2ea"),
    ("#1f5138", "#f0f8f3"),
    ("#2a7550", "#ffffff"),
    ("#86dba9", "#08130d"),
)
"""The same where a dark page is wanted."""

FONT = "system-ui, sans-serif"


def markdown_text(text: str) -> str:
    """A text in Markdown, also in a cell of a table."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", escape(clean(text), quote=False))


def markdown_table(headings: Sequence[str], sides: str, lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of texts.

    Args:
        sides: a letter for each column: `l` for text, `r` for numbers.
    """
    yield _markdown_line(headings)
    yield f"|{'|'.join(':--' if side == 'l' else '--:' for side in sides)}|"
    yield from map(_markdown_line, lines)


def _markdown_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(markdown_text, cells))} |"


def html_text(text: str) -> str:
    """A text in HTML or SVG, also in an attribute."""
    return escape(clean(text))


def html_page(title: str, summary: str, body: Iterable[str]) -> Iterator[str]:
    """A page of its own around some lines of HTML."""
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{html_text(title)}</title>"
    yield "<style>"
    yield from _PAGE_STYLE
    yield from shade_rules("background", "color")
    yield "</style>"
    yield "</head>"
    yield "<body>"
    yield f"<h1>{html_text(title)}</h1>"
    yield f"<p>{html_text(summary)}</p>"
    yield from body
    yield "</body>"
    yield "</html>"


_PAGE_STYLE = (
    ":root { color-scheme: light dark; }",
    f"body {{ font: 15px/1.4 {FONT}; margin: 1.5rem; background: #ffffff; color: #1d2330; }}",
    "table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; }",
    "th, td { padding: 2px 8px; text-align: left; vertical-align: top; border-bottom: 1px solid #d5d9e0; }",
    "td.n, th.n { text-align: right; }",
    "thead th { position: sticky; top: 0; background: #eef0f4; }",
    "@media (prefers-color-scheme: dark) {",
    "  body { background: #14181f; color: #d5dbea; }",
    "  th, td { border-color: #2a3140; }",
    "  thead th { background: #1d232e; }",
    "}",
)


def shade_rules(background: str, text: str, of_text: str = "") -> Iterator[str]:
    """The style rules of the classes `s0` to `s4`, for light and for dark pages.

    Args:
        background, text: the properties to set.
        of_text: the class of texts, where these are elements of their own, less the number.
    """
    yield from _rules(LIGHT_SHADES, background, text, of_text)
    yield "@media (prefers-color-scheme: dark) {"
    yield from _rules(DARK_SHADES, background, text, of_text)
    yield "}"


def _rules(shades: Iterable[tuple[str, str]], background: str, text: str, of_text: str) -> Iterator[str]:
    for number, (below, above) in enumerate(shades):
        if of_text:
            yield f".s{number} {{ {background}: {below}; }}"
            yield f".{of_text}{number} {{ {text}: {above}; }}"
        else:
            yield f".s{number} {{ {background}: {below}; {text}: {above}; }}"
