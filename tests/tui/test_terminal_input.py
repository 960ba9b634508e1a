"""What the input of a terminal means for the app."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from cachetui.tui.terminal_input import TerminalBackground, TerminalInput


def found(data: bytes) -> list[Message]:
    """What bytes mean, up to the pause behind them."""
    terminal = TerminalInput()
    return [*terminal.feed(data), *terminal.expire()]


def keys(data: bytes) -> list[tuple[str, str | None]]:
    """The keys that bytes mean."""
    messages = found(data)
    assert all(isinstance(message, events.Key) for message in messages)
    return [(key.key, key.character) for key in messages if isinstance(key, events.Key)]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"y", "y"),
        (b"/", "slash"),
        (b"\r", "enter"),
        (b"\x1b", "escape"),
        (b"\x1b[A", "up"),
        (b"\x1bOA", "up"),
        (b"\x1b[1;2C", "shift+right"),
        (b"\x1b[5~", "pageup"),
        (b"\x1b[Z", "shift+tab"),
        (b"\x1bOP", "f1"),
        (b"\x1b[[A", "f1"),
        (b"\x1b\x7f", "ctrl+w"),
        (b"\x1a", "ctrl+z"),
    ],
)
def test_keys(data: bytes, key: str) -> None:
    assert [name for name, _ in keys(data)] == [key]


@pytest.mark.parametrize(
    ("data", "key", "character"),
    [
        (b"\x1b[121;;121u", "y", "y"),
        (b"\x1b[121;1:1u", "y", None),
        (b"\x1b[121;1:1;121u", "y", "y"),
        (b"\x1b[121;1:2;121u", "y", "y"),
        (b"\x1b[97:65;2:1;65u", "A", "A"),
        (b"\x1b[99;5:1u", "ctrl+c", None),
        (b"\x1b[1;1:1A", "up", None),
        (b"\x1b[5;1:2~", "pageup", None),
        (b"\x1b[27;1:1u", "escape", None),
    ],
)
def test_a_pressed_or_repeated_kitty_key_is_a_key(data: bytes, key: str, character: str | None) -> None:
    ((name, typed),) = keys(data)
    assert name.removeprefix("shift+") == key
    assert typed == character or character is None


@pytest.mark.parametrize(
    "data", [b"\x1b[121;1:3u", b"\x1b[97;5:3u", b"\x1b[1;1:3A", b"\x1b[5;1:3~", b"\x1b[121;1:3;121u"]
)
def test_a_released_kitty_key_is_none(data: bytes) -> None:
    assert found(data) == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b[48;99999;99999;0;0t",
        b"\x1b[48;24;80;0;0t",
        b"\x1b[99999999999;1u",
        b"\x1b[55296;1u",
        b"\x1b[97;1;99999999999999999999u",
        b"\x1b[97;x",
        b"\x1b[<0;99999999;1M",
        b"\x1b[<0;-1;-1M",
        b"\x1b[<0M",
        b"\x1b[32;10;10M",
        b"\x1b[12;40R",
        b"\x1b[?1;2;3;4x",
        b"\x1b]11;rgb:zz/zz/zz\x07",
        b"\x1b]52;c;QUJD\x07",
        b"\x1bP>|XTerm(380)\x1b\\",
    ],
)
def test_what_means_nothing_is_ignored_and_counted(data: bytes) -> None:
    terminal = TerminalInput()
    assert terminal.feed(data) == []
    assert terminal.ignored == 1


@given(st.lists(st.sampled_from(b"\x1b[]<>?;:0123456789uMmAtyc~OP\x07\\rgb/ \xe9"), max_size=40).map(bytes))
def test_no_bytes_raise(data: bytes) -> None:
    for message in found(data):
        if isinstance(message, events.Key) and message.is_printable:
            assert (message.character or "").encode()


def test_focus_mouse_and_reports_are_understood() -> None:
    focus, blur, down, synchronized = found(b"\x1b[I\x1b[O\x1b[<0;10;12M\x1b[?2026;2$y")
    assert isinstance(focus, events.AppFocus)
    assert isinstance(blur, events.AppBlur)
    assert isinstance(down, events.MouseDown)
    assert (down.x, down.y) == (9, 11)
    assert isinstance(synchronized, TerminalSupportsSynchronizedOutput)
    assert found(b"\x1b[?2026;0$y") == []


@pytest.mark.parametrize(
    ("answer", "is_light"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", True),
        (b"\x1b]11;rgb:ffff/ffff/ffff\x07", True),
        (b"\x1b]11;rgb:0000/0000/0000\x07", False),
        (b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", False),
        (b"\x1b]11;rgb:fd/f6/e3\x07", True),
        (b"\x1b]11;rgb:f/f/f\x07", True),
        (b"\x1b]11;rgba:0000/2b2b/3636/ffff\x07", False),
        (b"\x1b]11;#ffffff\x07", True),
        (b"\x1b]11;#002b36\x07", False),
        (b"\x1b]11;RGB:FFFF/FFFF/FFFF\x07", True),
    ],
)
def test_the_answer_says_whether_the_background_is_light(answer: bytes, is_light: bool) -> None:
    for cut in range(len(answer)):
        terminal = TerminalInput()
        (message,) = [*terminal.feed(answer[:cut]), *terminal.feed(answer[cut:])]
        assert isinstance(message, TerminalBackground)
        assert message.is_light is is_light


def test_the_attributes_of_the_terminal_are_the_last_answer() -> None:
    terminal = TerminalInput()
    assert not terminal.answered.is_set()
    assert terminal.feed(b"\x1b[?62;22c") == []
    assert terminal.answered.is_set()
    assert terminal.ignored == 0
