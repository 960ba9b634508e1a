"""A hash copied in the browser arrives at the outer terminal: plain, through tmux, through GNU screen."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui.tui import clipboard
from tests.terminal.harness import Terminal, Tmux, environment
from tests.tools import need

BROWSER = [sys.executable, "-m", "cachetui", "sample"]
READY = "793 builds"
HASH = "cxuri4gklmaoza5c6znuhgrbihdynh4w"
QUERY = "/cxuri4g"


def test_a_hash_arrives_at_a_plain_terminal(tmp_path: Path) -> None:
    with Terminal(BROWSER, environment(tmp_path)) as shown:
        shown.wait_for(READY)
        shown.send(f"/{QUERY}\r")
        shown.wait_for(HASH)
        shown.send("y")
        shown.wait_for(clipboard.PLAIN)
        shown.wait_for(lambda: shown.copied == [HASH])


def test_a_hash_arrives_through_tmux_with_default_settings(tmp_path: Path) -> None:
    need("tmux")
    with Tmux(BROWSER, environment(tmp_path)) as tmux:
        tmux.wait_for(READY)
        tmux.send_keys(f"/{QUERY}", "Enter")
        tmux.wait_for(HASH)
        tmux.send_keys("y")
        tmux.wait_for(clipboard.IN_TMUX)
        tmux.outer.wait_for(lambda: tmux.outer.copied == [HASH])
        assert tmux.run("show-buffer") == HASH


@pytest.fixture
def screen_environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment for GNU screen with a private folder of a short name for its socket."""
    need("screen")
    folder = tempfile.mkdtemp(prefix="screen-", dir="/tmp")
    environ = environment(tmp_path, SCREENDIR=folder, SCREENRC="/dev/null", SYSSCREENRC="/dev/null")
    yield environ
    subprocess.run(["screen", "-X", "quit"], env=environ, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def test_a_hash_arrives_through_screen(screen_environment: dict[str, str]) -> None:
    with Terminal(["screen", "-U", *BROWSER], screen_environment) as shown:
        shown.wait_for(READY)
        shown.send(f"/{QUERY}\r")
        shown.wait_for(HASH)
        shown.send("y")
        shown.wait_for(clipboard.IN_SCREEN)
        shown.wait_for(lambda: shown.copied == [HASH])
        shown.send("q")
        shown.wait_for(lambda: shown.process.poll() is not None)
