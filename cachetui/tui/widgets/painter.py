"""Rows to strips, in the colours of the theme: each style is worked out once, not once a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.console import COLOR_SYSTEMS
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cachetui.tui.themes import number_of_256
from cachetui.tui.widgets.lines import CURSOR_STYLES, Row, layered, line_width, merged

if TYPE_CHECKING:
    from rich.console import Console
    from textual.color import Color as TextualColor
    from textual.widget import Widget


_ASCII = str.maketrans(
    dict(
        zip(
            "╭╮╰╯─│┏┓┗┛━┃├└▏…●○◐□■✕✓▲▼▇▁█░▒▓→←↑↓·⌫▾▸◇",
            "++++-|++++=||`|~*o%.x!*^v#.#.:%><^v-<-+e",
            strict=True,
        )
    )
)
"""Lines, boxes and marks in plain ASCII, each in one cell."""


def in_ascii(text: str) -> str:
    """A text in plain ASCII, as wide as it was."""
    if text.isascii():
        return text
    plain = text.translate(_ASCII)
    return plain if plain.isascii() else "".join(c if c.isascii() else "?" * cell_len(c) for c in plain)


class RowPainter:
    """Paints the rows of one widget.

    Args:
        widget: whose colours lie below.
    """

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[tuple[str, str], Style] = {}
        self._theme: tuple[str, Style] | None = None

    def restyled(self) -> bool:
        """Look at the theme again; whether it is another one, so that all rows have to be painted again."""
        theme = (self._widget.app.theme, self._widget.rich_style)
        if theme == self._theme:
            return False
        self._theme = theme
        self._styles.clear()
        return True

    def forget(self) -> None:
        """Work out all styles again."""
        self._styles.clear()
        self._theme = None

    def strip(self, row: Row, width: int) -> Strip:
        """Paint a row."""
        left = width - line_width(row.line)
        line = (*row.line, (" " * left, "")) if left > 0 else row.line
        if row.cursor is None or row.cursor == (0, width):  # no span has to be divided
            over = row.cursor_style if row.cursor else ""
            spans = [(text, self._style(name, over)) for text, name in line]
        else:
            layers = layered(Row(line, row.cursor, row.is_focused))
            spans = [(text, self._style(name, over)) for text, name, over in layers]
        if getattr(self._widget.app, "is_ascii", False):
            spans = [(in_ascii(text), style) for text, style in spans]
        return _RowStrip(merged(spans), width - min(left, 0))

    def _style(self, name: str, over: str) -> Style:
        """A style below that of the cursor, as the terminal is to show it."""
        style = self._styles.get((name, over))
        if style is None:
            style, background = self._blended(name, over)
            for line_filter in self._widget.get_line_filters():
                style = line_filter.apply([Segment("", style)], background)[0].style or Style.null()
            if self._widget.app.console.color_system == "256":
                style = _of_256(style)
            self._styles[name, over] = style
        return style

    def _blended(self, name: str, over: str) -> tuple[Style, TextualColor]:
        """A style with both its colours opaque, and its background: what it leaves out is the pane's."""
        widget = self._widget
        _, background = widget.background_colors
        colour, text_style = widget.styles.color, widget.text_style
        for layer in (name, over):
            if not layer:
                continue
            styles = widget.screen.get_component_styles(f"line--{layer}")
            background += styles.background
            if styles.has_rule("color"):
                colour = styles.color
            elif layer in CURSOR_STYLES:
                colour = widget.styles.color
            text_style += styles.text_style
        colours = Style.from_color((background + colour).rich_color, background.rich_color)
        return text_style + colours, background


def _of_256(style: Style) -> Style:
    """A style in the nearest ones of the 256 colours."""
    colours = (
        Color.from_ansi(number_of_256(colour.triplet)) if colour and colour.triplet else colour
        for colour in (style.color, style.bgcolor)
    )
    return style + Style.from_color(*colours)


class _RowStrip(Strip):
    """A row of the screen, written with as few bytes as it takes.

    Textual writes each segment with all of its style and a reset behind it; here only what changes is
    written, and one reset behind the row.
    """

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Divide the strip at the given cells."""
        cuts = [cut for cut in cuts if cut <= self.cell_length]
        # Textual would store the strip in its own cache, and only a garbage collection would free it.
        return [self] if cuts == [self.cell_length] else list(map(_row_strip, super().divide(cuts)))

    def crop(self, start: int, end: int | None = None) -> Strip:
        """The part of the row between two cells."""
        return _row_strip(super().crop(start, end))

    def render(self, console: Console) -> str:
        """Write the row for a terminal."""
        system = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        written: list[str] = []
        before: Style | None = None
        for text, style, _ in self:
            if before is None or style is None:
                written.append(_begin(style, system))
            elif style != before:
                written.append(_change(before, style, system))
            written.append(text)
            before = style
        return "".join([*written, "\x1b[0m" if before else ""])


def _row_strip(strip: Strip) -> Strip:
    return strip if isinstance(strip, _RowStrip) else _RowStrip(strip, strip.cell_length)


@lru_cache(maxsize=256)
def _begin(style: Style | None, system: ColorSystem) -> str:
    """The sequence that turns a style on, in a row without any."""
    codes = Strip.render_ansi(style, system) if style else ""
    return f"\x1b[{codes}m" if codes else ""


@lru_cache(maxsize=1024)
def _change(before: Style, style: Style, system: ColorSystem) -> str:
    """The sequence that turns one style into another."""
    loses_colour = (style.color is None) != (before.color is None)
    if before.without_color != style.without_color or loses_colour or style.bgcolor is None:
        return "\x1b[0m" + _begin(style, system)
    return _begin(
        Style.from_color(
            style.color if style.color != before.color else None,
            style.bgcolor if style.bgcolor != before.bgcolor else None,
        ),
        system,
    )
