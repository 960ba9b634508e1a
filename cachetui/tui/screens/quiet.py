"""The base of all screens: it paints nothing of its own, its widgets say what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from cachetui.tui.textual_seams import SeamScreen, forget_closed_screens
from cachetui.tui.widgets.lines import STYLES

if TYPE_CHECKING:
    from textual.app import App
    from typing_extensions import Self

    from cachetui.tui.state import View

T = TypeVar("T")


class QuietScreen(SeamScreen[T]):
    """Textual repaints a whole screen when the focus moves; here that is left to the two lists concerned."""

    class Ready(Message):
        """The screen is shown and takes keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = STYLES
    AUTO_FOCUS = ""

    keymap: Mapping[str, str] = {}
    """The user's own keys, by command; set by the app."""

    urgent_keys: ClassVar[frozenset[str]] = frozenset()
    """Keys that are handled at once, before what was typed earlier."""

    urgent_first: ClassVar[frozenset[str]] = frozenset()
    """Keys that are handled at once, too, unless something was typed earlier."""

    keys_shown_first: ClassVar[str] = ""
    """Whose keys the help shows first; empty: those of the pane that has the focus on the main screen."""

    takes_keys = False
    """Whether a key is meant for this screen: it is shown, and something has the focus."""

    _is_covered = False

    async def show_over(self, app: App[Any]) -> None:
        """Show the screen over those of an app, once it is prepared."""
        await self.prepare()
        app.push_screen(self)

    async def prepare(self) -> None:
        """Read what is shown first, or begin to: what takes longer than a moment comes later."""

    def on_screen_suspend(self) -> None:
        """Another screen is shown over this one."""
        self._is_covered = True
        self.takes_keys = False

    def on_screen_resume(self) -> None:
        """Paint what was covered; the first time, the layout paints everything."""
        if self._is_covered:
            self._is_covered = False
            forget_closed_screens()
            self.refresh(self.app.size.region)
        self.call_after_refresh(self.ready)  # the focus is given and the widgets have a size by then

    def ready(self) -> None:
        """Take keys from now on."""
        self.takes_keys = True
        self.post_message(self.Ready())

    def begin_at(self, widget: Widget) -> None:
        """Give the focus to a widget before the first paint, as the event comes after it."""
        widget.has_focus = True
        self.set_focus(widget)

    def renew_view(self, view: View) -> None:
        """Show another state of the same locations; what was shown before will be closed."""

    def rejudge(self, view: View) -> None:
        """Show what is computed by now about the builds of the same catalog on this machine."""

    def show_message(self, message: str, style: str = "accent") -> bool:
        """Say what has just happened, until the next key; False if there is no place for it."""
        return False

    def forget_message(self) -> None:
        """Show again what a message stands in place of."""

    def catch_up(self) -> bool:
        """Do now what still follows the cursor; False if nothing does."""
        return False

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Paint regions, or what another layout moves; nothing else is a reason to paint the whole screen."""
        if regions or layout or recompose:
            return super().refresh(*regions, repaint=bool(regions), layout=layout, recompose=recompose)
        return self
