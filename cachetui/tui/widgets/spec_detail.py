"""The detail panel: the build under the cursor in sections, or what sets look-alikes apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from pyroaring import BitMap
from textual.binding import BindingType
from textual.message import Message

from cachetui.catalog import Catalog
from cachetui.refresh import OnProgress, Progress
from cachetui.render import (
    BLANK,
    Fact,
    broken,
    dependencies,
    dependents,
    install_texts,
    lookalike_facts,
    places,
    spec_facts,
)
from cachetui.spec import SHORT_HASH
from cachetui.tui.commands import DETAIL_COMMANDS, bindings
from cachetui.tui.judgement import Said
from cachetui.tui.spack_looking import LOOKING, SPACK, SpackLooking
from cachetui.tui.tasks import Done, Progressed, Task, run_task
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, line_width, width_of

if TYPE_CHECKING:
    from cachetui.graph import Closure
    from cachetui.install import Download, TargetSpack

MOST_DEPENDENTS = 500
"""Builds that are listed as dependents; more are counted."""

WALK, TEXTS, PACE = "walk", "texts", 0.1
"""The names of the tasks, and the seconds between two messages of one."""

LABEL, NAMES, FORMS = 10, 30, 16
"""Cells for labels, for the names of packages, and for those of the texts that can be copied."""


class Walked(Struct, frozen=True):
    """What a walk through a long closure finds; at first, that it is not known yet.

    Args:
        closure: whether an install finds all of it.
        said: what this machine says about the build.
    """

    closure: tuple[Fact, ...] = (Fact("closure", ((("counting ...", "muted"),),)),)
    said: Said | None = None


class Section(Enum):
    """A part of the panel; the value is its name in the title."""

    SPEC = "Spec"
    DEPENDENCIES = "Depends on"
    DEPENDENTS = "Used by"
    PLACES = "Where"
    INSTALL = "Install"


MOST_DOWNLOADS = 200
"""Builds of which is remembered what their mirrors say."""

_FACTS: dict[Section, Callable[[Catalog, int], Iterator[Fact]]] = {
    Section.DEPENDENCIES: dependencies,
    Section.DEPENDENTS: lambda catalog, row: dependents(catalog, row, MOST_DEPENDENTS),
}

_OF_NAMES = (Section.DEPENDENCIES, Section.DEPENDENTS)
"""Sections whose lines begin with the name of a package."""

_LABELS = {**dict.fromkeys(_OF_NAMES, NAMES), Section.INSTALL: FORMS}


class SpecDetail(LineList):
    """What is known about the highlighted builds."""

    class Followed(Message):
        """Enter was pressed on the line of another build."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    class MirrorsWanted(Message):
        """What the mirrors of a build say of its binary is to be shown.

        Args:
            dag_hash: of the build; `show_download` takes the answer.
        """

        def __init__(self, catalog: Catalog, dag_hash: str) -> None:
            super().__init__()
            self.catalog = catalog
            self.dag_hash = dag_hash

    BINDINGS: ClassVar[list[BindingType]] = bindings(DETAIL_COMMANDS)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.catalog: Catalog | None = None
        self._said: Said | None = None
        self._closure: Closure | None = None
        self._walked = Walked()
        self.rows: Sequence[int] = ()
        self.section = Section.SPEC
        self.lines: list[tuple[Line, int | None]] = []
        self._counts: dict[Section, int] = {}
        self._downloads: dict[str, Download] = {}
        self._looking = SpackLooking(self)
        self._spack: TargetSpack | None = None
        self._texts: Sequence[Fact] = ()
        self._writing: Task[tuple[Fact, ...]] | None = None

    def show(
        self,
        catalog: Catalog | None,
        rows: Sequence[int],
        said: Said | None = None,
        closure: Closure | None = None,
    ) -> None:
        """Show builds of a catalog: one in full, several by what they share.

        Args:
            said: what this machine says about them; None: not yet.
            closure: of the first; None: it is long, and a task that is named WALK is to find a `Walked`.
        """
        is_same = catalog is self.catalog and rows == self.rows
        if is_same and (closure is None or said == self._said):
            return
        self._said, self._closure = said, closure
        if not is_same:
            self._walked = Walked()
            self._stop_writing()
            if catalog is not self.catalog:
                self._downloads.clear()
            self.catalog, self.rows = catalog, rows
            self._counts = {}
            if catalog is not None and len(rows) == 1:
                self._counts = {
                    Section.DEPENDENCIES: len(catalog.edges(rows[0])),
                    Section.DEPENDENTS: len(catalog.dag.dependents(BitMap([rows[0]]))),
                }
            self.top = self.cursor = 0
        self._rebuild()

    def show_download(self, dag_hash: str, download: Download) -> None:
        """Show what the mirrors of a build say of its binary, if it is still shown."""
        while len(self._downloads) >= MOST_DOWNLOADS:
            del self._downloads[next(iter(self._downloads))]
        self._downloads[dag_hash] = download
        if self.row is not None and self.current_section is Section.PLACES:
            self._rebuild()

    def show_section(self, section: Section) -> None:
        """Show another section, from its beginning."""
        self.section = section
        self.top = self.cursor = 0
        self._stop_writing()
        self._rebuild()

    @property
    def current_section(self) -> Section:
        """The section that is shown; look-alikes have one alone."""
        return self.section if len(self.rows) == 1 else Section.SPEC

    @property
    def row(self) -> int | None:
        """The build that is shown; None for look-alikes or none."""
        return self.rows[0] if len(self.rows) == 1 else None

    def _rebuild(self) -> None:
        self.lines = []
        if self.catalog is not None and self.rows and self.size.width:
            section, said = self.current_section, self._said or Said()
            if len(self.rows) > 1:
                is_awaited = self._closure is None and self._said is None
                differ = ("comparing ...",) if is_awaited else said.differ
                facts = lookalike_facts(self.catalog, self.rows, differ)
            elif section is Section.PLACES:
                facts = self._places(self.catalog, self.rows[0])
            elif section is Section.INSTALL:
                facts = self._install_texts(self.catalog, self.rows[0])
            elif section is Section.SPEC:
                facts = spec_facts(self.catalog, self.rows[0], self._closure)
                if self._closure is not None:
                    facts = chain(said.facts, facts)
                else:  # last, so that it moves nothing
                    facts = chain(facts, (BLANK,), self._walked.closure, said.facts)
            else:
                facts = _FACTS[section](self.catalog, self.rows[0])
            self.lines = list(broken(facts, _LABELS.get(section, LABEL), self.width, width_of))
        self.update_lines()

    def _places(self, catalog: Catalog, row: int) -> Iterator[Fact]:
        dag_hash = catalog.dag_hash(row)
        download = self._downloads.get(dag_hash)
        if download is None:
            self.post_message(self.MirrorsWanted(catalog, dag_hash))
        return places(catalog, row, download)

    def _install_texts(self, catalog: Catalog, row: int) -> Iterator[Fact]:
        self._spack = self._looking.look()
        if self._spack is None:
            return iter((Fact("", (((LOOKING, "muted"),),)),))
        if self._closure is not None:
            return install_texts(catalog, row, self._spack)
        if self._writing is None:
            asked = [(catalog, row, self._spack)]  # Textual's workers are reference cycles
            self._writing = run_task(self, TEXTS, lambda show: _texts(*asked.pop(), show), pace=PACE)
        return iter(self._texts)

    def _stop_writing(self) -> None:
        self._texts = (Fact("", ((("looking at all that it needs ...", "muted"),),)),)
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def on_progressed(self, event: Progressed) -> None:
        """Nobody is told how far the tasks are."""
        event.stop()

    def on_done(self, event: Done) -> None:
        """Show what took long, and the install lines for the Spack that was found."""
        event.stop()
        found = event.take()
        if event.task.name == WALK and found is not None:
            self._walked, self._said = found, found.said
        elif event.task.name == TEXTS and found is not None:
            self._texts = found
        elif event.task.name == SPACK and found != self._spack:
            self._stop_writing()
        else:
            return
        if self.current_section in (Section.SPEC, Section.INSTALL):
            self._rebuild()
        else:
            self.update_lines()  # the title

    # drawing

    @property
    def has_cursor(self) -> bool:
        """Lines that lead to other builds are walked, others scrolled."""
        return self.current_section in _OF_NAMES

    def line_count(self) -> int:
        """The lines of the section."""
        return len(self.lines)

    def line(self, index: int) -> Line:
        """One of them."""
        return self.lines[index][0]

    def title(self) -> tuple[Line, Line]:
        """The build in short, and the sections."""
        if self.catalog is None or not self.rows:
            return (("no build", "title"),), ()
        row = self.rows[0]
        name = (self.catalog.column("package")[row], "title")
        version = (f"@{self.catalog.column('version')[row]}", "version")
        if len(self.rows) > 1:
            return (name, version, (f"  {len(self.rows):,} look-alikes", "muted")), ()
        left: Line = (name, version, (f" /{self.catalog.dag_hash(row)[:SHORT_HASH]}", "hash"))
        sections, mark = self._sections(), self._said.mark if self._said is not None else ()
        if mark and line_width(left) + line_width(mark) + line_width(sections) + 10 <= self.size.width:
            left = (*left, ("  ", ""), *mark)
        if line_width(left) + line_width(sections) + 8 > self.size.width:
            sections = ((f"[{self.current_section.value}]", "accent" if self.has_focus else "strong"),)
        return left, sections

    def _sections(self) -> Line:
        line: Line = ()
        for section in Section:
            text = section.value + (f" {self._counts[section]:,}" if section in self._counts else "")
            if section is self.current_section:
                line += ((f"[{text}]", "accent" if self.has_focus else "strong"),)
            else:
                line += ((f" {text} ", "muted"),)
        return line

    def position(self, count: int) -> Line:
        """How much of the section is below."""
        below = count - self.top - self.page
        return ((f"{below:,} more below", "muted"),) if below > 0 else ()

    # moving

    def action_section(self, step: int) -> None:
        """Show the next section, or the one before."""
        sections = list(Section)
        self.show_section(sections[(sections.index(self.current_section) + step) % len(sections)])

    def action_accept(self) -> None:
        """Go to the build that the line leads to."""
        row = self.lines[self.cursor][1] if self.cursor < len(self.lines) else None
        if row is not None and self.has_cursor:
            self.post_message(self.Followed(row))

    def resized(self) -> None:
        """Another width breaks lines elsewhere."""
        self._rebuild()


def _texts(catalog: Catalog, row: int, spack: TargetSpack, on_progress: OnProgress) -> tuple[Fact, ...]:
    def found(nodes: int) -> None:
        on_progress(Progress(TEXTS, specs=0, done=nodes, total=0))

    return tuple(install_texts(catalog, row, spack, found))
