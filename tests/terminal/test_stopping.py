"""The browser is stopped by a signal that leaves it no time, and continues."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.terminal.harness import Terminal, environment
from tests.terminal.test_browser import BASH, BROWSER
from tests.terminal.test_input import query, settled
from tests.tools import need


def test_after_sigstop_the_screen_is_painted_and_the_terminal_restored(tmp_path: Path) -> None:
    need("bash")
    with Terminal(BASH, environment(tmp_path, PS1="prompt> ", HISTFILE="")) as shown:
        shown.wait_for("prompt>")
        shown.send(" ".join(BROWSER) + "\r")
        settled(shown)
        shown.wait_for("runs here")  # it is computed in the background
        shown.until_quiet()
        before = shown.picture
        for _ in range(2):
            (browser,) = set(shown.session()) - {shown.process.pid}
            os.kill(browser, signal.SIGSTOP)
            shown.wait_for("Stopped")
            shown.until_quiet()
            shown.screen.reset()
            shown.send("fg\r")
            shown.wait_for(lambda: shown.picture == before)
        shown.send("hdf5")
        shown.wait_for(lambda: query(shown) == "hdf5")
        shown.send("\x03")
        shown.wait_for("prompt>")
        shown.send("stty -a\r")
        shown.wait_for(" echo ")
        assert {"icanon", "isig", "icrnl"} < set(shown.text.split())
