"""Every private name of Textual and Rich that the browser relies on, each with the reason.

`tests/tui/test_textual_seams.py` checks that each still exists and does what is needed here, so that an
update of Textual fails there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

from rich.segment import Segment
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event, Key, Resize
from textual.geometry import Size
from textual.keys import Keys
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed

T = TypeVar("T")

LARGEST = (1000, 300)
"""Columns and lines that are drawn: more than the finest font has on the largest screen."""


def is_stopped(event: Event) -> bool:
    """Whether a handler has called `event.stop()`.

    `_stop_propagation`: keys are handed to widgets here, not through queues, and nothing public says it.
    """
    return event._stop_propagation


async def run_binding(app: App[Any], key: str) -> None:
    """Run what a key is bound to, priority bindings first.

    `_check_bindings`: Textual calls it once a key went through the queue of the focused widget, where
    a key that was typed ahead would overtake it.
    """
    if not await app._check_bindings(key, priority=True):
        await app._check_bindings(key)


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Write a sequence to the terminal as it is.

    `_driver`: OSC 52 through multiplexers needs wrapping that `App.copy_to_clipboard` does not do.
    """
    if app._driver is not None:
        app._driver.write(sequence)


class SeamParser(XTermParser):
    """Textual's reading of one complete sequence at a time: keys, and the mouse (`parse_mouse_code`)."""

    def keys_of(self, sequence: str) -> list[Key]:
        """The keys that a character or a complete sequence stands for; none if it is unknown.

        `_sequence_to_key_events`: fed with the input itself, the parser takes what it does not know for text.
        """
        return [key for key in self._sequence_to_key_events(sequence) if key.key != Keys.Ignore.value]


class SeamApp(App[T]):
    """An app without overlays, whose own errors can be handled, and which prints none.

    `_handle_exception`, `_fatal_error`, `_print_error_renderables`, `_close_messages_no_wait`: Textual prints
    tracebacks with the values of all variables, among them passwords.
    """

    def without_overlays(self) -> None:
        """Make screens without widgets for tooltips and notifications.

        `_disable_tooltips`, `_disable_notifications`: nothing here uses them, and each costs a part of the
        start.
        """
        self._disable_tooltips = self._disable_notifications = True

    def handle_error(self, error: Exception) -> bool:
        """Handle an error that no handler caught; False: Textual shows its traceback."""
        return False

    crash: Exception | None = None
    """The first error that was not handled; whoever runs the app raises it."""

    def _handle_exception(self, error: Exception) -> None:
        # The only place that every error of every widget passes.
        known = error.error if isinstance(error, WorkerFailed) else error
        if not isinstance(known, Exception):
            known = error
        if self.handle_error(known):
            return
        self.crash = self.crash or known
        super()._handle_exception(error)

    def panic(self, *renderables: object) -> None:
        """End after an error that has its own picture."""
        self._fatal_error()

    def _fatal_error(self) -> None:
        # Textual would keep a traceback with the values of all variables, to print it in the end.
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        pass


class SeamDriver(LinuxDriver):
    """A driver that leaves the terminal's input to `read_input`, and asks for no sizes and pixels in it.

    `_query_in_band_window_resize`, `_enable_mouse_pixels`: sizes that a terminal sends as input can be
    absurd, where the system knows the real one.
    `_get_terminal_size`: the size that a program gave a terminal can be absurd, too.
    `_app`: an `App` is all that a driver is made with.
    """

    @property
    def app(self) -> App[Any]:
        """The app whose driver this is."""
        return self._app

    def run_input_thread(self) -> None:
        """Read keys until `exit_event` is set."""
        try:
            self.read_input()
        except Exception as error:  # noqa: BLE001 - without its input the browser could not be left
            self._app.call_later(self._app._handle_exception, error)

    def read_input(self) -> None:
        """Read the input of the terminal, in a thread, until `exit_event` is set."""
        raise NotImplementedError

    def _get_terminal_size(self) -> tuple[int, int]:
        width, height = super()._get_terminal_size()
        return min(width, LARGEST[0]), min(height, LARGEST[1])

    def _query_in_band_window_resize(self) -> None:
        pass

    def _enable_mouse_pixels(self) -> None:
        pass


MOST_SPLIT = 1024
"""Pieces of lines that stay remembered when a screen closes."""


def forget_closed_screens() -> None:
    """Let go of the lines that were painted of screens which are closed.

    `_styles_cache`: colours are remembered by the widget that asked for them, up to 1,024 times, and a widget
    keeps all its lines: help read a thousand times would hold 600 MB. `_split_cells`: Rich remembers 16,384
    pieces of lines that were cut where a dialog lay over them, which takes a day to fill.
    """
    StylesCache.get_inner_outer.cache_clear()
    if Segment._split_cells.cache_info().currsize > MOST_SPLIT:
        Segment._split_cells.cache_clear()


class SeamScreen(Screen[T]):
    """A screen that is laid out and painted at once, or not yet.

    `_on_timer_update`: Textual paints at the ticks of a clock; a key would wait for the next tick, and one
    that changes two panes could be painted in two halves. `_refresh_layout`, `_on_resize`, `_compositor`:
    each size is laid out and painted once.
    """

    _is_held = False
    _sized_at = 0.0

    def paint(self) -> None:
        """Paint what has changed now."""
        self._on_timer_update()

    def lay_out(self) -> bool:
        """Give all widgets the place that the last command made for them; False if they have it.

        `_layout_required`: a widget that was just shown has no lines yet that a key could go to.
        """
        if not self._layout_required:
            return False
        self.paint()
        return True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Paint nothing meanwhile."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False

    def _on_timer_update(self) -> None:
        if not self._is_held:
            super()._on_timer_update()

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        before = self._size
        super()._refresh_layout(size, scroll)
        if self._size != before:
            self._sized_at = monotonic()
            for widget in self._compositor.widgets:
                widget._exchange_repaint_regions()

    async def _on_resize(self, event: Resize) -> None:
        # A layout tells the screen its own size, too: all of it would be laid out and painted a second time,
        # and the screens below it. Textual calls the method of the base class by itself.
        if event.size == self._size and event.time <= self._sized_at:
            event.prevent_default()


class SeamWidget(Widget):
    """A widget without border, padding and scroll bar, which prepares its content before it is painted."""

    @property
    def size(self) -> Size:
        """The size of the content, which is that of the widget.

        `_size`: the public property works out margins that are not there, several times for each line.
        """
        return self._size

    def laid_out(self, size: Size) -> bool:
        """A layout gave the widget a size; True if its content was prepared for it."""
        return False

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        # `on_resize` comes too late: the widget would be painted without content first.
        # Its lines do not depend on what Textual could scroll: no second layout.
        updated = super()._size_updated(size, virtual_size, container_size, layout=False)
        if self.laid_out(size):
            # The layout asks for all of the widget; what the content asked for meanwhile is a part of that.
            self._exchange_repaint_regions()
        return updated
