"""The base of every list: paints the lines that are on screen, and sends only those that changed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from cachetui.tui.commands import LIST_COMMANDS, bindings
from cachetui.tui.textual_seams import SeamWidget
from cachetui.tui.widgets.lines import Line, Row, Span, changed_cells, fit, line_width
from cachetui.tui.widgets.painter import RowPainter

if TYPE_CHECKING:
    from typing_extensions import Self

WHEEL_LINES = 3

BOXES_FROM = 30
"""Lines of a terminal from which frames stand around lists; with fewer, a title line above each."""


class Border(Enum):
    """What surrounds a list."""

    NONE = 0
    RULE = 1
    """A line with the title above it."""
    BOX = 2
    """A frame around it, with the title in its upper side."""


_CORNERS = {False: "╭╮╰╯─│", True: "┏┓┗┛━┃"}
"""Corners and sides of a frame, by whether the list has the focus: it is to be seen without colours, too."""


class LineList(SeamWidget, can_focus=True):
    """A list of any length, painted line by line; subclasses say what a line shows.

    The first `header_lines` rows and the last `footer_lines` stay, the rest scrolls; all stand within the
    border, if there is one. A list whose lines have `cells` is a grid: its cursor is on one of them.
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
    header_lines = 0
    footer_lines = 0
    border = Border.NONE

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self.top = 0
        self.cell = 0
        self._rows: dict[int, Row] = {}
        self._strips: dict[int, Strip] = {}
        self._painter = RowPainter(self)
        self._is_restyled = True
        self._is_in_layout = False
        self._laid_out: Size | None = None

    # what subclasses say

    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line(self, index: int) -> Line:
        """What a line shows."""
        raise NotImplementedError

    def header(self, row: int) -> Line:
        """What a header row shows."""
        raise NotImplementedError

    def footer(self, row: int) -> Line:
        """What a footer row shows."""
        raise NotImplementedError

    def title(self) -> tuple[Line, Line]:
        """(left, right) part of the title."""
        return (), ()

    def cells(self, index: int) -> Sequence[tuple[int, int]]:
        """Where the cells of a line of a grid are: (first column, the one after the last) of each."""
        return ()

    @property
    def has_cursor(self) -> bool:
        """Whether a line is under a cursor; else the list only scrolls."""
        return True

    # painting

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All lines, where the height is `auto`."""
        return self.around + self.line_count()

    @property
    def around(self) -> int:
        """Rows that do not scroll."""
        return self.header_lines + self.footer_lines + self.border.value

    @property
    def first_row(self) -> int:
        """The row of the first line that scrolls."""
        return self.header_lines + min(self.border.value, 1)

    @property
    def width(self) -> int:
        """The cells of a line, within the border."""
        return max(self.size.width - (2 if self.border is Border.BOX else 0), 0)

    @property
    def page(self) -> int:
        """Lines that are visible at once."""
        return max(self.size.height - self.around, 1)

    def show_border(self, border: Border) -> None:
        """Put another border around the list, or none; the layout that follows paints it."""
        if border is not self.border:
            self.border = border
            self._laid_out = None

    def keep_in_view(self) -> int:
        """Scroll as far as there are lines, and to the cursor; gives how many lines there are."""
        count = self.line_count()
        self.cursor = min(max(self.cursor, 0), max(count - 1, 0))
        self.top = min(max(self.top, 0), max(count - self.page, 0))
        if self.has_cursor:
            self.top = max(min(self.top, self.cursor), self.cursor - self.page + 1)
        return count

    def update_lines(self) -> None:
        """Paint what has changed; call it after any change of the content."""
        count = self.keep_in_view()
        width = self.size.width
        self._forget_old_colours()
        for y in range(self.size.height):
            before, after = self._rows.get(y), self._row(y, count, width)
            if before != after:
                self._rows[y] = after
                self._strips.pop(y, None)
                if self._is_in_layout:
                    continue
                start, end = changed_cells(before, after, width)
                self.refresh(Region(start, y, end - start, 1))

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Without a region, paint what has changed: Textual asks for all of a list when the focus moves."""
        if not regions and repaint and not layout and not recompose and self._rows:
            self.update_lines()
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Textual has applied the style sheet again, perhaps with the same outcome."""
        self._is_restyled = True
        super().notify_style_update()

    def repaint(self) -> None:
        """Paint all rows again, in other colours."""
        self._painter.forget()
        self._forget()
        self.update_lines()

    def _forget_old_colours(self) -> None:
        if self._is_restyled:
            self._is_restyled = False
            if self._painter.restyled():
                self._forget()

    def _forget(self) -> None:
        self._rows.clear()
        self._strips.clear()

    def _row(self, y: int, count: int, width: int) -> Row:
        top, bottom = min(self.border.value, 1), self.size.height - (1 if self.border is Border.BOX else 0)
        if top and y == 0:
            return Row(self._border_line(0, *self.title(), width))
        if y >= bottom:
            return Row(self._border_line(2, (), self.position(count), width))
        row = self._row_within(y - top, count, bottom - top)
        return self._between_sides(row) if self.border is Border.BOX else row

    def _row_within(self, y: int, count: int, height: int) -> Row:
        """A row within the border."""
        width = self.width
        if y < self.header_lines:
            return Row(fit(self.header(y), width))
        if y >= height - self.footer_lines:
            return Row(fit(self.footer(y - height + self.footer_lines), width))
        index = self.top + y - self.header_lines
        if index >= count:
            return Row()
        line = fit(self.line(index), width)
        if not self.has_cursor or index != self.cursor:
            return Row(line)
        cells = self.cells(index)
        cursor = cells[min(self.cell, len(cells) - 1)] if cells else (0, width)
        return Row(line, cursor, self.has_focus)

    def _between_sides(self, row: Row) -> Row:
        side: Span = (_CORNERS[self.has_focus][5], self._border_style)
        blanks: Span = (" " * (self.width - line_width(row.line)), "")
        cursor = None if row.cursor is None else (row.cursor[0] + 1, row.cursor[1] + 1)
        return Row((side, *row.line, blanks, side), cursor, row.is_focused)

    @property
    def _border_style(self) -> str:
        return "focus" if self.has_focus else "frame"

    def _border_line(self, corner: int, left: Line, right: Line, width: int) -> Line:
        """The upper side of the border with the title, or the lower one."""
        signs, style = _CORNERS[self.has_focus], self._border_style
        begin, end, side = signs[corner], signs[corner + 1], signs[4]
        if self.border is Border.RULE:
            begin = end = side
        left = (*((" ", ""), *left, (" ", "")),) if left else ()
        right = (*((" ", ""), *right, (" ", "")),) if right else ()
        room = width - 4
        if line_width(left) + line_width(right) + 1 > room:
            left = fit(left, max(room - line_width(right) - 1, min(room, 8)))
            right = fit(right, max(room - line_width(left) - 1, 0))
        between = max(room - line_width(left) - line_width(right), 0)
        return ((begin + side, style), *left, (side * between, style), *right, (side + end, style))

    def position(self, count: int) -> Line:
        """Which lines of a list that is longer than the screen are shown, for the lower side of the border.

        Not the one under the cursor: each press of an arrow would paint all of the border.
        """
        if not self.has_cursor or count <= self.page:
            return ()
        return ((f"{self.top + 1:,}-{min(self.top + self.page, count):,} of {count:,}", "muted"),)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint rows without the work for borders and padding, which a list does not have."""
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.column_span == (0, self.size.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """Paint one row; Textual asks for all rows of a list when one of them changes."""
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._painter.strip(self._rows.get(y) or Row(), self.size.width)
        return strip

    # events

    def resized(self) -> None:
        """Show the lines that another size has room for."""
        self.update_lines()

    def laid_out(self, size: Size) -> bool:
        """Prepare the content for another size, so that no empty list is painted after a layout."""
        if size == self._laid_out:
            return False
        self._laid_out = size
        self._forget()
        self._is_in_layout = True
        self.resized()
        self._is_in_layout = False
        return True

    def on_hide(self) -> None:
        """Paint everything when it comes back: it may change while it is hidden."""
        self._laid_out = None

    def on_focus(self) -> None:
        """Paint the cursor of the list with the focus."""
        self.update_lines()

    def on_blur(self) -> None:
        """Paint the cursor of a list without the focus."""
        self.update_lines()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll, and move the cursor along."""
        event.stop()
        self._scroll(WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll, and move the cursor along."""
        event.stop()
        self._scroll(-WHEEL_LINES)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the clicked line, or accept the line if the cursor is there."""
        row = event.y - self.first_row
        if row < 0 or row >= self.page:
            self.header_clicked(event.y, event.x)
            return
        index = self.top + row
        if index < self.line_count():
            self.clicked(index)

    def clicked(self, index: int) -> None:
        """Put the cursor on the line, or accept it if the cursor is there."""
        if index == self.cursor:
            self.post_message(self.Accepted(self))
        else:
            self.move_to(index)

    def header_clicked(self, row: int, column: int) -> None:
        """A header row was clicked."""

    def _scroll(self, lines: int) -> None:
        self.top += lines
        if self.has_cursor:
            self.move_to(self.cursor + lines)
        else:
            self.update_lines()

    # moving

    def move_to(self, index: int) -> None:
        """Put the cursor on a line, or on the nearest one."""
        self.cursor = min(max(index, 0), max(self.line_count() - 1, 0))
        if not self.has_cursor:
            self.top = self.cursor = min(self.cursor, max(self.line_count() - self.page, 0))
        self.update_lines()

    def action_move(self, lines: int) -> None:
        """Move the cursor by some lines."""
        self.move_to(self.cursor + lines)

    def action_cell(self, cells: int) -> None:
        """Move the cursor of a grid right or left by some cells."""
        last = len(self.cells(self.cursor)) - 1
        self.cell = min(max(min(self.cell, last) + cells, 0), max(last, 0))
        self.update_lines()

    def action_page(self, pages: int) -> None:
        """Move the cursor by some pages."""
        self.top += pages * self.page
        self.move_to(self.cursor + pages * self.page)

    def action_first(self) -> None:
        """Go to the first line."""
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self.move_to(self.line_count() - 1)

    def action_accept(self) -> None:
        """Accept the line under the cursor."""
        if self.line_count():
            self.post_message(self.Accepted(self))
