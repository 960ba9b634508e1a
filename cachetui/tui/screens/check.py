"""A check over the whole screen: what a file asks for and the open build caches do not have."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cachetui.config import Config
from cachetui.errors import CachetuiError, DamagedError
from cachetui.graph import NearestBuilds, Surroundings, check_files, surroundings_of
from cachetui.here import Here
from cachetui.install import COPY_FORMS, cached_builds
from cachetui.refresh import OnProgress
from cachetui.search import Engine
from cachetui.sources import Wanted, read_wanted_file
from cachetui.text import clean
from cachetui.tui.commands import CHECK_COMMANDS, bindings, command
from cachetui.tui.requests import CopyBuilds, GoToBuild
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.state import View
from cachetui.tui.tasks import Done, Failed, Task, run_task
from cachetui.tui.widgets.check_list import CheckList, Shown
from cachetui.tui.widgets.line_list import BOXES_FROM, Border, LineList
from cachetui.tui.widgets.text_lines import Hint, HintBar, fitting


class CheckScreen(QuietScreen[None]):
    """Reads a file in the background, and checks it against the open catalog."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(CHECK_COMMANDS),
        Binding(command("help").keys, command("help").runs, "help", show=False),
        Binding("ctrl+c,ctrl+q", "app.quit", "quit", show=False),
        Binding("ctrl+z", "app.suspend", "suspend", show=False),
    ]
    keys_shown_first = "check"

    def __init__(self, view: View, path: Path, config: Config) -> None:
        super().__init__()
        self.keymap = config.keys
        self._config = config
        self.check_list = CheckList(id="check")
        self.hint_bar = HintBar(id="check-hints")
        self._path = path
        self._view: View | None = view
        self._wanted: Wanted | None = None
        self._reading: Task[tuple[Wanted, Surroundings]] | None = None
        self._found: tuple[Wanted, Surroundings] | None = None

    def compose(self) -> ComposeResult:
        """The list, the keys below."""
        yield self.check_list
        yield self.hint_bar

    async def prepare(self) -> None:
        """Read the file."""
        self._read()
        if self._reading is not None:
            self._found = await self._reading.soon()

    def on_mount(self) -> None:
        """Check what the file asks for, if that is known by now."""
        self._fit()
        self.begin_at(self.check_list)
        if self._found is None:
            self.check_list.say(f"reading {clean(str(self._path))} ...", "muted")
        else:
            self._check(*self._found)

    def on_unmount(self) -> None:
        """Let go of the catalog: a closed screen is a reference cycle, which would keep it."""
        self._stop_reading()
        self.check_list.say("")
        self._view = self._wanted = self._found = None

    def on_resize(self) -> None:
        """Choose the frame and the hints that there is room for."""
        self._fit()

    def _fit(self) -> None:
        width, height = self.app.size
        self.check_list.show_border(Border.BOX if height >= BOXES_FROM else Border.RULE)
        given = [
            Hint(each.keys_text(self.keymap), each.hint, each.priority, each.runs)
            for each in CHECK_COMMANDS
            if each.hint
        ]
        help_ = command("help")
        ends = [Hint(help_.keys_text(self.keymap), help_.hint, 0, help_.runs)]
        self.hint_bar.show_hints(fitting([Hint("Enter", "show in table", 1), *given, *ends], width))

    # checking

    def _read(self) -> None:
        """Read the file, unless it was read, and what is around, which may be far away, too."""
        if self._view is not None:
            views = [(self._view.engine, self._view.here)]
            self._reading = run_task(self, "check", partial(_read, self._path, self._wanted, views))

    def on_done(self, event: Done) -> None:
        """Check what the file asks for."""
        event.stop()
        if found := event.take():
            self._check(*found)

    def on_failed(self, event: Failed) -> None:
        """Say why the file cannot be read."""
        event.stop()
        self.check_list.say(str(event.error), "warning")

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def _check(self, wanted: Wanted, around: Surroundings) -> None:
        self._wanted = wanted
        if self._view is None:
            return
        engine = self._view.engine
        try:
            checked = check_files(engine, [wanted], around)
        except DamagedError:
            raise  # the app knows what to do
        except CachetuiError as error:  # a line that is neither a hash nor a spec
            self.check_list.say(str(error), "warning")
            return
        self.check_list.show(checked, NearestBuilds(engine, checked.specs, around))
        if checked.notes:
            self.show_message(checked.notes[0], "warning")

    def renew_view(self, view: View) -> None:
        """Check against another catalog."""
        self._stop_reading()
        self._view = view
        self._read()

    def rejudge(self, view: View) -> None:
        """Check again, if what was known before does not hold any more."""
        if self._view is not None and view.engine is not self._view.engine:
            self.renew_view(view)

    # actions

    def action_more(self) -> None:
        """List the missing nodes that are needed, then those that only builds need too, then all."""
        every = list(Shown)
        shown = every[(every.index(self.check_list.shown) + 1) % len(every)]
        self.check_list.choose(shown)
        self.show_message(f"shown: {shown.value}")

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Show the build in the table of the main screen: the node itself, or the nearest to it."""
        event.stop()
        if self.check_list.dag_hash:
            self.app.post_message(GoToBuild(self.check_list.dag_hash))
        elif self.check_list.entries:
            self.show_message("no cache has a build that is near")

    def action_copy(self) -> None:
        """Copy the hash of the build that the line under the cursor leads to."""
        if self._view is None or not self.check_list.dag_hash:
            return
        catalog = self._view.catalog
        rows = catalog.rows_with_prefix(self.check_list.dag_hash)
        self.app.post_message(CopyBuilds(cached_builds(catalog, rows), COPY_FORMS[0]))

    def action_close(self) -> None:
        """Close."""
        self.dismiss()

    # messages

    def show_message(self, message: str, style: str = "accent") -> bool:
        """Say in place of the keys what has just happened, until the next key."""
        self.hint_bar.show(((f" {message}", style),))
        return True

    def forget_message(self) -> None:
        """Show the keys again."""
        if not self.hint_bar.hints:
            self._fit()


def _read(
    path: Path, wanted: Wanted | None, views: list[tuple[Engine, Here]], on_progress: OnProgress
) -> tuple[Wanted, Surroundings]:
    """Read a file and what is around.

    Args:
        wanted: what was read of the file before.
        views: one, which is taken: Textual's workers are reference cycles, which would keep it.
    """
    engine, here = views.pop()
    wanted = wanted or read_wanted_file(path)
    return wanted, surroundings_of(engine, here.host, here.release)
