"""What the terminal is asked at the start, and that no answer reaches the query or the shell."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from textual.app import App

from cachetui.tui.driver import ANSWER_PATIENCE, ASK_ATTRIBUTES, ASK_BACKGROUND, TerminalDriver
from tests.terminal.harness import Terminal, environment
from tests.terminal.test_browser import shell, start
from tests.terminal.test_input import leave, query, settled

WHITE = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\"
ATTRIBUTES = b"\x1b[?62;22c"
NO_PASTES = b"\x1b[?2004l"
LEAVING = 0.3
"""Seconds in which the browser is to end where nothing is slow."""


def asked(shown: Terminal) -> Terminal:
    """Wait until the terminal was asked."""
    shown.wait_for(lambda: ASK_ATTRIBUTES.encode() in shown.raw)
    return shown


@pytest.mark.parametrize("cut", [0, 1, 2, 5, 12, len(WHITE) - 1])
def test_an_answer_is_no_text_wherever_it_is_cut(tmp_path: Path, cut: int) -> None:
    with start(tmp_path) as shown:
        settled(asked(shown))
        assert shown.raw.count(ASK_BACKGROUND.encode()) == 1
        shown.send(WHITE[:cut])
        shown.send(WHITE[cut:] + ATTRIBUTES)
        shown.send("hdf5")
        shown.wait_for(lambda: query(shown) == "hdf5")


@pytest.mark.parametrize("term", ["linux", "vt100"])
def test_a_console_is_asked_nothing(tmp_path: Path, term: str) -> None:
    with start(tmp_path, environ={"TERM": term}) as shown:
        settled(shown)
        assert ASK_BACKGROUND.encode() not in shown.raw
        assert ASK_ATTRIBUTES.encode() not in shown.raw


def test_an_answer_on_its_way_does_not_reach_the_shell(tmp_path: Path) -> None:
    with Terminal(shell('"$@" sample; echo over; read line; echo "<$line>"'), environment(tmp_path)) as shown:
        asked(shown)
        shown.send("\x03")
        shown.wait_for(lambda: NO_PASTES in shown.raw)  # the browser is about to end
        shown.send(WHITE + ATTRIBUTES)
        shown.wait_for(lambda: shown.raw.count(ASK_ATTRIBUTES.encode()) == 2)
        shown.send("\x1b[<35;10;10M" + ATTRIBUTES.decode())  # the mouse was moved meanwhile
        shown.wait_for("over")
        shown.send("typed\n")
        shown.wait_for("<typed>")
        assert "11;rgb" not in shown.text


def test_a_terminal_that_does_not_answer_delays_nothing_later(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.until_quiet(ANSWER_PATIENCE)
        leave(shown)
        assert shown.raw.count(ASK_ATTRIBUTES.encode()) == 1


class Silence(threading.Event):
    """Stands for answers that do not come; how long they were waited for."""

    waited = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        """Note the time, and wait for nothing."""
        assert timeout is not None
        self.waited += 0.0 if self.is_set() else timeout
        return self.is_set()


@pytest.mark.parametrize(
    ("answered_after", "least", "most"),
    [(None, 0.1, LEAVING), (0.005, 0.1, LEAVING), (0.4, 0.8, 0.8), (3.0, ANSWER_PATIENCE, ANSWER_PATIENCE)],
)
async def test_a_silent_terminal_is_waited_for_as_long_as_it_once_took(
    monkeypatch: pytest.MonkeyPatch, answered_after: float | None, least: float, most: float
) -> None:
    monkeypatch.setattr(TerminalDriver, "write", lambda driver, text: None)
    monkeypatch.setattr(TerminalDriver, "flush", lambda driver: None)
    driver = TerminalDriver(App())
    driver._asked_at = time.monotonic()
    driver._input.answered = silence = Silence()
    if answered_after is not None:
        driver._answer_seconds = answered_after
        silence.set()
    driver._drain()
    assert least <= silence.waited <= most
