"""Copying: the sequences, and whether they arrive at the outer terminal through real multiplexers."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui.errors import CachetuiError
from cachetui.tui import clipboard
from tests.terminal.copier import sample
from tests.terminal.harness import Terminal, Tmux, environment
from tests.tools import need

LENGTHS = [32, 2_000]


def copier(length: int) -> list[str]:
    """The command of a program that copies a text of this length."""
    return [sys.executable, "-m", "tests.terminal.copier", str(length)]


def sent(text: str, **environ: str) -> tuple[str, str]:
    """What `send` wrote, and the way that it reported."""
    written: list[str] = []
    way = clipboard.send(text, written.append, environ)
    return "".join(written), way


def test_osc52_carries_the_text_in_base64() -> None:
    assert clipboard.osc52("é\n") == "\x1b]52;c;w6kK\x07"
    assert base64.b64decode(clipboard.osc52("\udcff")[7:-1]) == b"?"


def test_the_tmux_wrap_doubles_escapes() -> None:
    assert clipboard.through_tmux("\x1b]52;c;\x07") == "\x1bPtmux;\x1b\x1b]52;c;\x07\x1b\\"


def test_pieces_for_screen_are_short_and_join_to_the_sequence() -> None:
    sequence = clipboard.osc52(sample(2_000))
    pieces = clipboard.through_screen(sequence).removesuffix("\x1b\\").split("\x1b\\")
    assert all(len(piece) <= 256 and piece.startswith("\x1bP") for piece in pieces)
    assert "".join(piece.removeprefix("\x1bP") for piece in pieces) == sequence


@pytest.mark.parametrize("letter", ["x", "é"])
def test_the_longest_text_fits_and_one_byte_more_does_not(letter: str) -> None:
    longest = letter * (74_994 // len(letter.encode()))
    sequence, _ = sent(longest)
    assert len(sequence) == 100_000
    assert len(clipboard.osc52(longest + "x")) > 100_000
    written: list[str] = []
    with pytest.raises(CachetuiError, match="74,995 bytes, terminals take 74,994"):
        clipboard.send(longest + "x", written.append, {})
    assert written == []


def test_a_text_too_long_for_terminals_is_not_sent_to_tmux() -> None:
    written: list[str] = []
    with pytest.raises(CachetuiError, match="75,000 bytes, terminals take 74,994"):
        clipboard.send("x" * 75_000, written.append, {"TMUX": "x"})
    assert written == []


def test_a_terminal_without_a_multiplexer_gets_the_plain_sequence() -> None:
    assert sent("x", TERM="xterm-256color") == (clipboard.osc52("x"), clipboard.PLAIN)


@pytest.mark.parametrize(
    ("term", "wrap"), [("tmux-256color", clipboard.through_tmux), ("screen", clipboard.through_screen)]
)
def test_a_multiplexer_on_the_users_side_gets_the_wrapped_then_the_plain_sequence(
    term: str, wrap: object
) -> None:
    assert callable(wrap)
    plain = clipboard.osc52("x")
    assert sent("x", TERM=term) == (wrap(plain) + plain, clipboard.PLAIN)


def test_long_texts_are_not_split_for_screen_as_tmux_may_use_its_name() -> None:
    assert sent(sample(2_000), TERM="screen")[0] == clipboard.osc52(sample(2_000))


def test_a_missing_tmux_program_falls_back_to_sequences(tmp_path: Path) -> None:
    plain = clipboard.osc52("x")
    expected = clipboard.through_tmux(plain) + plain
    assert sent("x", TMUX="gone,1,0", PATH=str(tmp_path)) == (expected, clipboard.PLAIN)


def fake_tmux(folder: Path, script: str) -> str:
    """A PATH whose tmux is the shell script."""
    program = folder / "tmux"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_an_old_tmux_gets_the_buffer_and_the_wrapped_sequence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "TMUX_SECONDS", 60)  # a busy machine may take its time to start a program
    path = fake_tmux(tmp_path, f'test "$2" = - || exit 1\nexec cat >{tmp_path}/buffer')
    written, way = sent("text", TMUX="old,1,0", PATH=path)
    assert (tmp_path / "buffer").read_text() == "text"
    assert clipboard.through_tmux(clipboard.osc52("text")) in written
    assert way == clipboard.IN_TMUX


def test_a_hanging_tmux_falls_back_to_sequences(tmp_path: Path) -> None:
    path = fake_tmux(tmp_path, "exec sleep 600")
    assert sent("x", TMUX="stuck,1,0", PATH=path)[1] == clipboard.PLAIN


@pytest.mark.parametrize("length", LENGTHS)
def test_a_copy_arrives_at_a_plain_terminal(tmp_path: Path, length: int) -> None:
    with Terminal(copier(length), environment(tmp_path)) as shown:
        shown.wait_for("ready")
        shown.send("\r")
        shown.wait_for(clipboard.PLAIN)
        assert shown.copied == [sample(length)]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_copy_arrives_through_tmux_with_default_settings(tmp_path: Path, length: int) -> None:
    need("tmux")
    with Tmux(copier(length), environment(tmp_path)) as tmux:
        tmux.wait_for("ready")
        tmux.send_keys("Enter")
        tmux.wait_for(clipboard.IN_TMUX)
        tmux.outer.wait_for(lambda: tmux.outer.copied == [sample(length)])
        assert tmux.run("show-buffer") == sample(length)


def test_a_copy_arrives_once_through_tmux_with_set_clipboard_on(tmp_path: Path) -> None:
    need("tmux")
    with Tmux(copier(2_000), environment(tmp_path)) as tmux:
        tmux.wait_for("ready")
        tmux.run("set-option", "-s", "set-clipboard", "on")
        tmux.send_keys("Enter")
        tmux.outer.wait_for(lambda: tmux.outer.copied == [sample(2_000)])
        assert tmux.run("show-buffer") == sample(2_000)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(
    ("term", "option"),
    [
        ("screen-256color", ["-s", "set-clipboard", "on"]),
        ("tmux-256color", ["-s", "set-clipboard", "on"]),
        ("tmux-256color", ["-g", "allow-passthrough", "on"]),
    ],
)
def test_a_copy_arrives_through_tmux_on_the_users_side(
    tmp_path: Path, term: str, option: list[str], length: int
) -> None:
    need("tmux")
    remote = ["env", "-u", "TMUX", f"TERM={term}", *copier(length)]
    with Tmux(remote, environment(tmp_path)) as tmux:
        tmux.wait_for("ready")
        tmux.run("set-option", *option)
        tmux.send_keys("Enter")
        tmux.wait_for(clipboard.PLAIN)
        tmux.outer.wait_for(lambda: tmux.outer.copied[-1:] == [sample(length)])


@pytest.fixture
def screen_environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment for GNU screen with a private folder of a short name for its socket."""
    need("screen")
    folder = tempfile.mkdtemp(prefix="screen-", dir="/tmp")
    environ = environment(tmp_path, SCREENDIR=folder, SCREENRC="/dev/null", SYSSCREENRC="/dev/null")
    yield environ
    subprocess.run(["screen", "-X", "quit"], env=environ, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_copy_arrives_through_screen(screen_environment: dict[str, str], length: int) -> None:
    with Terminal(["screen", "-U", *copier(length)], screen_environment) as shown:
        shown.wait_for("ready")
        shown.send("\r")
        shown.wait_for(clipboard.IN_SCREEN)
        shown.wait_for(lambda: shown.copied == [sample(length)])
        quit_screen(shown)


def test_a_copy_arrives_through_screen_on_the_users_side(screen_environment: dict[str, str]) -> None:
    remote = ["env", "-u", "STY", *copier(32)]
    with Terminal(["screen", "-U", *remote], screen_environment) as shown:
        shown.wait_for("ready")
        shown.send("\r")
        shown.wait_for(clipboard.PLAIN)
        shown.wait_for(lambda: shown.copied == [sample(32)])
        quit_screen(shown)


def quit_screen(shown: Terminal) -> None:
    """End the program, and with its last window screen's server, which is in no session of ours."""
    shown.send("\r")
    shown.wait_for(lambda: shown.process.poll() is not None)
