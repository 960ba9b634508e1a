"""The package list: names with `matching/total`, best match first."""

from __future__ import annotations

from textual.message import Message
from textual.reactive import var

from cachetui.search import PackageCount, Result
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, Span, columns, line_width

ALL = "all packages"
MATCHES = "all matches"
GUESSES = "similar names"


class PackageList(LineList):
    """Packages of a result; where there are several, the first line stands for all of them."""

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

    # lines

    @property
    def is_one_package(self) -> bool:
        """Whether the query means one package, so that neither all of them nor similar names are listed."""
        result = self.result
        if result is None or not result.package or result.packages.guesses != 1:
            return False
        return result.packages[0].name == result.package and result.selection.text.strip() != result.words

    @property
    def _shown(self) -> int:
        """The packages that are listed."""
        if self.result is None:
            return 0
        return 1 if self.is_one_package else len(self.result.packages)

    @property
    def _has_all(self) -> bool:
        """Whether the first line stands for all packages; a lone similar name needs it above its heading."""
        return self._shown != 1 or self._separator is not None

    @property
    def _separator(self) -> int | None:
        """The position of the first similar name, which has a heading above it; None: there is none."""
        guesses = self.result.packages.guesses if self.result is not None else 0
        return guesses if guesses < self._shown else None

    def _line_of(self, package: str) -> int:
        if self.result is None or not package:
            return 0
        place = self.result.packages.place_of(package)
        if place is None or place >= self._shown:
            return 0
        separator = self._separator
        return place + self._has_all + (separator is not None and place >= separator)

    def line_count(self) -> int:
        """One for each package, for all of them, and for the heading of similar names."""
        if self.result is None:
            return 0
        return self._shown + self._has_all + (self._separator is not None)

    def _package_at(self, index: int) -> int | None:
        """The position of the package in a line; None for the line of all packages and for the heading."""
        if self.result is None or index < self._has_all:
            return None
        position = index - self._has_all
        separator = self._separator
        if separator is not None and position >= separator:
            position -= 1
            if position < separator:
                return None
        return position if position < self._shown else None

    def line(self, index: int) -> Line:
        """A package with its matching and total builds."""
        assert self.result is not None
        position = self._package_at(index)
        width = self.width
        if position is None:
            if index:
                return ((f" {GUESSES}", "muted"),)
            counts = _counts(self.result.matching, self.result.total)
            name = MATCHES if self.result.words else ALL
            if len(name) + len(counts) + 3 > width:
                counts = f"{self.result.matching:,}"
            return columns(((f" {name}", "strong"),), ((counts + " ", "muted"),), width)
        package: PackageCount = self.result.packages[position]
        counts = _counts(package.matching, package.total)
        return columns(self._highlighted(package.name), ((counts + " ", "muted"),), width)

    def _highlighted(self, name: str) -> Line:
        """The name, with the typed characters highlighted."""
        assert self.result is not None
        if not self.result.words or self.is_one_package:
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

    def title(self) -> tuple[Line, Line]:
        """How many packages are listed."""
        title: Line = (("Packages", "title"),)
        if self.result is None:
            return title, ()
        found, total = self._shown, self.result.all_packages
        text = f"{found:,}" if found == total else f"{found:,} of {total:,}"
        right: Line = ((text, "muted"),)
        return title, right if line_width(title) + line_width(right) + 9 <= self.size.width else ()

    # moving

    def move_to(self, index: int) -> None:
        """Step over the heading, and post which package is under the cursor."""
        if self._package_at(index) is None and self._has_all <= index < self.line_count():
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
