"""A comparison of builds: rows of a label, a cell for each build and a note; as lines of text; as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from string import ascii_uppercase

from msgspec import Struct

from cachetui.catalog import Catalog
from cachetui.graph import (
    Attribute,
    Build,
    ComparedDependency,
    Comparison,
    Reason,
    Release,
    compare,
    fact_difference,
    verdict,
)
from cachetui.host import Host
from cachetui.render.details import broken_words
from cachetui.render.hosts import host_data, runs_words, verdict_line
from cachetui.render.layout import indented_json
from cachetui.render.spans import Line, Lines, Span, plain
from cachetui.spec import SHORT_HASH
from cachetui.text import counted

_ROLES = {
    "version": "version",
    "compiler": "compiler",
    "platform": "arch",
    "os": "arch",
    "target": "arch",
    "variants": "variant",
    "flags": "variant",
    "patches": "hash",
    "record": "hash",
    "package hash": "hash",
}
"""What differs to the role of its values."""

_NAMED_PACKAGES = 3

_COMFORTABLE = 14
"""Cells of the columns from which there is room for notes beside them."""

_MOST_BESIDE = 2
"""Lines that a note may take beside the cells; a longer one stands below them."""

_WIDEST_LABEL, _WIDEST_CELL = 28, 34

Cells = Callable[[str], int]
"""The terminal cells that a text takes."""


class ComparisonRow(Struct, frozen=True):
    """A row of a comparison.

    Args:
        cells: one for each build; none for a heading or a sentence.
        section: `builds`, `here`, `causes`, `equal`, `details`.
        builds: the builds that it leads to, if it is about such.
    """

    section: str
    label: Line
    cells: tuple[Line, ...] = ()
    note: str = ""
    builds: tuple[Build, ...] = ()


def comparison_rows(
    comparison: Comparison, everything: bool = False, equal_here: Sequence[str] = ()
) -> Iterator[ComparisonRow]:
    """The builds, why they differ, what is equal, and the details.

    Args:
        everything: give also the details that are equal.
        equal_here: what is equal on this machine, such as `complete yes`.
    """
    yield ComparisonRow("builds", (("", ""),), tuple(_headings(comparison)), builds=comparison.builds)
    yield from _cause_rows(comparison)
    yield ComparisonRow("equal", ((" equal: ", "muted"), (_equal_text(comparison, equal_here), "muted")))
    shown = [each for each in comparison.attributes if everything or not each.is_equal]
    yield from _attribute_rows(shown)
    yield from _dependency_rows(comparison, everything)


def _headings(comparison: Comparison) -> Iterator[Line]:
    same_version = len({(build.name, build.version) for build in comparison.builds}) == 1
    for letter, build in zip(ascii_uppercase, comparison.builds, strict=False):
        name: Line = () if same_version else ((build.name, ""), (f"@{build.version} ", "version"))
        yield ((f"{letter} ", "accent"), *name, (f"/{build.dag_hash[:SHORT_HASH]}", "hash"))


# causes


def _cause_rows(comparison: Comparison) -> Iterator[ComparisonRow]:
    if comparison.is_same_build:
        yield ComparisonRow("causes", ((" the same build: nothing differs", "strong"),))
        return
    yield ComparisonRow("causes", ((" causes of the difference", "strong"),))
    builds = {each.name: _of_all(each) for each in comparison.dependencies}
    number = 1
    if not comparison.is_one_package:
        packages: tuple[Line, ...] = tuple(((build.name, "strong"),) for build in comparison.builds)
        yield ComparisonRow("causes", ((" 1  ", "muted"), ("package", "")), packages, "different packages")
        number = 2
    for reason in comparison.reasons:
        label = ((f"{number:2}  ", "muted"), (reason_name(reason), ""))
        # The recipes of several packages have no values of their own.
        told = any(value is not None for value in reason.values)
        cells = tuple(_value_line(reason.what, value) if told else () for value in reason.values)
        led_to = () if reason.is_root else builds.get(reason.names[0], ())
        yield ComparisonRow("causes", label, cells, reason_note(reason), led_to)
        number += 1
    if not comparison.dependencies_known:
        text = " dependencies are unknown: pages do not list them"
        yield ComparisonRow("causes", ((text, "warning"),))


def reason_name(reason: Reason) -> str:
    """What differs, in few words: `target`, `hdf5 variants`, `^mpi`."""
    if reason.is_shared and not (reason.what == "package hash" and len(reason.names) == 1):
        return "recipes" if reason.what == "package hash" else reason.what
    return f"{reason.names[0]} {'recipe' if reason.what == 'package hash' else reason.what}"


def reason_note(reason: Reason) -> str:
    """Where it differs, and how many packages inherit it."""
    others = list(reason.names[1:]) if reason.is_root else list(reason.names)
    parts = ["this build"] if reason.is_root else []
    if reason.is_shared and others:
        named = ", ".join(others[:_NAMED_PACKAGES])
        more = f" and {len(others) - _NAMED_PACKAGES} more" if len(others) > _NAMED_PACKAGES else ""
        parts.append(f"{'and ' if parts else 'in '}{named}{more}")
    if reason.below:
        parts.append(f"below {reason.below}")
    text = " ".join(parts)
    if reason.above:
        above = f"{len(reason.above):,} above {'inherits' if len(reason.above) == 1 else 'inherit'} it"
        text = f"{text}; {above}" if text else above
    return text


def _value_line(what: str, value: str | None) -> Line:
    if not value:
        return (("-", "muted"),)
    if what.startswith("^") or what == "compiler":
        return _named_line(value, "compiler" if what == "compiler" else "version")
    text = value[:SHORT_HASH] if what == "package hash" else value
    return ((text, _ROLES.get(what, "")),)


def _named_line(value: str, role: str) -> Line:
    """`name@version`, several of them, or other text."""
    if role == "compiler":
        return ((value, role),)
    spans: list[Span] = []
    for position, word in enumerate(value.split(" ")):
        name, mark, version = word.partition("@")
        spans += [(" " if position else "", ""), (name, ""), (mark + version, role)]
    return tuple(span for span in spans if span[0])


# what is equal


def _equal_text(comparison: Comparison, here: Sequence[str]) -> str:
    equal = [each for each in comparison.attributes if each.is_equal]
    parts = [
        f"{each.name} {each.values[0]}"
        for each in equal
        if each.name in ("version", "compiler", "os", "target") and not each.is_variant
    ]
    variants = sum(each.is_variant for each in equal)
    if variants:
        parts.append(counted(variants, "variant"))
    if comparison.dependencies:
        dependencies = sum(each.is_equal for each in comparison.dependencies)
        parts.append(f"{dependencies} of {len(comparison.dependencies)} dependencies")
    return ", ".join((*parts, *here)) or "nothing"


# details


def _attribute_rows(attributes: Sequence[Attribute]) -> Iterator[ComparisonRow]:
    if attributes:
        yield ComparisonRow("details", ((" attributes", "strong"),))
    for attribute in attributes:
        role = "variant" if attribute.is_variant else _ROLES.get(attribute.name, "")
        if attribute.is_equal:
            role = "muted"
        short = attribute.name == "package hash"
        cells = tuple(
            ((value[:SHORT_HASH] if short else value, role),) if value else (("-", "muted"),)
            for value in attribute.values
        )
        label: Line = (("  variant ", "muted") if attribute.is_variant else ("  ", ""), (attribute.name, ""))
        yield ComparisonRow("details", label, cells)


def _dependency_rows(comparison: Comparison, everything: bool) -> Iterator[ComparisonRow]:
    shown = [each for each in comparison.dependencies if everything or not each.is_equal]
    for heading, some in (
        ("direct dependencies", [each for each in shown if each.is_direct]),
        ("dependencies below", [each for each in shown if not each.is_direct]),
    ):
        if some:
            yield ComparisonRow("details", ((f" {heading}", "strong"),))
        for dependency in some:
            versions = {build.version for builds in dependency.builds for build in builds}
            cells = tuple(_builds_line(builds, len(versions) > 1) for builds in dependency.builds)
            label = (("  ^", "muted"), (dependency.name, ""))
            note = _dependency_note(dependency)
            yield ComparisonRow("details", label, cells, note, _of_all(dependency))


def _of_all(dependency: ComparedDependency) -> tuple[Build, ...]:
    """The builds of a dependency, of one build that is compared after the other."""
    return tuple(build for builds in dependency.builds for build in builds)


def _dependency_note(dependency: ComparedDependency) -> str:
    if dependency.is_equal:
        return ""
    if dependency.is_cause:
        return "cause"
    return "inherits" if all(dependency.builds) else "not in all"


def _builds_line(builds: Sequence[Build], is_coloured: bool) -> Line:
    """The builds of a dependency; in colours where versions differ, the rest is quiet."""
    if not builds:
        return (("-", "muted"),)
    if not is_coloured and all(build.row is not None for build in builds):
        text = ", ".join(f"{build.version} /{build.dag_hash[:SHORT_HASH]}" for build in builds)
        return ((text, "muted"),)
    spans: list[Span] = []
    for position, build in enumerate(builds):
        version = (build.version, "version") if build.row is not None else ("not listed", "warning")
        spans += [(", " if position else "", ""), version]
        if build.dag_hash:
            spans += [(" ", ""), (f"/{build.dag_hash[:SHORT_HASH]}", "hash")]
    return tuple(span for span in spans if span[0])


# layout


def laid_out(
    rows: Iterable[ComparisonRow], width: int | None = None, cells: Cells = len
) -> Iterator[tuple[Line, int]]:
    """Rows as (line, number of the row), in columns; cells are broken between words where they are too wide.

    Args:
        width: None: as wide as it gets.
    """
    rows = list(rows)
    columns = _Columns(rows, width, cells)
    for number, row in enumerate(rows):
        for line in columns.lines(row):
            yield _stripped(line), number


class _Columns:
    def __init__(self, rows: Sequence[ComparisonRow], width: int | None, cells: Cells) -> None:
        self._cells = cells
        self._width = width
        tabular = [row for row in rows if row.cells]
        builds = max((len(row.cells) for row in tabular), default=0)
        self._label = self._widest(row.label for row in tabular)
        # Reasons why a build does not run are sentences: they take the width that the others need.
        sizing = [row for row in tabular if row.section != "here"]
        self._columns = [self._widest(row.cells[i] for row in sizing) for i in range(builds)]
        if width is not None:
            self._label = min(self._label, _WIDEST_LABEL, max(width // 3, 12))
            self._columns = [min(each, _WIDEST_CELL) for each in self._columns]
            room = width - self._label - 2 * (builds + 1)
            note = min(self._widest(((row.note, ""),) for row in tabular), max(width // 4, 16))
            beside = room - note if room - note > _COMFORTABLE * builds else room
            self._columns = _fitting(self._columns, max(beside, builds))
        # Without columns below their headings, no cell would be found.
        self._is_stacked = any(self._is_too_wide(row) for row in tabular if row.section == "builds")

    def _widest(self, lines: Iterable[Line]) -> int:
        return max((self._cells(plain(line)) for line in lines), default=0)

    def lines(self, row: ComparisonRow) -> Iterator[Line]:
        """The lines of a row."""
        if not row.cells:
            yield from self._broken(row.label, self._width) if self._width else [row.label]
        elif self._is_stacked or self._is_too_wide(row):
            yield from self._stacked(row)
        else:
            yield from self._in_columns(row)

    def _in_columns(self, row: ComparisonRow) -> Iterator[Line]:
        widths = [self._label, *self._columns]
        parts = [row.label, *row.cells]
        broken = [list(self._broken(part, width)) for part, width in zip(parts, widths, strict=True)]
        used = sum(widths) + 2 * len(widths)
        note: Line = ((row.note, "muted"),)
        room = None if self._width is None else self._width - used - 1
        notes = [] if not row.note or (room is not None and room < 12) else list(self._broken(note, room))
        beside = bool(notes) and len(notes) <= _MOST_BESIDE
        notes = notes if beside else []
        for i in range(max(map(len, [*broken, notes]))):
            line: list[Span] = []
            for lines, width in zip(broken, widths, strict=True):
                line += self._padded(lines[i] if i < len(lines) else (), width + 2)
            yield (*line, *(notes[i] if i < len(notes) else ()))
        if row.note and not beside and row.section == "causes":
            for line_of_note in self._broken(note, (self._width or 0) - 4):
                yield (("    ", ""), *line_of_note)

    def _is_too_wide(self, row: ComparisonRow) -> bool:
        """Whether a word of a row is wider than its column: no word is broken."""
        return self._width is not None and any(
            self._cells(plain(word)) > width
            for cell, width in zip(row.cells, self._columns, strict=True)
            for word in _words(cell)
        )

    def _stacked(self, row: ComparisonRow) -> Iterator[Line]:
        """The label and the note, then a line for each different cell, after the letters of its builds."""
        if row.section == "builds":
            yield from self._side_by_side(row.cells)
            return
        note: Line = ((f"  {row.note}", "muted"),) if row.note else ()
        yield from self._broken((*row.label, *note), self._width)
        letters: dict[Line, list[str]] = {}
        for letter, cell in zip(ascii_uppercase, row.cells, strict=False):
            letters.setdefault(cell, []).append(letter)
        for cell, some in letters.items():
            mark: Line = ((f"{' '.join(some)}  ", "accent"),)
            yield from self._broken((("      ", ""), *mark, *cell), self._width)

    def _side_by_side(self, cells: Sequence[Line]) -> Iterator[Line]:
        """The headings of stacked rows, as many in a line as fit: what differs is to be seen below them."""
        widest = self._widest(cells) + 2
        many = max((self._width or widest) // widest, 1)
        for first in range(0, len(cells), many):
            line = [span for cell in cells[first : first + many] for span in self._padded(cell, widest)]
            yield from self._broken(_stripped(tuple(line)), self._width)

    def _broken(self, line: Line, width: int | None) -> Iterator[Line]:
        if width is None or self._cells(plain(line)) <= width:
            yield line
            return
        indent = len(plain(line)) - len(plain(line).lstrip())
        words = list(_words(line))
        first = True
        for broken in broken_words(words, max(width - indent, 4), 0, self._cells):
            yield ((" " * indent, ""), *broken)
            first = False
        if first:
            yield line

    def _padded(self, line: Line, width: int) -> Line:
        return (*line, (" " * max(width - self._cells(plain(line)), 0), ""))


def _fitting(widths: Sequence[int], room: int) -> list[int]:
    """Columns that take some room together: the widest give way."""
    fitting = list(widths)
    while sum(fitting) > room and max(fitting) > 1:
        widest = max(fitting)
        next_widest = max((each for each in fitting if each < widest), default=0)
        number = fitting.count(widest)
        over = sum(fitting) - room
        lower = max(next_widest, widest - -(-over // number), 1)
        fitting = [lower if each == widest else each for each in fitting]
    return fitting


def _words(line: Line) -> Iterator[Line]:
    """The words of a line, each of one span or several."""
    word: list[Span] = []
    for text, role in line:
        for position, part in enumerate(text.split(" ")):
            if position and word:
                yield tuple(word)
                word = []
            if part:
                word.append((part, role))
    if word:
        yield tuple(word)


def _stripped(line: Line) -> Line:
    spans = list(line)
    while spans and not spans[-1][0].strip():
        spans.pop()
    if not spans:
        return ()
    text, role = spans[-1]
    return (*spans[:-1], (text.rstrip(), role))


# formats


class RunningOn(Struct, frozen=True):
    """What else is asked of the builds: whether they run on a host, by the rule of a Spack."""

    host: Host
    release: Release

    def row(self, catalog: Catalog, rows: Sequence[int]) -> ComparisonRow:
        """Whether each runs, or the first reason why not."""
        cells = tuple(
            verdict_line(verdict(catalog, row, self.host, self.release), catalog, row, self.host)
            for row in rows
        )
        return ComparisonRow("here", ((f" {runs_words(self.host)}", ""),), cells)


def _text(
    catalog: Catalog, rows: Sequence[int], everything: bool, running: RunningOn | None
) -> Iterator[Line]:
    comparison = compare(catalog, rows)
    names = sorted({build.name for build in comparison.builds})
    yield ((f"{counted(len(rows), 'build')} of {', '.join(names)}", "strong"),)
    builds, *others = comparison_rows(comparison, everything)
    here = [running.row(catalog, rows)] if running else []
    for line, _ in laid_out([builds, *here, *others]):
        yield line


def _json(
    catalog: Catalog, rows: Sequence[int], everything: bool, running: RunningOn | None
) -> Iterator[str]:
    data = comparison_data(compare(catalog, rows))
    if running:
        data["host"] = [host_data(catalog, row, running.host, running.release) for row in rows]
    yield indented_json(data)


def comparison_data(comparison: Comparison) -> dict[str, object]:
    """A comparison as plain data; scripts rely on the keys."""
    return {
        "builds": list(map(_build_data, comparison.builds)),
        "causes": [
            {
                "name": cause.name,
                "is_root": cause.is_root,
                "changes": [{"what": each.what, "values": each.values} for each in cause.changes],
                "inherited_by": cause.above,
                "below": cause.below or None,
            }
            for cause in comparison.causes
        ],
        "summary": [
            {
                "what": reason.what,
                "values": reason.values,
                "packages": reason.names,
                "inherited_by": len(reason.above),
            }
            for reason in comparison.reasons
        ],
        "attributes": [
            {
                "name": each.name,
                "is_variant": each.is_variant,
                "values": each.values,
                "equal": each.is_equal,
            }
            for each in comparison.attributes
        ],
        "dependencies": [
            {
                "name": each.name,
                "direct": each.is_direct,
                "builds": [list(map(_build_data, builds)) for builds in each.builds],
                "equal": each.is_equal,
            }
            for each in comparison.dependencies
        ],
        "dependencies_known": comparison.dependencies_known,
    }


def _build_data(build: Build) -> dict[str, str | None]:
    return {"name": build.name, "version": build.version or None, "hash": build.dag_hash or None}


def _spack(
    catalog: Catalog, rows: Sequence[int], everything: bool, running: RunningOn | None
) -> Iterator[str]:
    found = fact_difference(catalog, *rows)
    yield indented_json(
        {
            "intersect": found.intersect,
            "a_not_b": found.a_not_b,
            "b_not_a": found.b_not_a,
            "a_name": found.a_name,
            "b_name": found.b_name,
        }
    )


def left_out(catalog: Catalog, rows: Sequence[int]) -> Iterator[str]:
    """What `spack diff` says of two builds and a catalog does not know, as notes.

    All facts that Spack prints of a concrete spec stand in its record: none is known by recipes alone.
    """
    formats = catalog.column("spec_format")
    if not all(formats[row] or catalog.edges(row) for row in rows):
        yield "left out: facts of dependencies, which pages do not list"
    unknown = fact_difference(catalog, *rows).unknown
    if unknown:
        yield f"left out: facts of dependencies that no source lists: {', '.join(unknown)}"


DIFF_FORMATS: dict[str, Callable[[Catalog, Sequence[int], bool, RunningOn | None], Lines]] = {
    "text": _text,
    "json": _json,
    "spack": _spack,
}
"""Format name to the function that gives the lines of a comparison; the last argument: also what is equal."""
