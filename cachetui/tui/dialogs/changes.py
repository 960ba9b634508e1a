"""What changed: since a previous catalog, or between two tags, mirrors or views."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import combinations, islice, pairwise
from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from textual.binding import Binding, BindingType

from cachetui.catalog import Catalog
from cachetui.errors import CatalogError, DamagedError
from cachetui.graph import Changes, Kind, PackageChange, builds_of, builds_with
from cachetui.refresh import kept_generations, set_aside
from cachetui.search import Selection
from cachetui.text import age_text, counted
from cachetui.tui.commands import CHANGES_COMMANDS, bindings, command
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.requests import ShowSelection
from cachetui.tui.state import Context, View
from cachetui.tui.tasks import Done, Failed, Task, run_task
from cachetui.tui.widgets.changes_list import ChangesList
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line
from cachetui.version import version_key

FACETS = ("tag", "mirror", "view")
"""The facets whose values are compared."""

MOST_PAIRS = 60
MOST_COMBINED = 5
"""Up to so many values, each is compared with each; of more, each with the next one."""

NOTHING = "nothing to compare yet: no previous catalog, no second tag, mirror or view"

COMPARE = "compare"
"""The name of the task."""


class Pair(Struct, frozen=True):
    """Two sets of builds that can be compared.

    Args:
        facet: the facet of the values; empty: a previous catalog and the one that is open.
        before: a value, or how old the previous catalog is.
        path: that of the previous catalog.
    """

    facet: str
    before: str
    after: str = ""
    path: Path = Path()

    @property
    def text(self) -> str:
        """What is compared."""
        return f"{self.facet} {self.before} -> {self.after}" if self.facet else f"since {self.before} ago"

    def swapped(self) -> Pair:
        """The same the other way round; a previous catalog stays the earlier one."""
        return Pair(self.facet, self.after, self.before) if self.facet else self

    def compare(self, catalog: Catalog) -> Changes:
        """What changed. Raises CatalogError: the previous catalog was removed."""
        if self.facet:
            before, after = (builds_with(catalog, self.facet, value) for value in (self.before, self.after))
            return Changes(before, after)
        try:
            previous = Catalog(self.path)
        except OSError as error:
            raise CatalogError(str(error)) from error
        changes = Changes(builds_of(previous, f"{self.before} ago"), builds_of(catalog, "now"))
        changes.packages  # noqa: B018 - compared here, in the background
        return changes


def pairs(catalog: Catalog) -> list[Pair]:
    """What can be compared: previous catalogs, the newest first, then tags, mirrors and views."""
    now = time.time()
    found = [
        Pair("", age_text(now - generation.time), path=generation.path)
        for generation in kept_generations(catalog.path)
    ]
    for facet in FACETS:
        found += islice(_of_facet(catalog, facet), MOST_PAIRS)
    return found


def _of_facet(catalog: Catalog, facet: str) -> Iterator[Pair]:
    """Pairs of the values of a facet, the last ones first."""
    values = sorted(catalog.facet(facet).values, key=_age)
    two = combinations(values, 2) if len(values) <= MOST_COMBINED else pairwise(values)
    for before, after in sorted(two, key=lambda pair: (values.index(pair[1]), values.index(pair[0])))[::-1]:
        yield Pair(facet, before, after)


def _age(value: str) -> tuple[bool, object]:
    """Sorts older tags first: snapshots and releases before `develop`, which goes on."""
    return not any(map(str.isdigit, value)), version_key(value)


def _close_previous(changes: Changes) -> None:
    if changes.before.catalog is not changes.after.catalog:
        changes.before.catalog.close()


class ChangesScreen(Dialog):
    """Lists the packages of which builds came, went or changed; Enter on one goes to its builds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(CHANGES_COMMANDS),
        Binding(command("help").keys, command("help").runs, "help", show=False),
    ]
    keys_shown_first = "changes"

    hints = "Enter go to the builds   b compare others   x swap   f filter   s sort   F1 help   Esc closes"
    widest = 400

    def __init__(self, context: Context) -> None:
        self.changes_list = ChangesList(id="lines")
        super().__init__(self.changes_list)
        self.catalog: Catalog | None = context.view.catalog
        self.pairs: Sequence[Pair] = ()
        self.place = 0
        self.kind: Kind | None = None
        self.largest_first = False
        self._comparing: Task[Changes] | None = None

    async def prepare(self) -> None:
        """Compare what was compared last, or with the newest previous catalog."""
        self._find_pairs()
        self._compare()
        if self._comparing is not None:
            self._show_changes(await self._comparing.soon())

    def lines(self) -> Sequence[Line]:
        """None: the list makes its own."""
        return ()

    def show_again(self) -> None:
        """Paint for another size."""
        self.changes_list.update_lines()

    def on_unmount(self) -> None:
        """Let go of the catalogs: a closed screen is a reference cycle, which would keep them."""
        self._close()
        self.catalog = None

    def renew_view(self, view: View) -> None:
        """Compare with another catalog, in which the one before is now the previous one."""
        before = self.pairs[self.place] if self.pairs else None
        self.catalog = view.catalog
        self._find_pairs()
        self.place = self.pairs.index(before) if before is not None and before in self.pairs else 0
        self._compare()

    # comparing

    def _find_pairs(self) -> None:
        self.pairs = pairs(self.catalog) if self.catalog is not None else ()

    def _close(self) -> None:
        """Let go of what is compared."""
        if self._comparing is not None:
            self._comparing.cancel()
            self._comparing = None
        if self.changes_list.changes is not None:
            _close_previous(self.changes_list.changes)
        self.changes_list.show_changes(None, ())

    def _compare(self) -> None:
        self._close()
        if self.catalog is None:
            return
        if not self.pairs:
            self._show_heading("")
            self.changes_list.say(NOTHING)
            return
        pair = self.pairs[self.place]
        self._name_pair()
        if pair.facet:
            self._list(pair.compare(self.catalog))
            return
        # Of hundreds of thousands of builds it takes longer than a key may.
        self.changes_list.say("comparing ...")
        catalogs = [self.catalog]  # Textual's workers are reference cycles, which would keep it
        self._comparing = run_task(
            self, COMPARE, lambda on_progress: pair.compare(catalogs.pop()), discard=_close_previous
        )

    def on_done(self, event: Done) -> None:
        """List what was found."""
        event.stop()
        self._show_changes(event.take())

    def _show_changes(self, changes: Changes | None) -> None:
        if changes is not None:
            self._comparing = None
            self._list(changes)

    def on_failed(self, event: Failed) -> None:
        """Say that there is nothing to compare with; what is open itself is a matter of the app."""
        error = event.error
        if isinstance(error, DamagedError):
            if self.catalog is not None and error.path == self.catalog.path:
                return
            set_aside(error)
        event.stop()
        if not event.task.is_cancelled:
            self._comparing = None
            said = "is damaged and set aside" if isinstance(error, DamagedError) else "is kept no longer"
            self.changes_list.say(f"this previous catalog {said}")

    def _name_pair(self) -> None:
        """Say in the title what is compared, and what of it is shown."""
        more = f"  {self.place + 1} of {len(self.pairs)}" if len(self.pairs) > 1 else ""
        only = f"  only {self.kind.value}" if self.kind is not None else ""
        self._show_heading(f"{self.pairs[self.place].text}{more}{only}")

    def _show_heading(self, text: str) -> None:
        """Write another title; the same one again would be painted with all that it is above."""
        heading = f"Changes {text}".rstrip()
        if heading != self.heading:
            self.heading = heading
            self.show_heading(heading)

    def _list(self, changes: Changes) -> None:
        """List the packages that the filter lets through."""
        packages = [each for each in changes.packages if self.kind in (None, each.kind)]
        if self.largest_first:
            packages.sort(key=lambda package: -(package.came + package.went))
        self._name_pair()
        self.changes_list.show_changes(changes, packages)
        if not packages:
            self.changes_list.say("nothing changed" if self.kind is None else f"no package {self.kind.value}")

    def _list_again(self) -> None:
        if self.changes_list.changes is not None:
            self._list(self.changes_list.changes)

    # actions

    def action_pair(self, step: int) -> None:
        """Compare other builds."""
        if self.pairs:
            self.place = (self.place + step) % len(self.pairs)
            self._compare()

    def action_swap(self) -> None:
        """Compare the other way round."""
        if self.pairs:
            pair = self.pairs[self.place].swapped()
            self.pairs = [*self.pairs[: self.place], pair, *self.pairs[self.place + 1 :]]
            self._compare()

    def action_kind(self) -> None:
        """Show what came, what changed, what went, or all."""
        kinds = [None, *Kind]
        self.kind = kinds[(kinds.index(self.kind) + 1) % len(kinds)]
        self._list_again()

    def action_largest(self) -> None:
        """List the packages with the most changed builds first, or by name."""
        self.largest_first = not self.largest_first
        self._list_again()

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Go to the builds that came or went, as far as the open catalog has them."""
        event.stop()
        changes, package = self.changes_list.changes, self.changes_list.package
        if changes is None or package is None or self.catalog is None:
            return
        hashes = self._hashes(changes, package)
        if hashes:
            self.app.post_message(ShowSelection(Selection(package=package.name, among=frozenset(hashes))))
            self.action_close()
        else:
            gone = counted(package.went, "build")
            self.changes_list.say(f"{gone} of {package.name} went: the catalog that is open has none of them")

    def _hashes(self, changes: Changes, package: PackageChange) -> list[str]:
        """The builds of a package that differ, and are in the open catalog."""
        sides = zip((changes.after, changes.before), changes.rows_of(package.name), strict=True)
        return [
            side.catalog.dag_hash(row) for side, rows in sides if side.catalog is self.catalog for row in rows
        ]
