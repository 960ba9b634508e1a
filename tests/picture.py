"""Draws the picture of the README, the browser over the sample, as an SVG.

    python tests/picture.py [FILE]

Words stand at the place of their cells and frames are drawn as lines, so that the picture looks the same
with whatever font there is; Textual's own SVG loads a font, which a page does not allow to pictures.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

sys.path.insert(0, str(Path(__file__).parents[1]))

from cachetui.config import Config
from cachetui.tui.themes import DARK
from tests.builders.homes import home_variables
from tests.tui.driver import browsing

PICTURE = Path(__file__).parents[1] / ".github" / "cachetui.svg"

SIZE = (120, 32)
KEYS = (*"hdf5 mpi", "enter", "enter", "down")
"""Type plain words, go to the builds, unfold the look-alikes, go to the first of them."""

ENVIRON = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}

FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
FONT_SIZE, WIDTH, HEIGHT, BASELINE, MARGIN = 14, 8.43, 17, 13, 10
"""In pixels; width and height of a cell, and where letters stand in it."""

_PIECES = re.compile(r"[\u2500-\u257f]+|[\u2581-\u2588]+|[^\s\u2500-\u257f\u2581-\u2588]+")
"""Frames, bars, words."""


async def drawn() -> tuple[Sequence[Strip], str]:
    """The lines of the screen after the keys, and the background of the theme."""
    config = Config(theme=DARK)
    async with browsing(size=SIZE, environ=ENVIRON, config=config, is_typing=True) as browser:
        await browser.press(*KEYS)
        return browser.strips, str(browser.app.theme_variables["bar"])


def picture(strips: Sequence[Strip], background: str) -> str:
    """The lines as an SVG."""
    width, height = SIZE[0] * WIDTH + 2 * MARGIN, len(strips) * HEIGHT + 2 * MARGIN
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">',
            "<title>cachetui over the embedded sample</title>",
            f'<rect width="100%" height="100%" rx="6" fill="{background}"/>',
            f'<g transform="translate({MARGIN} {MARGIN})" font-family="{FONTS}" font-size="{FONT_SIZE}">',
            *(each for y, strip in enumerate(strips) for each in backgrounds(strip, y * HEIGHT)),
            *(each for y, strip in enumerate(strips) for each in foregrounds(strip, y * HEIGHT)),
            "</g>",
            "</svg>",
            "",
        )
    )


def backgrounds(strip: Strip, y: int) -> Iterator[str]:
    """The backgrounds of a line, each a little wider, so that no seam is seen between two."""
    cells = 0
    for text, style, _ in strip:
        x, width = cells * WIDTH, cell_len(text) * WIDTH + 0.3
        cells += cell_len(text)
        if back := colours(style or Style())[1]:
            yield f'<rect x="{x:.2f}" y="{y}" width="{width:.2f}" height="{HEIGHT + 0.3}" fill="{back}"/>'


def foregrounds(strip: Strip, y: int) -> Iterator[str]:
    """Frames, bars and words of a line."""
    cells = 0
    for text, style, _ in strip:
        colour, _ = colours(style or Style())
        for match in _PIECES.finditer(text):
            x = (cells + cell_len(text[: match.start()])) * WIDTH
            yield piece(match[0], x, y, colour, bool(style and style.bold))
        cells += cell_len(text)


def colours(style: Style) -> tuple[str, str]:
    """The colours of text and background; empty where they are left to the terminal."""
    front, back = (each.get_truecolor().hex if each else "" for each in (style.color, style.bgcolor))
    return (back, front) if style.reverse else (front, back)


def piece(text: str, x: float, y: int, colour: str, is_bold: bool) -> str:
    """Some characters of one kind: of a frame, a bar or a word."""
    if "\u2500" <= text[0] <= "\u257f":
        thickness = 2.4 if "HEAVY" in unicodedata.name(text[0]) else 1
        return f'<path d="{"".join(box(text, x, y))}" stroke="{colour}" stroke-width="{thickness}"/>'
    width = cell_len(text) * WIDTH
    if "\u2581" <= text[0] <= "\u2588":
        height = HEIGHT * (ord(text[0]) - 0x2580) / 8
        place = f'x="{x:.2f}" y="{y + HEIGHT - height:.2f}" width="{width:.2f}" height="{height:.2f}"'
        return f'<rect {place} fill="{colour}"/>'
    weight = ' font-weight="bold"' if is_bold else ""
    place = f'x="{x:.2f}" y="{y + BASELINE}" textLength="{width:.2f}"'
    return f'<text {place} fill="{colour}"{weight}>{escape(text, quote=False)}</text>'


def box(text: str, x: float, y: int) -> Iterator[str]:
    """The lines of a frame, by the names of its characters: BOX DRAWINGS LIGHT UP AND RIGHT."""
    across = y + HEIGHT / 2
    for run in re.finditer(r"[─━]+|.", text):
        left, right = x + run.start() * WIDTH, x + run.end() * WIDTH
        middle = (left + right) / 2
        ends = {
            "HORIZONTAL": f"M{left:.2f} {across}H{right:.2f}",
            "VERTICAL": f"M{middle:.2f} {y}V{y + HEIGHT}",
            "UP": f"M{middle:.2f} {across}V{y}",
            "DOWN": f"M{middle:.2f} {across}V{y + HEIGHT}",
            "LEFT": f"M{middle:.2f} {across}H{left:.2f}",
            "RIGHT": f"M{middle:.2f} {across}H{right:.2f}",
        }
        yield from (ends[word] for word in unicodedata.name(run[0][0]).split() if word in ends)


def main() -> None:
    """Draw the picture, with a home of its own."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    with tempfile.TemporaryDirectory(prefix="picture-") as home:
        os.environ.update(home_variables(Path(home)))
        svg = picture(*asyncio.run(drawn()))
    target.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
