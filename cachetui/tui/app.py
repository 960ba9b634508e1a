"""The Textual application: owns the tasks, opens catalogs and screens, and knows the terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from time import sleep
from typing import Any

from msgspec import structs
from textual import events, on
from textual.dom import DOMNode
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen
from textual.theme import Theme

from cachetui import code_cache, paths
from cachetui.config import Config
from cachetui.errors import CachetuiError, DamagedError, HostError
from cachetui.install import CachedBuild
from cachetui.refresh import Opened, Policy
from cachetui.search import Selection
from cachetui.text import counted, one_line
from cachetui.tui import abilities, terminal
from cachetui.tui.browse import lines
from cachetui.tui.browse.panes import Pane
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.colours import Colours
from cachetui.tui.copying import COPY, Copying, Sent, text_of
from cachetui.tui.downloads import DOWNLOAD, Downloads
from cachetui.tui.driver import TerminalDriver
from cachetui.tui.first_catalog import FirstCatalog
from cachetui.tui.key_input import KeyInput
from cachetui.tui.refreshing import REFRESH, Refreshing
from cachetui.tui.remembered import kind_of, load_remembered
from cachetui.tui.remembering import Remembering
from cachetui.tui.requests import (
    CheckFile,
    ColumnsChosen,
    CopyBuilds,
    CopyText,
    GoToBuild,
    HostChosen,
    MarkBuilds,
    OpenLocations,
    PickBuilds,
    Rejudge,
    RememberChoice,
    RunCommand,
    ShowSelection,
    StopRefresh,
    TakeQuery,
)
from cachetui.tui.screens.loading import LoadingScreen, OpenedLocations
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.state import Context, Picking, StartOptions, View
from cachetui.tui.tasks import Done, Failed, Progressed, leave_tasks, run_task
from cachetui.tui.terminal_input import TerminalBackground
from cachetui.tui.textual_seams import SeamApp
from cachetui.tui.themes import DARK, LIGHT, OWN_THEMES
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.spec_detail import SpecDetail

INTERRUPTED = 130
"""The exit code of a program that was interrupted."""

LEAVING = 0.15
"""Seconds in which what runs in the background may save what it has."""

TIDY, TIDY_SECONDS = "tidy", 20.0
"""The task of sweeping our folders, and how long after the start it begins."""

KEEP_CODE, KEEP_CODE_SECONDS = "keep-code", 1.0
"""The task of writing the program's code into one file, and how long after the start it begins."""

KEEP_CODE_PAUSE = 0.001
"""Seconds after each module in which keys are handled."""

OPEN = "open"
"""The name of the task of a `LoadingScreen`."""


class CachetuiApp(SeamApp[str]):
    """Browses the build caches of some locations.

    Attributes:
        picked: the builds that the browser ended with.
        failure: why nothing could be opened.
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []  # noqa: RUF012 - none of Textual's own

    is_ascii = False
    """Whether lines and marks are drawn in plain ASCII."""

    colours: Colours | None = None
    """Chooses the theme; Textual asks for the colours of its own before."""

    def __init__(
        self,
        locations: Sequence[str],
        config: Config,
        environ: Mapping[str, str] | None = None,
        options: StartOptions = StartOptions(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(TerminalDriver, css_path=sorted(map(str, paths.styles_dir().glob("*.tcss"))))
        self.locations = locations
        self.config = config
        self.environ = os.environ if environ is None else environ
        self.options = options
        self.policy = options.policy or Policy.of(config)
        self.host = options.host
        self.picked: list[CachedBuild] = []
        self.failure: CachetuiError | None = None
        self.text_at_end = ""
        self._first: FirstCatalog | None = None
        self._key_input = KeyInput(self, self._forget_message)
        self.copying = Copying(self, self.environ)
        self.downloads = Downloads(self)
        self.refreshing = Refreshing(self, lambda: self.browse_screen)
        self.animation_level = "none"
        self.without_overlays()
        for theme in OWN_THEMES:
            self.register_theme(theme)
        self.is_ascii = options.ascii or config.ascii or abilities.is_ascii(self.environ)
        self.set_class(self.is_ascii, "-ascii")
        self.remembered = load_remembered()
        self.remembering = Remembering(self)
        self.colours = Colours(self.environ, config.theme, self.remembered, self.remembering.remember)
        self._show_theme(self.colours.theme(self.available_themes))
        self.stylesheet.set_variables(self.get_css_variables())

    def _show_theme(self, name: str) -> None:
        if self.is_running or name not in (DARK, LIGHT):
            self.theme = name
        else:  # nothing is styled yet that would have to change
            self.set_reactive(CachetuiApp.theme, name)

    def get_css_variables(self) -> dict[str, str]:
        """Add the variables of the style sheets that Textual's themes lack."""
        generated = super().get_css_variables()
        if self.colours is None:
            return generated
        return self.colours.variables(self.current_theme, generated, self.console.color_system)

    # starting and ending

    def get_default_screen(self) -> Screen[Any]:
        """The main screen as the first one if there is a catalog: no other is painted before it."""
        self._first = FirstCatalog(self.locations, self.policy, self.config, self.host)
        opened = self._first.take() if self._first.has_come() else None
        return super().get_default_screen() if opened is None else self._browse_screen(opened)

    def on_mount(self) -> None:
        """Compile the catalog if there is none, else look for updates if it is time to."""
        terminal.install_guards(self)
        self.set_keymap(dict(self.config.keys))
        if not isinstance(self.screen, BrowseScreen):
            self.push_screen(LoadingScreen(self.locations, self.policy, first=self._first))
        else:
            self._check_first()
            self._look_if_due(self.screen.view.opened)
        self.call_after_refresh(terminal.collect_garbage)
        self.set_timer(TIDY_SECONDS, self._tidy)
        if code_cache.is_due():
            self.set_timer(KEEP_CODE_SECONDS, self._keep_code)
        self.theme_changed_signal.subscribe(self, self._repaint)

    def _look_if_due(self, opened: Opened) -> None:
        if opened.is_due:
            self.call_after_refresh(self.look_for_updates, force=False)

    def _keep_code(self) -> None:
        from cachetui.code_writing import keep

        is_wanted, pause = self.config.code_cache, partial(sleep, KEEP_CODE_PAUSE)
        run_task(self, KEEP_CODE, lambda show: keep(is_wanted, pause))

    def _tidy(self) -> None:
        """Sweep our folders, long after the first picture."""
        if screen := self.browse_screen:
            from cachetui.refresh import tidy

            used = screen.view.opened.used
            run_task(self, TIDY, lambda show: tidy(used))

    def _browse_screen(self, opened: Opened) -> BrowseScreen:
        """The main screen over a catalog. Raises QuerySyntaxError."""
        if self.options.damaged and not opened.damaged:
            opened = structs.replace(opened, damaged=(self.options.damaged,))
        view = View.of(opened, self.config, self.host, self._first.kept if self._first else None)
        query = one_line(self.options.query)
        selection = Selection(query, package=None, exact=bool(query))
        if self.options.search:
            selection = Selection().with_text(one_line(self.options.search))
        if self.options.where:
            from cachetui.search import choice_of

            choices = (choice_of(text, view.engine.attributes) for text in self.options.where)
            selection = structs.replace(selection, choices=tuple(choices))
        view.engine.select(selection)  # the Spack of these records may refuse what another one takes
        picking = Picking(self.options.multi) if self.options.picks else None
        screen = BrowseScreen(view, selection, picking)
        screen.keymap = self.config.keys
        screen.locations = self.locations
        screen.facets.opened = set(self.remembered.facets or ())
        screen.table.chosen_columns = self.remembered.columns.get(kind_of(opened.catalog))
        self._say_what_is_wrong(screen)
        return screen

    def _say_what_is_wrong(self, screen: BrowseScreen) -> None:
        """Say what was damaged, or cannot be read of the configuration; the title line goes on saying it."""
        opened = screen.view.opened
        if said := opened.damaged[-1:] or opened.unread[:1]:
            self.call_after_refresh(screen.bars.show_message, said[0], "warning")

    def _view(self, opened: Opened) -> View:
        return View.of(opened, self.config, self.host)

    @on(PickBuilds)
    def _builds_picked(self, event: PickBuilds) -> None:
        self.picked = list(event.builds)
        self.exit()

    def handle_error(self, error: Exception) -> bool:
        """End in one line for an error of the input, such as a catalog that was damaged on disk."""
        if not isinstance(error, CachetuiError):
            return False
        self._fail(error)
        return True

    def _fail(self, error: CachetuiError) -> None:
        if self.failure is None:
            self.failure = error
            if screen := self.browse_screen:
                self.text_at_end = screen.selection.text
        self.exit(return_code=1)

    def leave(self) -> None:
        """Give up what runs in the background, once the app has ended; what cannot end is not waited for."""
        self.refreshing.stop()
        self.remembering.finish()
        leave_tasks(LEAVING)

    def action_suspend(self) -> None:
        """Stop as Ctrl+Z does elsewhere; not where no shell could bring the browser back."""
        if terminal.resumable():
            self.action_suspend_process()

    # keys and colours

    @on(TerminalBackground)
    def _background_known(self, event: TerminalBackground) -> None:
        """Use the colours for the background that the terminal has told, which may come late."""
        if self.colours is None:
            return
        before = self.colours.theme(self.available_themes)
        if not self.colours.learn(event.is_light):
            return
        theme = self.colours.theme(self.available_themes)
        if theme != before == self.theme:  # else another one was chosen meanwhile
            self._show_theme(theme)
        elif self.current_theme.ansi:  # other colours of the terminal are readable
            self.refresh_css(animate=False)
            self._repaint(self.current_theme)

    def _repaint(self, theme: Theme) -> None:
        """Paint everything in the colours of another theme, also what a dialog covers."""
        for screen in self.screen_stack:
            for widget in screen.query(LineList):
                widget.repaint()
        self.screen.refresh(self.size.region)

    async def on_event(self, event: events.Event) -> None:
        """Handle each key before the next."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._key_input.take(event)
        else:
            self._key_input.interrupted()
            await super().on_event(event)

    def _forget_message(self) -> None:
        """What just happened goes away with the next key."""
        if screen := self.browse_screen:
            screen.bars.forget_message()
        if isinstance(self.screen, QuietScreen):
            self.screen.forget_message()

    @on(QuietScreen.Ready)
    def _screen_ready(self) -> None:
        self._key_input.resume()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual chooses what it does for NO_COLOR before it knows the theme: here, black on black."""
        filters = super().get_line_filters()
        if not self.native_ansi_color:
            return filters
        return [NoColor() if isinstance(chosen, Monochrome) else chosen for chosen in filters]

    # screens

    @property
    def browse_screen(self) -> BrowseScreen | None:
        """The main screen, also when it is covered; None while the first catalog is compiled."""
        return next((screen for screen in self.screen_stack if isinstance(screen, BrowseScreen)), None)

    def _uncovered(self) -> BrowseScreen | None:
        """The main screen, after closing what covers it."""
        screen = self.browse_screen
        while screen is not None and self.screen is not screen:
            self.pop_screen()
        return screen

    async def action_show(self, name: str) -> None:
        """Show a dialog.

        Args:
            name: `module.Class` in the folder of dialogs; it is made from a `Context`.
        """
        browse = self.browse_screen
        if browse is None:
            return
        module, _, kind = name.partition(".")
        dialog = getattr(import_module(f"cachetui.tui.dialogs.{module}"), kind)
        pane = "query" if browse.is_typing else browse.pane.value
        if isinstance(self.screen, QuietScreen):
            pane = self.screen.keys_shown_first or pane
        state = browse.view, browse.result, self.locations, self.policy
        await dialog(Context(*state, self.config.keys, pane, self.config)).show_over(self)

    @on(RunCommand)
    async def _run_command(self, event: RunCommand) -> None:
        screen = self._uncovered()
        if screen is None:
            return
        if event.pane in {pane.value for pane in Pane}:
            pane = Pane(event.pane)
            if screen.pane is not pane or screen.is_typing:
                screen.go(pane)
            target: DOMNode = screen.panes.widget(pane)
        else:
            target = screen.query_bar if event.pane else screen
        await self.run_action(event.action, default_namespace=target)

    @on(ColumnsChosen)
    def _columns_chosen(self, event: ColumnsChosen) -> None:
        if screen := self.browse_screen:
            kind, columns = kind_of(screen.view.catalog), event.columns
            screen.table.choose_columns(columns)
            self.post_message(RememberChoice(lambda remembered: remembered.with_columns(kind, columns)))

    @on(HostChosen)
    def _host_chosen(self, event: HostChosen) -> None:
        if screen := self._uncovered():
            self.host = event.host
            screen.view = self._view(screen.view.opened)
            from cachetui.render import host_text

            screen.bars.show_message(f"runs on {host_text(event.host)}")

    @on(Rejudge)
    def _rejudge(self) -> None:
        if screen := self.browse_screen:
            screen.view = self._view(screen.view.opened)

    @on(RememberChoice)
    def _remember(self, event: RememberChoice) -> None:
        self.remembering.remember(event.change)

    @on(MarkBuilds)
    def _mark_builds(self, event: MarkBuilds) -> None:
        if screen := self.browse_screen:
            screen.collecting.toggle(event.hashes)

    @on(GoToBuild)
    def _go_to_build(self, event: GoToBuild) -> None:
        if screen := self._uncovered():
            screen.go_to_build(event.dag_hash)

    @on(ShowSelection)
    def _show_selection(self, event: ShowSelection) -> None:
        if screen := self._uncovered():
            screen.choose(event.selection)
            screen.query_bar.set_text(event.selection.text)
            screen.go(Pane.TABLE)

    def _check_first(self) -> None:
        """Show the check that the browser was started for."""
        if self.options.check is not None:
            self.call_after_refresh(self.post_message, CheckFile(self.options.check))

    @on(CheckFile)
    async def _check_file(self, event: CheckFile) -> None:
        if screen := self._uncovered():
            from cachetui.tui.screens.check import CheckScreen

            await CheckScreen(screen.view, event.path, self.config).show_over(self)

    @on(TakeQuery)
    def _take_query(self, event: TakeQuery) -> None:
        if screen := self._uncovered():
            before = "" if event.is_name else screen.query_bar.text
            screen.action_query()  # selects the text: what is pasted replaces it
            screen.query_bar.on_paste(events.Paste(f"{before} {event.text}"))

    # tasks

    @on(Done)
    def _task_done(self, event: Done) -> None:
        result = event.take()
        if result is None:
            return
        if event.task.name == OPEN:
            self._opened(result)
        elif event.task.name == REFRESH:
            self._refreshed(result)
        elif event.task.name == DOWNLOAD:
            if screen := self.browse_screen:
                screen.detail.show_download(result.dag_hash, result.download)
            self.downloads.go_on()
        else:
            self._copied(result)

    @on(Failed)
    def _task_failed(self, event: Failed) -> None:
        if event.task.is_cancelled:
            return
        is_lost = isinstance(event.error, DamagedError)  # nothing of the catalog can be relied on
        if is_lost:
            self._fail(event.error)
            return
        if event.task.name == OPEN and self.browse_screen is None:
            self._nothing_opened(event.error)
            return
        if event.task.name == REFRESH:
            self.refreshing.end()
        if event.task.name == OPEN:
            self._uncovered()
        if isinstance(event.error, HostError):
            self._host_unknown(event.error)
        elif screen := self.browse_screen:
            screen.bars.show_message(str(event.error), "accent" if event.task.name == COPY else "warning")

    def _host_unknown(self, error: HostError) -> None:
        """Say that the host cannot be read; this one, as far as it is known, stands in for it."""
        from cachetui.host import detect_host

        screen = self.browse_screen
        if screen is None:
            return
        message = str(error)
        if self.config.host:
            message += "; showing what runs on this host"
            self.config = structs.replace(self.config, host="")
        else:
            self.host = detect_host()
        opened = screen.view.opened
        screen.view = self._view(structs.replace(opened, notes=(*opened.notes, message)))
        screen.bars.show_message(message, "warning")

    # opening

    @on(OpenLocations)
    def _open_locations(self, event: OpenLocations) -> None:
        self.refreshing.stop()
        if self._uncovered() is None:
            self._uncover_loading()
        self.push_screen(LoadingScreen(event.locations, self.policy, is_first=self.browse_screen is None))

    def _uncover_loading(self) -> None:
        """Close all screens where nothing could be opened."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def _opened(self, result: OpenedLocations) -> None:
        self.locations = result.locations
        screen = self._uncovered()
        if screen is None:
            screen = self._browse_screen(result.opened)
            self.switch_screen(screen)
            self._check_first()
        else:
            screen.locations = result.locations
            screen.open(self._view(result.opened))
            self._say_what_is_wrong(screen)
        if result.opened.is_partial:
            self.call_after_refresh(self.refreshing.go_on, result.locations, self.policy, result.asking)
        else:
            result.asking.stop()
            self._look_if_due(result.opened)

    def _nothing_opened(self, error: CachetuiError) -> None:
        """End; where nothing was named, offer something else: the user may not know what is configured."""
        screen = self.screen
        if self.locations or not isinstance(screen, LoadingScreen):
            self._fail(error)
        else:
            screen.show_failure(error)

    @on(LoadingScreen.PublicWanted)
    async def _list_public(self) -> None:
        from cachetui.tui.dialogs.public import PublicScreen

        await PublicScreen(self).show_over(self)

    @on(LoadingScreen.Stopped)
    def _opening_stopped(self, event: LoadingScreen.Stopped) -> None:
        if screen := self._uncovered():
            screen.bars.show_message("stopped; the previous catalog is unchanged", "warning")
        elif event.failure is not None:
            self._fail(event.failure)
        else:
            self.exit(return_code=INTERRUPTED)

    # refreshing

    def action_refresh(self) -> None:
        """Check the mirrors, and look at the files, for updates."""
        self._uncovered()
        self.refreshing.ask()
        self.look_for_updates()

    def look_for_updates(self, force: bool = True) -> None:
        """Look in the background for updates: ask all mirrors, or those that are due."""
        self.refreshing.begin(self.locations, self.policy, force)

    @on(Progressed)
    def _refresh_progressed(self, event: Progressed) -> None:
        if not event.task.is_cancelled:
            self.refreshing.show(event.progress)

    def _refreshed(self, opened: Opened) -> None:
        news = self.refreshing.finish(opened)
        if screen := self.browse_screen:
            news = opened.damaged[-1] if opened.damaged else news
            opened = opened.knowing(screen.view.opened)
            screen.renew(self._view(opened), news)
        else:
            opened.catalog.close()

    @on(StopRefresh)
    def _stop_refresh(self) -> None:
        if self.refreshing.stop() and (screen := self.browse_screen):
            screen.bars.show_message("stopped; the previous catalog is unchanged")

    # copying

    @on(CopyBuilds)
    async def _copy_builds(self, event: CopyBuilds) -> None:
        if event.form is None:
            from cachetui.tui.dialogs.copy_menu import CopyMenu

            await CopyMenu(event.builds).show_over(self)
            return
        refused = event.form.refused(event.builds)
        offered = len(event.builds) - len(refused)
        if not offered:
            self._say(refused[0])
            return
        note = f"{counted(len(refused), 'build')} left out: {refused[0]}" if refused else ""
        label = f"{event.form.name} ({counted(offered, 'build')})"
        self.copying.copy(partial(text_of, event.form, event.builds, event.spack), label, note)

    def _say(self, message: str) -> None:
        """Show a warning on the screen that is open."""
        screen = self.screen
        if isinstance(screen, BrowseScreen):
            screen.bars.show_message(message, "warning")
        elif not (isinstance(screen, QuietScreen) and screen.show_message(message, "warning")):
            from cachetui.tui.dialogs.copied import CopiedScreen

            self.push_screen(CopiedScreen("", message))

    @on(SpecDetail.MirrorsWanted)
    def _ask_mirrors(self, event: SpecDetail.MirrorsWanted) -> None:
        screen = self.browse_screen
        if screen is not None and event.catalog is screen.view.catalog:
            self.downloads.ask(event.catalog, event.dag_hash, screen.locations, self.policy)

    @on(CopyText)
    def _copy_text(self, event: CopyText) -> None:
        self.copying.copy(event.text, note=event.note)

    def _copied(self, sent: Sent) -> None:
        """Say what was sent: in one line or, where it is too long for that, in a box."""
        note = f"; {sent.note}" if sent.note else ""
        message = f"copied {sent.text} {sent.way}{note}"
        screen = self.screen
        if lines.fits(message, self.size.width):
            if isinstance(screen, BrowseScreen):
                screen.bars.show_message(message)
                return
            if isinstance(screen, QuietScreen) and screen.show_message(message):
                return
        from cachetui.tui.dialogs.copied import CopiedScreen

        self.push_screen(CopiedScreen(sent.text, " ".join(f"Copied {sent.label} {sent.way}{note}".split())))
