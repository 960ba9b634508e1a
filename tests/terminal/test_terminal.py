"""An app on a real pseudo-terminal: redirected streams, sizes, signals, stops and hang-ups."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cachetui.tui import ending
from tests.terminal.harness import ROOT, Terminal, environment
from tests.tools import need

APP = [sys.executable, "-m", "tests.terminal.small_app"]
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?25h")


def shell(line: str) -> list[str]:
    """A command line for the shell, in which `$@` is the app."""
    return ["/bin/sh", "-c", line, "sh", *APP]


def test_size_and_resizing_work_if_stdout_is_redirected(tmp_path: Path) -> None:
    command = shell(f'exec "$@" >{tmp_path}/out')
    with Terminal(command, environment(tmp_path), size=(150, 45)) as shown:
        shown.wait_for("size 150x45")
        shown.resize(101, 31)
        shown.wait_for("size 101x31")
        shown.send("q")
        assert shown.exit_code() == 0
    assert (tmp_path / "out").read_text() == "the result\n"


def test_the_keyboard_works_if_stdin_is_a_pipe(tmp_path: Path) -> None:
    with Terminal(shell('echo data | "$@"'), environment(tmp_path)) as shown:
        shown.wait_for("size 120x40")
        shown.send("ab")
        shown.wait_for("keys ab")
        shown.send("q")
        assert shown.exit_code() == 0


def test_redirected_stderr_gets_the_errors_and_not_the_drawing(tmp_path: Path) -> None:
    with Terminal(shell(f'exec "$@" 2>{tmp_path}/err'), environment(tmp_path)) as shown:
        shown.wait_for("size 120x40")
        shown.send("q")
        assert shown.exit_code() == 0
        assert "the result" in shown.text
    assert (tmp_path / "err").read_text() == "bye\n"


def test_the_app_runs_if_all_three_streams_are_redirected(tmp_path: Path) -> None:
    line = f'echo data | "$@" >{tmp_path}/out 2>{tmp_path}/err'
    with Terminal(shell(line), environment(tmp_path), size=(90, 25)) as shown:
        shown.wait_for("size 90x25")
        shown.send("q")
        assert shown.exit_code() == 0
    assert (tmp_path / "out").read_text() == "the result\n"


def test_columns_and_lines_variables_are_ignored(tmp_path: Path) -> None:
    with Terminal(APP, environment(tmp_path, COLUMNS="33", LINES="7")) as shown:
        shown.wait_for("size 120x40")
        shown.resize(100, 30)
        shown.wait_for("size 100x30")


def test_an_ascii_locale_does_not_escape_characters(tmp_path: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    with Terminal(APP, environment(tmp_path, **ascii_only)) as shown:
        shown.wait_for("this line █ never changes")


ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2]
RARE = [signal.SIGPROF, signal.SIGABRT, signal.SIGSYS, signal.SIGTRAP]
LINUX = [signal.SIGIO, signal.SIGPWR, signal.SIGRTMIN, signal.SIGRTMAX] if sys.platform == "linux" else []


@pytest.mark.parametrize("number", [*ENDING, *RARE, *LINUX])
def test_a_signal_restores_the_terminal(tmp_path: Path, number: signal.Signals) -> None:
    with Terminal(APP, environment(tmp_path)) as shown:
        assert shown.echoes
        shown.wait_for("size 120x40")
        assert not shown.echoes
        shown.process.send_signal(number)
        assert shown.exit_code() == 128 + number
        assert shown.echoes
        assert [code for code in RESTORED if code not in shown.raw] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
@pytest.mark.parametrize("stuck", ["endless", "asleep"])
def test_a_signal_is_heard_whatever_the_app_does(tmp_path: Path, number: signal.Signals, stuck: str) -> None:
    with Terminal([*APP, stuck], environment(tmp_path)) as shown:
        shown.wait_for("size 120x40")
        shown.send("x")
        shown.until_quiet()
        shown.process.send_signal(number)
        assert shown.exit_code() == 128 + number
        assert shown.echoes
        assert [code for code in RESTORED if code not in shown.raw] == []


@pytest.mark.parametrize("stuck", ["endless", "asleep"])
def test_ctrl_c_is_heard_whatever_the_app_does(tmp_path: Path, stuck: str) -> None:
    with Terminal([*APP, "ours", stuck], environment(tmp_path)) as shown:
        shown.wait_for("size 120x40")
        shown.send("x")
        shown.until_quiet()
        shown.send("\x03")
        assert shown.exit_code() == 128 + signal.SIGINT
        assert shown.echoes
        assert [code for code in RESTORED if code not in shown.raw] == []


@pytest.mark.parametrize("arguments", [[], ["deaf"], ["busy"], ["deaf", "busy"]], ids="-".join)
def test_no_process_survives_its_terminal(tmp_path: Path, arguments: list[str]) -> None:
    with Terminal([*APP, *arguments], environment(tmp_path)) as shown:
        shown.wait_for("size 120x40")
        shown.hang_up()
        assert shown.exit_code() in (128 + signal.SIGHUP, -signal.SIGHUP)
        assert shown.session() == []


def test_an_idle_app_sends_no_bytes(tmp_path: Path) -> None:
    with Terminal(APP, environment(tmp_path)) as shown:
        shown.wait_for("size 120x40")
        shown.until_quiet(1.0)
        assert shown.pump(2.5 * ending.WATCH_SECONDS) == 0


def stop(shown: Terminal) -> None:
    """Press ctrl+z, wait for the shell and clear the screen."""
    shown.until_quiet()
    shown.send("\x1a")
    shown.wait_for("Stopped")
    shown.until_quiet()
    shown.screen.reset()


def test_the_whole_screen_is_painted_again_after_a_stop(tmp_path: Path) -> None:
    need("bash")
    bash = ["bash", "--noprofile", "--norc", "-i"]
    with Terminal(bash, environment(tmp_path, PS1="prompt> ", HISTFILE="")) as shown:
        shown.wait_for("prompt>")
        shown.send(" ".join(APP) + "\r")
        shown.wait_for("size 120x40")
        stop(shown)
        shown.send("fg\r")
        shown.wait_for("this line █ never changes")
        stop(shown)
        shown.resize(111, 33)
        shown.send("fg\r")
        shown.wait_for("size 111x33")


def test_only_a_job_of_a_shell_can_be_resumed(tmp_path: Path) -> None:
    need("bash")
    code = "from cachetui.tui.terminal import resumable; print('resumable is', resumable())"
    (tmp_path / "ask.py").write_text(code)
    ask = f"{sys.executable} {tmp_path}/ask.py"
    bash = ["bash", "--noprofile", "--norc", "-i"]
    with Terminal(bash, environment(tmp_path, PS1="prompt> ", HISTFILE="")) as shown:
        shown.wait_for("prompt>")
        shown.send(f"{ask}\r")
        shown.wait_for("resumable is True")
        shown.send(f"answer=$({ask}); echo $answer\r")
        shown.wait_for("resumable is False")


@pytest.mark.parametrize(
    ("term", "said"), [("dumb", "TERM=dumb"), ("unknown", "TERM=unknown"), ("", "TERM is not set")]
)
def test_terminals_without_cursor_control_are_refused(tmp_path: Path, term: str, said: str) -> None:
    with Terminal(APP, environment(tmp_path, TERM=term)) as shown:
        assert shown.exit_code() == 3
        assert said in shown.text
        assert "`cachetui list`" in shown.text
        assert b"\x1b" not in shown.raw


def refused(home: Path, command: list[str]) -> str:
    """What the app writes to stderr without a terminal."""
    done = subprocess.run(
        command,
        env=environment(home),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    assert (done.returncode, done.stdout) == (3, "")
    return done.stderr


def test_a_missing_terminal_is_an_error_of_one_line(tmp_path: Path) -> None:
    said = refused(tmp_path, APP)
    assert said.count("\n") == 1
    assert "none to draw on" in said
    assert "`cachetui list`" in said


def test_a_closed_stream_is_refused(tmp_path: Path) -> None:
    assert "standard input is closed" in refused(tmp_path, shell('exec "$@" <&-'))


def test_textual_is_not_imported_before_the_terminal_is_prepared(tmp_path: Path) -> None:
    code = "import sys, cachetui.tui.terminal; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=environment(tmp_path)).returncode == 0
