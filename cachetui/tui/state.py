"""What the browser is made of, as values: what it started with, looks at, marks, and hands to dialogs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cachetui.catalog import Catalog
from cachetui.config import Config
from cachetui.here import Here
from cachetui.host import Host
from cachetui.refresh import Opened, Policy
from cachetui.search import Engine, Result
from cachetui.tui.judgement import Judgement, Kept


class StartOptions(Struct, frozen=True):
    """What the browser starts with.

    Args:
        query: spec syntax.
        search: in its place, a text as it is typed.
        picks: Enter on a build ends the browser with that build.
        multi: marked builds are picked together.
        policy: when mirrors are asked for updates; None: as configured.
        ascii: draw lines and marks in plain ASCII.
        where: conditions on facets, each FACET=VALUE or FACET!=VALUE.
        host: that builds are to run on; None: the one of the configuration.
        damaged: what to say of a catalog that was damaged while it was browsed; empty: none was.
        check: a file whose check is shown first.
    """

    query: str = ""
    picks: bool = False
    multi: bool = False
    ascii: bool = False
    search: str = ""
    policy: Policy | None = None
    where: tuple[str, ...] = ()
    check: Path | None = None
    host: Host | None = None
    damaged: str = ""


class Picking(Struct, frozen=True):
    """The browser as a chooser: Enter on a build ends it.

    Args:
        multi: marked builds are picked together.
    """

    multi: bool = False


class View(Struct, frozen=True, eq=False):
    """Replaced as a whole: a catalog is never shown with the engine of another one."""

    opened: Opened
    engine: Engine
    judgement: Judgement
    """Whether builds run on the chosen host, and whether they are installed."""

    @classmethod
    def of(cls, opened: Opened, config: Config, host: Host | None = None, kept: Kept | None = None) -> View:
        """The view of an opened catalog, with the user's names for packages, for a host.

        Args:
            kept: what an earlier start has computed about the builds.
        """
        judgement = Judgement(opened.catalog, config, host, kept)
        engine = Engine(opened.catalog, config.aliases, here=judgement.attributes())
        if judgement.is_kept:
            engine.attributes.prepare()  # nothing is computed
        return cls(opened, engine, judgement)

    @property
    def here(self) -> Here:
        """What is asked of one build at a time."""
        return self.judgement.here

    @property
    def reported(self) -> Opened:
        """What was opened, with the notes on this machine."""
        notes = self.here.notes
        return replace(self.opened, notes=(*self.opened.notes, *notes)) if notes else self.opened

    @property
    def catalog(self) -> Catalog:
        """The catalog that is open."""
        return self.opened.catalog

    def is_up_to_date(self, opened: Opened) -> bool:
        """Whether a catalog that was opened later holds the same builds."""
        mine, later = self.catalog, opened.catalog
        return mine.path == later.path and mine.meta.get("fingerprint") == later.meta.get("fingerprint")


class Marks(Struct, frozen=True):
    """Marked builds by DAG hash, so that they are kept when the query or the catalog changes."""

    hashes: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.hashes)

    def __iter__(self) -> Iterator[str]:
        return iter(self.hashes)

    def toggled(self, hashes: Iterable[str]) -> Marks:
        """Mark builds, or deselect them if all of them are marked."""
        given = frozenset(hashes)
        return Marks(self.hashes - given if given <= self.hashes else self.hashes | given)


class Context(Struct, frozen=True, eq=False):
    """The state of the browser when a dialog opens.

    Args:
        result: what the main screen shows.
        locations: those that were named.
        policy: when mirrors are asked for updates.
        keymap: the user's own keys, by command.
        pane: the value of the pane that has the focus; `query` while a query is typed.
        config: the settings.
    """

    view: View
    result: Result | None
    locations: Sequence[str]
    policy: Policy
    keymap: Mapping[str, str]
    pane: str = ""
    config: Config = Config()
