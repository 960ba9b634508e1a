"""Which catalog is open: the first one, others in its place, and what is new in it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from textual import on
from textual.app import App

from cachetui import paths
from cachetui.config import Config
from cachetui.errors import CachetuiError
from cachetui.refresh import Opened, Progress
from cachetui.search import Engine, Selection
from cachetui.text import one_line
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.options import StartOptions
from cachetui.tui.refreshing import Refresher
from cachetui.tui.screens.loading import LoadingScreen

INTERRUPTED = 130
"""The exit code of a program that was interrupted."""


class CatalogApp(App[str]):
    """Opens catalogs, and looks for news of the one that is open.

    Attributes:
        failure: why nothing could be opened.
    """

    def __init__(self, locations: Sequence[str], config: Config, options: StartOptions) -> None:
        super().__init__(css_path=sorted(map(str, paths.styles_dir().glob("*.tcss"))))
        self.locations = locations
        self.config = config
        self.options = options
        self.failure: CachetuiError | None = None
        self._refresher = Refresher(self, self._news_on_the_way, self._news_arrived, self._no_news)

    def browse(self, opened: Opened) -> BrowseScreen:
        """The main screen over a catalog. Raises QuerySyntaxError."""
        engine = Engine(opened.catalog, self.config.aliases)
        options = self.options
        query = one_line(options.query)
        selection = Selection(query, package=None, exact=bool(query))
        engine.select(selection)  # these records' Spack may refuse what another one takes
        if options.picks:
            from cachetui.tui.browse.pick import PickScreen  # not where nothing is picked

            return PickScreen(opened, engine, selection, options.multi)
        return BrowseScreen(opened, engine, selection)

    @on(LoadingScreen.Ready)
    def _catalog_ready(self, event: LoadingScreen.Ready) -> None:
        screen = self.browse_screen
        if screen is None:
            self.switch_screen(self.browse(event.opened))
            return
        self.pop_screen()
        self.locations = event.locations
        screen.open(event.opened, Engine(event.opened.catalog, self.config.aliases))

    @on(LoadingScreen.Failed)
    def _catalog_failed(self, event: LoadingScreen.Failed) -> None:
        if not self._back_from_loading(str(event.error)):
            self.failure = event.error
            self.exit(return_code=1)

    @on(LoadingScreen.Stopped)
    def _catalog_stopped(self) -> None:
        if not self._back_from_loading("stopped; nothing is lost by it"):
            self.exit(return_code=INTERRUPTED)

    def _back_from_loading(self, why: str) -> bool:
        """Back to what is open, and tell why; False if nothing is."""
        screen = self.browse_screen
        if screen is None:
            return False
        self.pop_screen()
        screen.tell(why, "warning")
        return True

    @property
    def browse_screen(self) -> BrowseScreen | None:
        """The main screen, also when it is covered."""
        return next((screen for screen in self.screen_stack if isinstance(screen, BrowseScreen)), None)

    def look_for_news(self, sure: bool = True) -> None:
        """Ask in the background whether there is something new: all mirrors, or those that are due."""
        self._refresher.begin(self.locations, replace(self.options.policy, force=sure))

    def stop_looking(self) -> bool:
        """Stop that; False if nobody looks."""
        stopped = self._refresher.stop()
        if stopped and (screen := self.browse_screen):
            screen.show_activity("")
        return stopped

    def _news_on_the_way(self, progress: Progress) -> None:
        if screen := self.browse_screen:
            screen.show_activity(f"{progress.phase} {progress.source} {progress.share:.0%}")

    def _news_arrived(self, opened: Opened) -> None:
        if screen := self.browse_screen:
            screen.renew(opened, Engine(opened.catalog, self.config.aliases))
        else:
            opened.catalog.close()

    def _no_news(self, error: CachetuiError) -> None:
        if screen := self.browse_screen:
            screen.show_activity("")
            screen.tell(str(error), "warning")

    def open_locations(self, locations: Sequence[str]) -> None:
        """Open others in place of those that are open; Esc while they are read comes back."""
        self.stop_looking()
        self.push_screen(LoadingScreen(locations, self.options.policy))
