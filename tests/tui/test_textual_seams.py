"""Textual's private names: each exists and does what is needed, and only `textual_seams` uses them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, ClassVar

import pytest
from rich.segment import Segment
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key
from textual.geometry import Region, Size
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from cachetui.tui import textual_seams
from cachetui.tui.textual_seams import (
    MOST_SPLIT,
    SeamApp,
    SeamParser,
    SeamScreen,
    SeamWidget,
    forget_closed_screens,
    is_stopped,
    run_binding,
    write_to_terminal,
)
from tests.tui.private_names import (
    PACKAGE,
    private_names_used,
    privates_in_class,
    privates_of_others,
    textual_privates,
)

OWNERS: dict[str, type] = {
    "_app": Driver,
    "_check_bindings": App,
    "_close_messages_no_wait": MessagePump,
    "_compositor": Screen,
    "_disable_notifications": App,
    "_disable_tooltips": App,
    "_driver": App,
    "_enable_mouse_pixels": LinuxDriver,
    "_exchange_repaint_regions": Widget,
    "_fatal_error": App,
    "_get_terminal_size": LinuxDriver,
    "_handle_exception": App,
    "_layout_required": Widget,
    "_on_resize": Screen,
    "_on_timer_update": Screen,
    "_print_error_renderables": App,
    "_query_in_band_window_resize": LinuxDriver,
    "_refresh_layout": Screen,
    "_sequence_to_key_events": XTermParser,
    "_size": Widget,
    "_size_updated": Widget,
    "_stop_propagation": Key,
}
"""Each private name of Textual that is used, and the class that has it."""

BROWSER_FILES = [file for file in sorted((PACKAGE / "tui").rglob("*.py")) if file.stem != "textual_seams"]


@pytest.mark.parametrize("file", BROWSER_FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_other_module_uses_a_private_name_of_textual(file: Path) -> None:
    assert private_names_used(file) == set()


def test_the_seams_use_exactly_the_names_that_are_tested_here() -> None:
    assert private_names_used(Path(textual_seams.__file__)) == set(OWNERS)


@pytest.mark.parametrize(("name", "owner"), OWNERS.items())
def test_textual_still_has_the_private_name(name: str, owner: type) -> None:
    assert name in textual_privates(owner)


class Intruder(Widget):
    """Uses private names of Textual in each way that the scan has to find."""

    def _size_updated(self, *arguments: Any, **options: Any) -> bool:
        self._own = self._container_size
        return super()._size_updated(*arguments, **options)


def test_the_scan_finds_names_that_are_read_set_or_overridden() -> None:
    assert privates_in_class(Intruder) == {"_container_size", "_size_updated"}
    others = "app._driver\nself.app._check_bindings()\nsetattr(app, '_disable_tooltips', 1)\nx._own_name"
    assert set(privates_of_others(ast.parse(others))) == {"_driver", "_check_bindings", "_disable_tooltips"}


class Probe(SeamWidget):
    """A widget that records what it was prepared for and which of its lines were painted."""

    can_focus = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "note('widget')")]
    DEFAULT_CSS = "Probe { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[Size] = []
        self.painted: list[int] = []

    def laid_out(self, size: Size) -> bool:
        self.prepared.append(size)
        self.refresh(Region(0, 0, 1, 1))
        return True

    def render_line(self, y: int) -> Strip:
        assert self.prepared, "painted before it was prepared"
        self.painted.append(y)
        return Strip.blank(self.size.width)

    def action_note(self, text: str) -> None:
        probe_app(self).noted.append(text)


class ProbeScreen(SeamScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "note('screen')"), Binding("y", "note('screen')")]

    def compose(self) -> ComposeResult:
        yield Probe()

    def action_note(self, text: str) -> None:
        probe_app(self).noted.append(text)


class ProbeApp(SeamApp[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "note('app')"),
        Binding("z", "note('app')"),
        Binding("y", "note('never')"),
        Binding("p", "note('first')", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    def on_mount(self) -> None:
        self.push_screen(ProbeScreen())

    def action_note(self, text: str) -> None:
        self.noted.append(text)

    def action_fail(self, text: str) -> None:
        raise ValueError(text)

    def handle_error(self, error: Exception) -> bool:
        self.noted.append(str(error))
        return str(error) == "expected"

    @property
    def probe(self) -> Probe:
        return self.screen.query_one(Probe)


def probe_app(node: Widget) -> ProbeApp:
    assert isinstance(node.app, ProbeApp)
    return node.app


def test_stop_propagation_says_that_a_handler_stopped_an_event() -> None:
    event = Key("x", "x")
    assert not is_stopped(event)
    event.stop()
    assert is_stopped(event)


@pytest.mark.parametrize(
    ("key", "noted"), [("x", ["widget"]), ("y", ["screen"]), ("z", ["app"]), ("p", ["first"]), ("q", [])]
)
async def test_check_bindings_runs_the_binding_nearest_to_the_focus(key: str, noted: list[str]) -> None:
    app = ProbeApp()
    async with app.run_test():
        app.probe.focus()
        await run_binding(app, key)
        assert app.noted == noted


async def test_driver_writes_a_sequence_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ProbeApp()
    write_to_terminal(app, "no terminal yet")
    async with app.run_test():
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        write_to_terminal(app, "\x1b]52;c;eA==\a")
        assert "\x1b]52;c;eA==\a" in written


@pytest.mark.parametrize("kind", ["Tooltip", "ToastRack"])
async def test_disabled_tooltips_and_notifications_have_no_widgets(kind: str) -> None:
    app = ProbeApp()
    async with app.run_test(tooltips=True, notifications=True):
        assert len(app.screen.query(kind)) == 1
        app.without_overlays()
        await app.push_screen(ProbeScreen())
        assert len(app.screen.query(kind)) == 0


async def test_handle_exception_is_what_every_error_passes() -> None:
    app = ProbeApp()
    async with app.run_test() as pilot:
        app.probe.call_next(app.action_fail, "expected")
        await pilot.pause()
        assert app.noted == ["expected"]
        assert app.is_running
    with pytest.raises(ValueError, match="unexpected"):
        async with (app := ProbeApp()).run_test() as pilot:
            app.probe.call_next(app.action_fail, "unexpected")
            await pilot.pause()


async def test_on_timer_update_paints_at_once_and_not_while_it_is_held() -> None:
    app = ProbeApp()
    async with app.run_test(size=(20, 3)) as pilot:
        screen = app.screen
        assert isinstance(screen, ProbeScreen)
        await pilot.pause()
        with screen.held():
            app.probe.painted.clear()
            app.probe.refresh()
            await pilot.pause()
            screen.paint()
            assert app.probe.painted == []
        screen.paint()
        assert app.probe.painted == [0, 1, 2]


async def test_screen_resized_is_called_once_for_each_size(monkeypatch: pytest.MonkeyPatch) -> None:
    layouts: list[Size] = []
    resized = Screen._screen_resized

    def record(screen: Screen[None], size: Size) -> None:
        if isinstance(screen, SeamScreen):
            layouts.append(size)
        resized(screen, size)

    monkeypatch.setattr(Screen, "_screen_resized", record)
    app = ProbeApp()
    async with app.run_test(size=(20, 3)) as pilot:
        await pilot.pause()
        for width in (30, 20, 30):
            layouts.clear()
            app.probe.painted.clear()
            await pilot.resize_terminal(width, 3)
            await pilot.pause()
            assert layouts == [Size(width, 3)]
            assert app.probe.painted.count(2) == 1


async def test_layout_required_says_that_a_widget_has_no_place_yet() -> None:
    app = ProbeApp()
    async with app.run_test(size=(20, 3)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, ProbeScreen)
        assert not screen.lay_out()
        with screen.held():
            app.probe.styles.width = 7
            await pilot.pause()
        assert screen.lay_out()
        assert app.probe.prepared[-1] == Size(7, 3)
        assert not screen.lay_out()


async def test_size_updated_comes_before_the_first_paint_and_with_each_size() -> None:
    app = ProbeApp()
    async with app.run_test(size=(20, 3)) as pilot:
        await pilot.pause()
        assert app.probe.prepared[0] == Size(20, 3)
        assert app.probe.painted
        await pilot.resize_terminal(30, 4)
        assert app.probe.prepared[-1] == Size(30, 4)


async def test_size_is_that_of_the_content() -> None:
    app = ProbeApp()
    async with app.run_test(size=(20, 3)) as pilot:
        await pilot.resize_terminal(30, 4)
        assert app.probe.size == Widget.size.fget(app.probe) == Size(30, 4)  # type: ignore[attr-defined]


async def test_exchange_repaint_regions_drops_what_a_layout_repaints_anyway() -> None:
    app = ProbeApp()
    async with app.run_test(size=(20, 3)):
        app.probe.refresh(Region(0, 0, 1, 1))
        assert set(app.probe._exchange_repaint_regions()) == {Region(0, 0, 1, 1)}
        app.probe._size_updated(Size(10, 2), Size(10, 2), Size(20, 3))
        assert set(app.probe._exchange_repaint_regions()) == set()


def test_sequence_to_key_events_knows_characters_and_sequences() -> None:
    parser = SeamParser()
    assert [key.key for key in parser.keys_of("a")] == ["a"]
    assert [key.key for key in parser.keys_of("\x1b[A")] == ["up"]
    assert [key.key for key in parser.keys_of("\x1b[121;5u")] == ["ctrl+y"]
    assert parser.keys_of("\x1b[1;2;3x") == []


def test_split_cells_are_forgotten_once_they_are_many() -> None:
    pieces = Segment._split_cells
    pieces.cache_clear()
    for number in range(MOST_SPLIT):
        Segment(f"漢{number}").split_cells(2)
    forget_closed_screens()
    assert pieces.cache_info().currsize == MOST_SPLIT
    Segment("漢字").split_cells(2)
    forget_closed_screens()
    assert pieces.cache_info().currsize == 0
