"""The packages of which builds came, went or changed, one on each line."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.graph import Changes, Kind, PackageChange
from cachetui.render import KIND_ROLES, builds_text, changes_summary, versions_line
from cachetui.text import counted, cut_middle
from cachetui.tui.widgets.lines import Line, sized, width_of
from cachetui.tui.widgets.text_lines import TextLines

SIGNS = {Kind.CAME: "+", Kind.CHANGED: "~", Kind.WENT: "-"}

KIND_WIDTH = 11
LONGEST_NAME = 30
"""Columns of what happened, and of the names of packages at most."""

MOST_VERSIONS = 4
"""Versions of each side that a line names."""


class ChangesList(TextLines):
    """Below the sum of the changes a line for each package; the one under the cursor is spelled out."""

    header_lines = 2
    footer_lines = 2

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.changes: Changes | None = None
        self.packages: Sequence[PackageChange] = ()
        self.message = ""
        """What stands in the footer, until the cursor moves."""
        self._names = self._counts = 0

    def show(self, lines: Sequence[Line]) -> None:
        """Show the changes; they are given to `show_changes`."""
        self.update_lines()

    def show_changes(self, changes: Changes | None, packages: Sequence[PackageChange]) -> None:
        """Show other changes, or other packages of them, from the first."""
        self.changes, self.packages = changes, packages
        self.cursor = self.top = 0
        self.message = ""
        self._names = max([width_of(package.name) for package in packages], default=0)
        self._counts = max([len(builds_text(package)) for package in packages], default=0)
        self.update_lines()

    @property
    def package(self) -> PackageChange | None:
        """The package under the cursor."""
        return self.packages[self.cursor] if self.cursor < len(self.packages) else None

    def line_count(self) -> int:
        """The packages."""
        return len(self.packages)

    @property
    def _name_width(self) -> int:
        return min(max(self._names, len("package")), LONGEST_NAME, max(self.width // 3, 10))

    def header(self, row: int) -> Line:
        """The sum, and the headings."""
        if not row:
            return ((changes_summary(self.changes), "muted"),) if self.changes is not None else ()
        if not self.packages:
            return ()
        name = sized("package", self._name_width)
        return ((f"{'':{KIND_WIDTH}}{name}  {'builds':{self._counts}}  versions", "muted"),)

    def line(self, index: int) -> Line:
        """A package, how many of its builds came and went, and its versions."""
        package = self.packages[index]
        kind, width = package.kind, self._name_width
        versions: Line = ()
        if self.changes is not None:
            versions = versions_line(kind, self.changes.versions(package.name), MOST_VERSIONS)
        return (
            (f"{SIGNS[kind]} {kind.value:{KIND_WIDTH - 2}}", KIND_ROLES[kind]),
            (f"{sized(cut_middle(package.name, width), width)}  ", ""),
            (f"{builds_text(package):{self._counts}}  ", "muted"),
            *versions,
        )

    def footer(self, row: int) -> Line:
        """What was just said, else the package under the cursor in words."""
        if not row:
            return (("─" * self.width, "frame"),)
        if self.message:
            return ((self.message, "warning"),)
        package = self.package
        if package is None or self.changes is None:
            return ()
        parts = [
            f"{counted(number, 'build')} {word}"
            for number, word in ((package.came, "came"), (package.went, "went"), (package.kept, "in both"))
            if number
        ]
        versions = versions_line(package.kind, self.changes.versions(package.name))
        return ((package.name, "strong"), (f": {', '.join(parts)}; ", ""), *versions)

    def say(self, message: str) -> None:
        """Say something in the footer."""
        self.message = message
        self.update_lines()

    def move_to(self, index: int) -> None:
        """Put the cursor on a line; what was said is over, if there is a line."""
        if self.packages:
            self.message = ""
        super().move_to(index)
