"""The package list: names with `matching/total`, best match first."""

from __future__ import annotations

from rich.cells import cell_len
from textual.message import Message
from textual.reactive import var

from cachetui.search import PackageCount, Result
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, Span, columns

ALL = "all packages"
GUESSES = "did you mean"


class PackageList(LineList):
    """Packages of a result; the first line stands for all of them."""

    class Selected(Message):
        """The cursor moved to a package (empty: all of them)."""

        def __init__(self, package: str) -> None:
            super().__init__()
            self.package = package

    result: var[Result | None] = var(None)
    """The result whose packages are listed."""

    def watch_result(self) -> None:
        """Show the packages of a new result, the cursor on the one whose builds are shown."""
        if self.result is not None:
            self.cursor = self._line_of(self.result.package)
            self.update_lines()

    def _line_of(self, package: str) -> int:
        if self.result is None or not package:
            return 0
        place = self.result.packages.place_of(package)
        return 0 if place is None else self._before(place) + 1

    def _before(self, position: int) -> int:
        """The line of a package below the first line of the list; the separator takes one."""
        return position + (
            1
            if self.result is not None and self._has_separator() and position >= self.result.packages.guesses
            else 0
        )

    def _has_separator(self) -> bool:
        return self.result is not None and self.result.packages.guesses < len(self.result.packages)

    def line_count(self) -> int:
        """One for all packages, one for each package, one for the separator."""
        if self.result is None:
            return 0
        return 1 + len(self.result.packages) + self._has_separator()

    def _package_at(self, index: int) -> int | None:
        """The position of the package in a line; None for the first line and the separator."""
        if self.result is None or index == 0:
            return None
        position = index - 1
        if self._has_separator() and position >= self.result.packages.guesses:
            position -= 1
            if position < self.result.packages.guesses:
                return None
        return position

    def line(self, index: int) -> Line:
        """A package with its matching and total builds."""
        assert self.result is not None
        position = self._package_at(index)
        width = self.size.width
        if position is None:
            if index:
                return ((f"─ {GUESSES} ".ljust(width, "─"), "muted"),)
            counts = _counts(self.result.matching, self.result.total)
            if len(ALL) + len(counts) + 3 > width:
                counts = f"{self.result.matching:,}"
            return columns(((f" {ALL}", "accent"),), ((counts + " ", "muted"),), width)
        package: PackageCount = self.result.packages[position]
        counts = _counts(package.matching, package.total)
        return columns(self._highlighted(package.name), ((counts + " ", "muted"),), width)

    def _highlighted(self, name: str) -> Line:
        """The name, with the typed characters highlighted."""
        assert self.result is not None
        if not self.result.words:
            return ((f" {name}", ""),)
        from cachetui.search import matched  # not before the first letter

        hits = frozenset(matched(self.result.words, name))
        spans: list[Span] = [(" ", "")]
        for place, character in enumerate(name):
            style = "match" if place in hits else ""
            if spans[-1][1] == style:
                spans[-1] = (spans[-1][0] + character, style)
            else:
                spans.append((character, style))
        return tuple(spans)

    def header(self, row: int) -> Line:
        """How many packages are listed."""
        if self.result is None:
            return ((" packages", "title"),)
        found, total = len(self.result.packages), self.result.all_packages
        text = f"{found:,} of {total:,}"
        title: Line = ((" packages", "title"),)
        room = self.size.width - cell_len(title[0][0]) - 2
        return columns(
            title, ((f"{text if len(text) <= room else f'{found:,}'} ", "title"),), self.size.width
        )

    def move_to(self, index: int) -> None:
        """Step over the separator, and post which package is under the cursor."""
        if index and self._package_at(index) is None and 0 < index < self.line_count():
            index += 1 if index > self.cursor else -1
        before = self.cursor
        super().move_to(index)
        if self.cursor != before:
            self.post_message(self.Selected(self.package))

    @property
    def package(self) -> str:
        """The name of the package under the cursor; empty for all."""
        position = self._package_at(self.cursor)
        return "" if position is None or self.result is None else str(self.result.packages[position].name)


def _counts(matching: int, total: int) -> str:
    return f"{total:,}" if matching == total else f"{matching:,}/{total:,}"
