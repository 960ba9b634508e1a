"""The base of every list: paints the lines that are on screen, and sends only those that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from cachetui.tui.commands import LIST_COMMANDS, bindings
from cachetui.tui.textual_seams import SeamWidget
from cachetui.tui.widgets.lines import Line, Row, changed_cells, fit
from cachetui.tui.widgets.painter import RowPainter

if TYPE_CHECKING:
    from typing_extensions import Self

WHEEL_LINES = 3


class LineList(SeamWidget, can_focus=True):
    """A list of any length, painted line by line; subclasses say what a line shows.

    The first `header_lines` rows stay, the rest scrolls. A list whose lines have `cells` is a grid: its
    cursor is on one of them.
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

    def cells(self, index: int) -> Sequence[tuple[int, int]]:
        """Where the cells of a line of a grid are: (first column, the one after the last) of each."""
        return ()

    # painting

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All lines, where the height is `auto`."""
        return self.header_lines + self.line_count()

    @property
    def page(self) -> int:
        """Lines that are visible at once."""
        return max(self.size.height - self.header_lines, 1)

    def update_lines(self) -> None:
        """Paint what has changed; call it after any change of the content."""
        count = self.line_count()
        self.cursor = min(max(self.cursor, 0), max(count - 1, 0))
        self.top = min(max(self.top, 0), max(count - self.page, 0))
        if self.HAS_CURSOR:
            self.top = max(min(self.top, self.cursor), self.cursor - self.page + 1)
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

    def _forget_old_colours(self) -> None:
        if self._is_restyled:
            self._is_restyled = False
            if self._painter.restyled():
                self._forget()

    def _forget(self) -> None:
        self._rows.clear()
        self._strips.clear()

    def _row(self, y: int, count: int, width: int) -> Row:
        if y < self.header_lines:
            return Row(fit(self.header(y), width), is_focused=self.has_focus)
        index = self.top + y - self.header_lines
        if index >= count:
            return Row()
        line = fit(self.line(index), width)
        if not self.HAS_CURSOR or index != self.cursor:
            return Row(line)
        cells = self.cells(index)
        cursor = cells[min(self.cell, len(cells) - 1)] if cells else (0, width)
        return Row(line, cursor, self.has_focus)

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
        """Put the cursor on a line, or on the nearest one."""
        self.cursor = min(max(index, 0), max(self.line_count() - 1, 0))
        if not self.HAS_CURSOR:
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
