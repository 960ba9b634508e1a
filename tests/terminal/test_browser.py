"""The browser on a real pseudo-terminal: what it paints and sends, and that it restores the terminal."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.terminal.harness import Terminal, Tmux, environment
from tests.tools import need

BASH = ["bash", "--noprofile", "--norc", "-i"]
BROWSER = [sys.executable, "-m", "cachetui"]
READY = "793 builds"
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?25h")
TRUE_OR_256_COLOURS = re.compile(rb"[;\[][34]8[;:][25][;:]")
ALTERNATE_SCREEN = b"\x1b[?1049h"


def start(
    home: Path, size: tuple[int, int] = (120, 40), environ: Mapping[str, str] | None = None
) -> Terminal:
    """The browser in a terminal."""
    return Terminal(BROWSER, environment(home, **(environ or {})), size)


def shell(line: str) -> list[str]:
    """A command line for the shell, in which `$@` is the browser."""
    return ["/bin/sh", "-c", line, "sh", *BROWSER]


def settled(shown: Terminal) -> Terminal:
    """Wait until the first screen is painted, and go from the query to the panes."""
    shown.wait_for(READY)
    shown.until_quiet()
    shown.send("\x1b")
    shown.wait_for("q quit")
    shown.wait_for("runs here")  # it is computed in the background
    shown.until_quiet()
    return shown


def leave(shown: Terminal) -> None:
    """Quit with a key and check that the terminal is restored."""
    shown.send("q")
    assert shown.exit_code() == 0
    assert [code for code in RESTORED if code not in shown.raw] == []
    assert shown.echoes


def test_a_wide_terminal_shows_all_panes(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        assert "793 builds of 155 packages" in shown.lines[0]
        assert "sample data" in shown.lines[0] and shown.lines[0].endswith("F1 help")
        assert "type a package, plain words or a spec" in shown.lines[1]
        assert shown.lines[3].split()[:2] == ["┏━", "Packages"]
        assert "all packages" in shown.lines[3] and "793 builds in 525 rows" in shown.lines[3]
        assert any("Filters" in line for line in shown.lines)
        assert "q quit" in shown.lines[39]
        leave(shown)


def test_what_is_typed_first_is_a_query(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        shown.wait_for(READY)
        shown.send("hdf5 +mpi")
        shown.wait_for("read as: package = hdf5 and +mpi")
        shown.send("\r")
        shown.wait_for("q quit")
        leave(shown)


def test_a_narrow_terminal_shows_the_table_over_its_whole_width(tmp_path: Path) -> None:
    with start(tmp_path, (80, 24)) as shown:
        settled(shown)
        shown.send("/filelock\r")
        shown.wait_for("125 builds in")
        shown.until_quiet()
        assert "Filters" not in shown.text and "Packages" not in shown.text
        assert shown.lines[3].startswith("━━ py-filelock ━")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_no_row_wraps_into_the_next_line(tmp_path: Path, size: tuple[int, int]) -> None:
    with start(tmp_path, size) as shown:
        settled(shown)
        # A row that is too long would wrap, and the first and the last line would not be where they are.
        shown.send("G")
        shown.until_quiet()
        assert shown.lines[0].endswith("F1 help")
        assert "/ query" in shown.lines[-1]


def test_keys_typed_in_one_burst_all_arrive_in_order(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.send("/filelock q?")
        shown.wait_for("/ filelock q?")
        assert shown.process.poll() is None


def test_a_closed_dialog_restores_the_screen(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        before = settled(shown).text
        shown.send("?")
        shown.wait_for("Query language")
        shown.until_quiet()
        shown.send("\x1b")
        shown.wait_for(lambda: "Query language" not in shown.text)
        shown.until_quiet()
        assert shown.text == before


def test_an_idle_browser_sends_no_bytes(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.until_quiet(1.0)
        assert shown.pump(3.0) == 0


def test_columns_and_lines_variables_are_ignored(tmp_path: Path) -> None:
    with start(tmp_path, environ={"COLUMNS": "70", "LINES": "20"}) as shown:
        settled(shown)
        assert "Packages" in shown.lines[3]
        assert "quit" in shown.lines[39]


def test_a_resized_terminal_gets_a_new_layout(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.resize(80, 24)
        shown.wait_for(lambda: "/ query" in shown.lines[23] and "Filters" not in shown.text)
        shown.resize(130, 42)
        shown.wait_for(lambda: "/ query" in shown.lines[41] and "Filters" in shown.text)


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "xterm"}, {"TERM": "linux"}], ids=str)
def test_terminals_with_few_colours_get_the_users_palette(tmp_path: Path, environ: dict[str, str]) -> None:
    with start(tmp_path, environ=environ) as shown:
        settled(shown)
        shown.send("/filelock ^\r\x1b?")
        shown.wait_for("Query language")
        shown.until_quiet()
        assert TRUE_OR_256_COLOURS.findall(bytes(shown.raw)) == []


def test_without_colours_the_cursor_is_reversed_and_nothing_is_coloured(tmp_path: Path) -> None:
    with start(tmp_path, environ={"NO_COLOR": "1"}) as shown:
        settled(shown)
        colours = {(cell.fg, cell.bg) for line in shown.screen.buffer.values() for cell in line.values()}
        assert colours == {("default", "default")}
        assert shown.screen.buffer[4][1].reverse
        assert not shown.screen.buffer[5][1].reverse


def test_256_colours_are_used_if_the_terminal_has_them(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        assert b"38;5;" in shown.raw
        assert b"38;2;" not in shown.raw


def test_the_browser_draws_on_the_terminal_if_stderr_is_redirected(tmp_path: Path) -> None:
    with Terminal(shell(f'exec "$@" sample 2>{tmp_path}/err'), environment(tmp_path)) as shown:
        settled(shown)
        leave(shown)
    assert (tmp_path / "err").read_text() == ""


def test_the_browser_draws_on_the_terminal_if_stdout_is_redirected(tmp_path: Path) -> None:
    with Terminal(shell(f'exec "$@" sample >{tmp_path}/out'), environment(tmp_path)) as shown:
        settled(shown)
        leave(shown)
    assert (tmp_path / "out").read_text() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_restores_the_terminal(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.process.send_signal(number)
        assert shown.exit_code() == 128 + number
        assert [code for code in RESTORED if code not in shown.raw] == []
        assert shown.echoes


@contextmanager
def run_by_bash(home: Path) -> Iterator[Terminal]:
    """The browser as a job of an interactive bash, with a compiled catalog.

    While a catalog is compiled, another screen is painted first.
    """
    need("bash")
    with start(home) as shown:
        settled(shown)
        leave(shown)
    with Terminal(BASH, environment(home, PS1="prompt> ", HISTFILE="")) as shown:
        shown.wait_for("prompt>")
        shown.send(" ".join(BROWSER) + "\r")
        yield settled(shown)


def resume(shown: Terminal, size: tuple[int, int] = (120, 40)) -> None:
    """Wait until bash reports the stop, clear the screen, resize it and continue the browser."""
    shown.wait_for("Stopped")
    shown.until_quiet()
    shown.resize(*size)
    shown.screen.reset()
    shown.send("fg\r")


def test_the_whole_screen_is_painted_again_after_each_stop(tmp_path: Path) -> None:
    with run_by_bash(tmp_path) as shown:
        before = shown.picture
        for _ in range(2):
            shown.send("\x1a")
            resume(shown)
            shown.wait_for(lambda: shown.picture == before)


def test_a_resize_while_stopped_gets_a_new_layout(tmp_path: Path) -> None:
    with run_by_bash(tmp_path) as shown:
        for columns, lines in ((100, 30), (110, 35)):
            shown.send("\x1a")
            resume(shown, size=(columns, lines))
            shown.wait_for(lambda: shown.lines[0].endswith("F1 help") and "quit" in shown.lines[-1])
            shown.until_quiet()
            assert columns - 10 < max(map(len, shown.lines)) <= columns


def test_a_dialog_and_the_screen_below_it_are_painted_again_after_a_stop(tmp_path: Path) -> None:
    with run_by_bash(tmp_path) as shown:
        shown.send("?")
        shown.wait_for("Esc closes")
        shown.until_quiet()
        before = shown.picture
        (browser,) = set(shown.session()) - {shown.process.pid}
        os.kill(browser, signal.SIGTSTP)
        resume(shown)
        shown.wait_for(lambda: shown.picture == before)


@pytest.mark.parametrize("term", ["tmux-256color", "xterm-256color"])
def test_the_whole_screen_is_painted_again_after_a_stop_in_tmux(tmp_path: Path, term: str) -> None:
    need("tmux")
    need("bash")
    with start(tmp_path) as shown:
        settled(shown)
        leave(shown)
    with Tmux(BASH, environment(tmp_path, PS1="prompt> ", HISTFILE="")) as tmux:
        tmux.wait_for("prompt>")
        tmux.send_keys(f"TERM={term} {' '.join(BROWSER)}", "Enter")
        tmux.wait_for(READY)
        tmux.outer.until_quiet()
        tmux.send_keys("Escape")
        tmux.wait_for("q quit")
        tmux.wait_for("runs here")
        tmux.outer.until_quiet()
        before = tmux.capture()
        for _ in range(2):
            tmux.send_keys("C-z")
            tmux.wait_for("Stopped")
            tmux.send_keys("fg", "Enter")
            tmux.wait_for(lambda: tmux.capture() == before)


def test_without_a_shell_ctrl_z_does_not_stop_the_browser(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.send("\x1a/x")
        shown.wait_for(" / x")


def test_a_missing_path_is_an_error_of_one_line(tmp_path: Path) -> None:
    command = shell(f'"$@" {tmp_path}/gone 2>{tmp_path}/err; exec sh -c "exit $?"')
    with Terminal(command, environment(tmp_path)) as shown:
        assert shown.exit_code() == 3
        assert shown.echoes
        if ALTERNATE_SCREEN in shown.raw:
            assert [code for code in RESTORED if code not in shown.raw] == []
    said = (tmp_path / "err").read_text()
    assert (said.count("\n"), "gone: no such file or folder" in said) == (1, True)


def test_an_unwritable_cache_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with start(tmp_path) as shown:
        settled(shown)
        assert "▲ 1 note ! details" in shown.text
        shown.send("!")
        shown.wait_for("catalogs:")
        shown.until_quiet()
        box = (re.search(r"│ {2,4}(\S.*?) *│", line) for line in shown.lines)
        told = " ".join(" ".join(found.group(1) for found in box if found).split())  # wherever it wraps
        assert "cannot be written" in told and "working from a temporary catalog" in told


@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
    ],
    ids=["C", "POSIX", "ascii"],
)
def test_an_ascii_locale_still_gets_line_drawing_characters(tmp_path: Path, environ: dict[str, str]) -> None:
    with start(tmp_path, environ=environ) as shown:
        settled(shown)
        shown.send("/filelokc")
        shown.wait_for("similar names")
        assert "\\u" not in shown.text


def test_a_step_and_a_page_send_few_bytes(
    tmp_path: Path, record_property: Callable[[str, int], None]
) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.send("\t\t")
        shown.until_quiet()
        sent = {}
        for name, key in (("arrow", "\x1b[B"), ("page", "\x1b[6~")):
            shown.send(key)
            sent[name] = shown.until_quiet()
        for name, size in sent.items():
            record_property(f"bytes of one {name}", size)
        assert 0 < sent["arrow"] < 3_000
        assert 0 < sent["page"] < 12_000


def test_the_catalog_is_compiled_once(tmp_path: Path) -> None:
    for _ in range(2):
        with start(tmp_path) as shown:
            settled(shown)
            leave(shown)
        (file,) = (tmp_path / "cache" / "cachetui" / "catalogs").iterdir()
        changed = file.stat().st_mtime_ns
        os.utime(file, ns=(changed, changed))
    assert sorted(os.listdir(tmp_path / "cache" / "cachetui" / "catalogs")) == [file.name]
