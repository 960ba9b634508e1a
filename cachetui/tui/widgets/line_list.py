"""The base of every list: draws the lines that are on screen, and sends only those that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.color import Color
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cachetui.text import ELLIPSIS
from cachetui.tui.commands import LIST_COMMANDS, bindings

if TYPE_CHECKING:
    from typing_extensions import Self

Span = tuple[str, str]
"""(text, style): the style is `` or the name of a component class without `line--`."""

Line = tuple[Span, ...]

WHEEL_LINES = 3

_NAMES = ("dim", "accent", "strong", "match", "warning", "heading", "cursor", "blurred")

_LETTERS = {"": "-", **dict(zip(_NAMES, "abcdefgh", strict=True))}

STYLES = {f"line--{name}" for name in _NAMES}
"""Component classes of every screen with line lists: looked up once for all lists on it."""

_OVER = ("cursor", "blurred")


class _Painted(Struct, frozen=True):
    """What a row of the screen shows."""

    line: Line
    under_cursor: bool = False
    focused: bool = False


class _RowStrip(Strip):
    """A row of the screen."""

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Divide the strip at the given cells."""
        cuts = [cut for cut in cuts if cut <= self.cell_length]
        # Textual would store the strip in its own cache, and only a garbage collection would free it.
        return [self] if cuts == [self.cell_length] else super().divide(cuts)


def width_of(text: str) -> int:
    """The cells that a text without control characters takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(line: Line, width: int) -> Line:
    """The line cut to a width, with an ellipsis where something is missing."""
    fitted: list[Span] = []
    left = width
    for text, style in line:
        length = width_of(text)
        if length > left:
            while left <= 0 and fitted:
                text, style = fitted.pop()
                left += width_of(text)
            if left > 0:
                fitted.append((set_cell_size(text, left - 1) + ELLIPSIS, style))
            break
        fitted.append((text, style))
        left -= length
    return tuple(fitted)


def columns(left: Line, right: Line, width: int) -> Line:
    """A line with one part at the left end and one at the right end; the left one is cut first."""
    right_width = sum([width_of(text) for text, _ in right])
    room = max(width - right_width - 1, 0)
    fitted = fit(left, room)
    used = sum([width_of(text) for text, _ in fitted])
    return (*fitted, (" " * (width - right_width - used), ""), *right) if right_width < width else fitted


def _joined(spans: Iterable[tuple[str, Style]]) -> list[Segment]:
    """The fewest segments that look like these: each change of style is bytes on the way to the terminal."""
    joined: list[tuple[str, Style]] = []
    for text, style in spans:
        if joined:
            before, style_before = joined[-1]
            if style is style_before or (text.isspace() and _blanks_look_alike(style, style_before)):
                joined[-1] = (before + text, style_before)
                continue
            if before.isspace() and _blanks_look_alike(style, style_before):
                joined[-1] = (before + text, style)
                continue
        joined.append((text, style))
    return [Segment(text, style) for text, style in joined]


@lru_cache(maxsize=256)
def _blanks_look_alike(one: Style, other: Style) -> bool:
    """Whether a blank shows no difference between two styles."""
    lined = one.underline or one.reverse or other.underline or other.reverse
    return not lined and one.bgcolor == other.bgcolor


def _changed_cells(before: _Painted | None, after: _Painted, width: int) -> tuple[int, int]:
    """(first, end) of the cells of a row that have to be drawn again."""
    whole = (0, width)
    if before is None or (before.under_cursor, before.focused) != (after.under_cursor, after.focused):
        return whole
    old, new = _cells(before.line, width), _cells(after.line, width)
    if old is None or new is None:
        return whole
    places = [place for texts in zip(old, new, strict=True) for place in _differing(*texts)]
    return (min(places), max(places) + 1) if places else whole


def _cells(line: Line, width: int) -> tuple[str, str] | None:
    """A character and a style for each cell; None if a character takes another width than one cell."""
    text = "".join([text for text, _ in line])
    if not text.isascii() and cell_len(text) != len(text):
        return None
    styles = "".join([_LETTERS[style] * len(text) for text, style in line])
    return text.ljust(width), styles.ljust(width, _LETTERS[""])


def _differing(old: str, new: str) -> tuple[int, ...]:
    """The first and the last place in which two texts of one length differ."""
    if old == new:
        return ()
    return _alike(old, new), len(old) - 1 - _alike(old[::-1], new[::-1])


def _alike(old: str, new: str) -> int:
    """How many characters are the same before the first that is not."""
    low, high = 0, len(old)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[low:middle] == new[low:middle] else (low, middle - 1)
    return low


class LineList(Widget, can_focus=True):
    """A list of any length, drawn line by line; subclasses say what stands in a line.

    The first `header_lines` rows stay, the rest scrolls.
    """

    class Accepted(Message):
        """Enter was pressed on a line, or it was clicked while under the cursor."""

        def __init__(self, line_list: LineList) -> None:
            super().__init__()
            self.line_list = line_list

        @property
        def control(self) -> LineList:
            """The list."""
            return self.line_list

    BINDINGS: ClassVar[list[BindingType]] = bindings(LIST_COMMANDS)
    header_lines = 1
    HAS_CURSOR: ClassVar[bool] = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self.top = 0
        self._painted: dict[int, _Painted] = {}
        self._strips: dict[int, Strip] = {}
        self._styles: dict[Span, Style] = {}
        self._colours: tuple[str, Style] | None = None
        self._restyled = True
        self._in_layout = False
        self._laid_out: Size | None = None

    # what subclasses say

    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line(self, index: int) -> Line:
        """What stands in a line."""
        raise NotImplementedError

    def header(self, row: int) -> Line:
        """What stands in a header row."""
        raise NotImplementedError

    # drawing

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All lines, where the height is `auto`."""
        return self.header_lines + self.line_count()

    @property
    def size(self) -> Size:
        """That of the content is that of the list: there is no border, no padding and no scroll bar."""
        return self._size

    @property
    def page(self) -> int:
        """Lines that are visible at once."""
        return max(self.size.height - self.header_lines, 1)

    def update_lines(self) -> None:
        """Draw what has changed; call it after any change of the content."""
        count = self.line_count()
        self.cursor = min(max(self.cursor, 0), max(count - 1, 0))
        self.top = min(max(self.top, 0), max(count - self.page, 0))
        if self.HAS_CURSOR:
            self.top = max(min(self.top, self.cursor), self.cursor - self.page + 1)
        width = self.size.width
        self._forget_old_colours()
        for row in range(self.size.height):
            before, after = self._painted.get(row), self._paint(row, count, width)
            if before != after:
                self._painted[row] = after
                self._strips.pop(row, None)
                if self._in_layout:
                    continue
                start, end = _changed_cells(before, after, width)
                self.refresh(Region(start, row, end - start, 1))

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Without a region, draw what has changed: Textual asks for all of a list when the focus moves."""
        if not regions and repaint and not layout and not recompose and self._painted:
            self.update_lines()
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Textual has applied the style sheet anew, perhaps with the same outcome."""
        self._restyled = True
        super().notify_style_update()

    def _forget_old_colours(self) -> None:
        if not self._restyled:
            return
        self._restyled = False
        colours = (self.app.theme, self.rich_style)
        if colours != self._colours:
            self._colours = colours
            self._styles.clear()
            self._forget()

    def _forget(self) -> None:
        self._painted.clear()
        self._strips.clear()

    def _paint(self, row: int, count: int, width: int) -> _Painted:
        if row < self.header_lines:
            return _Painted(fit(self.header(row), width), focused=self.has_focus)
        index = self.top + row - self.header_lines
        if index >= count:
            return _Painted(())
        under_cursor = self.HAS_CURSOR and index == self.cursor
        return _Painted(fit(self.line(index), width), under_cursor, self.has_focus and under_cursor)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of the screen, without what Textual does for borders and padding: a list has none."""
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.column_span == (0, self.size.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """One row of the screen; Textual asks for all of a list when one of them changes."""
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._drawn(self._painted.get(y) or _Painted(()))
        return strip

    def _drawn(self, painted: _Painted) -> Strip:
        width = self.size.width
        over = ("cursor" if painted.focused else "blurred") if painted.under_cursor else ""
        left = width - sum([width_of(text) for text, _ in painted.line])
        spans = (*painted.line, (" " * left, "")) if left > 0 else painted.line
        segments = _joined([(text, self._style(name, over)) for text, name in spans])
        return _RowStrip(segments, width - min(left, 0))

    def _style(self, name: str, over: str) -> Style:
        """A style below that of the cursor, as the terminal is to show it."""
        style = self._styles.get((name, over))
        if style is None:
            style, background = self._blended(name, over)
            for line_filter in self.get_line_filters():
                style = line_filter.apply([Segment("", style)], background)[0].style or Style.null()
            self._styles[name, over] = style
        return style

    def _blended(self, name: str, over: str) -> tuple[Style, Color]:
        """A style with both its colours opaque, and its background: what it leaves out is the pane's."""
        _, background = self.background_colors
        colour, text_style = self.styles.color, self.text_style
        for layer in (name, over):
            if not layer:
                continue
            styles = self.screen.get_component_styles(f"line--{layer}")
            background += styles.background
            if styles.has_rule("color"):
                colour = styles.color
            elif layer in _OVER:
                colour = self.styles.color
            text_style += styles.text_style
        colours = Style.from_color((background + colour).rich_color, background.rich_color)
        return text_style + colours, background

    # events

    def resized(self) -> None:
        """Another size shows other lines."""
        self.update_lines()

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """A layout gave it another size: what is drawn right after it is the content, not an empty list."""
        updated = super()._size_updated(size, virtual_size, container_size, layout)
        if size != self._laid_out:
            self._laid_out = size
            self._forget()
            self._in_layout = True
            self.resized()
            self._in_layout = False
            self._exchange_repaint_regions()  # the layout asks for all of it
        return updated

    def on_hide(self) -> None:
        """What changes while it is hidden is drawn when it comes back."""
        self._laid_out = None

    def on_focus(self) -> None:
        """The cursor is drawn stronger in the list that takes the keys."""
        self.update_lines()

    def on_blur(self) -> None:
        """See `on_focus`."""
        self.update_lines()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the lines, and the cursor with them."""
        event.stop()
        self._scroll(WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the lines, and the cursor with them."""
        event.stop()
        self._scroll(-WHEEL_LINES)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a line; a click on the line under it accepts it."""
        row = event.y - self.header_lines
        if row < 0:
            self.header_clicked(event.y, event.x)
            return
        index = self.top + row
        if index < self.line_count():
            if index == self.cursor:
                self.post_message(self.Accepted(self))
            else:
                self.move_to(index)

    def header_clicked(self, row: int, column: int) -> None:
        """A header row was clicked."""

    def _scroll(self, lines: int) -> None:
        self.top += lines
        if self.HAS_CURSOR:
            self.move_to(self.cursor + lines)
        else:
            self.update_lines()

    # moving

    def move_to(self, index: int) -> None:
        """Put the cursor on a line, or as near as there is one."""
        self.cursor = min(max(index, 0), max(self.line_count() - 1, 0))
        if not self.HAS_CURSOR:
            self.top = self.cursor = min(self.cursor, max(self.line_count() - self.page, 0))
        self.update_lines()

    def action_move(self, lines: int) -> None:
        """Up or down by some lines."""
        self.move_to(self.cursor + lines)

    def action_page(self, pages: int) -> None:
        """Up or down by some pages."""
        self.top += pages * self.page
        self.move_to(self.cursor + pages * self.page)

    def action_first(self) -> None:
        """To the first line."""
        self.move_to(0)

    def action_last(self) -> None:
        """To the last line."""
        self.move_to(self.line_count() - 1)

    def action_accept(self) -> None:
        """Take the line under the cursor."""
        if self.line_count():
            self.post_message(self.Accepted(self))
