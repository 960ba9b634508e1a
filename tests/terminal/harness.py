"""A real pseudo-terminal with an emulator behind it, and a tmux that runs inside one."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte
from pyte.screens import Char

from tests.builders.homes import home_variables

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0

# What pyte prints as text or cannot parse: private CSI, requests, styles with colons, all strings.
_UNSUPPORTED = re.compile(
    rb"\x1b\[[<=>][0-?]*[ -/]*[@-~]"
    rb"|\x1b\[[0-?]*[ -/]+[@-~]"
    rb"|\x1b\[[0-9;]*:[0-9;:]*m"
    rb"|\x1b[]PX^_k][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[]PX^_k][^\x07\x1b]*\x1b?)?\Z")
_OSC52 = re.compile(rb"\x1b\]52;[^;]*;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")


def environment(home: Path, **changes: str) -> dict[str, str]:
    """An environment with a home of its own, which has nothing of the caller's but the PATH."""
    basis = {
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "SHELL": "/bin/sh",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return basis | home_variables(home) | changes


class Terminal:
    """A command in a session of its own on a pseudo-terminal; a context manager that leaves no process.

    Nothing is read in the background: `pump`, and the waits that call it, update the screen.
    """

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], size: tuple[int, int] = (120, 40)
    ) -> None:
        self.raw = bytearray()
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._unfinished = b""
        self._master, slave = os.openpty()
        name = os.ttyname(slave)
        self.resize(*size)
        # The first terminal that the leader of a session opens becomes its controlling one.
        launcher = ["/bin/sh", "-c", 'exec "$@" <>"$0" >&0 2>&0', name, *command]
        self.process = subprocess.Popen(launcher, env=dict(environ), cwd=ROOT, start_new_session=True)
        self._slave = slave

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()
        for pid in self.session():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait(PATIENCE)

    def pump(self, seconds: float = 0.0) -> int:
        """Read the first bytes that arrive within the time and draw them; their number, or 0."""
        data = self._arrived(seconds)
        self.draw(data)
        return len(data)

    def record(self, quiet: float, patience: float = PATIENCE) -> list[tuple[float, bytes]]:
        """Read until no byte arrives for a while; the pieces with the `time.perf_counter()` of each.

        They are not drawn: drawing meanwhile would block a program that waits for its output to be read.
        """
        pieces: list[tuple[float, bytes]] = []
        while data := self._arrived(quiet if pieces else patience):
            pieces.append((time.perf_counter(), data))
        return pieces

    def draw(self, data: bytes) -> None:
        """Update the emulated screen."""
        data = self._unfinished + data
        tail = _UNFINISHED.search(data)
        self._unfinished = tail.group() if tail else b""
        self._stream.feed(_UNSUPPORTED.sub(b"", data[: tail.start()] if tail else data))

    def _arrived(self, seconds: float) -> bytes:
        if self._master < 0 or not select.select([self._master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return b""
        self.raw += data
        return data

    def wait_for(self, wanted: str | Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Read until the screen shows the text or the condition holds; fail with the screen otherwise."""
        met = wanted if callable(wanted) else (lambda: wanted in self.text)
        deadline = time.monotonic() + seconds
        while not met():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds} s for {wanted!r}; the screen shows\n{self.text}")
            self.pump(0.05)

    def until_quiet(self, quiet: float = 0.5, seconds: float = PATIENCE) -> int:
        """Read until no byte arrives for a while; the number of bytes before that."""
        before, deadline = len(self.raw), time.monotonic() + seconds
        while self.pump(quiet):
            assert time.monotonic() < deadline, f"{len(self.raw) - before} bytes and no end"
        return len(self.raw) - before

    def send(self, keys: str | bytes) -> None:
        """Type the keys."""
        data = keys.encode() if isinstance(keys, str) else keys
        while data:  # no more fits into the terminal than is read
            data = data[os.write(self._master, data[:4096]) :]

    def resize(self, columns: int, lines: int) -> None:
        """Resize the terminal, which sends SIGWINCH to its programs."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        if self._master >= 0:
            os.close(self._slave)
            os.close(self._master)
            self._master = -1

    def exit_code(self, seconds: float = PATIENCE) -> int:
        """Wait for the command to end; its exit status."""
        self.wait_for(lambda: self.process.poll() is not None, seconds)
        while self.pump(0.05):
            pass
        return self.process.returncode

    def session(self) -> list[int]:
        """The living processes of the terminal's session."""
        alive = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                state, _, _, session = status.read_text().rpartition(")")[2].split()[:4]
                if int(session) == self.process.pid and state != "Z":
                    alive.append(int(status.parent.name))
        return alive

    @property
    def echoes(self) -> bool:
        """Whether the terminal echoes keys, as for a shell."""
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    @property
    def lines(self) -> list[str]:
        """The lines of the screen without the blanks at their ends."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    @property
    def picture(self) -> list[object]:
        """All cells of the screen, each with the colours that are seen: a blank shows none of its text."""
        return [
            _as_seen(self.screen.buffer[line][column])
            for line in range(self.screen.lines)
            for column in range(self.screen.columns)
        ]

    @property
    def copied(self) -> list[str]:
        """The texts that were sent to the clipboard, oldest first."""
        return [base64.b64decode(found).decode() for found in _OSC52.findall(bytes(self.raw))]


def _as_seen(cell: Char) -> Char:
    is_blank = cell.data == " " and not (cell.underscore or cell.reverse or cell.strikethrough)
    return cell._replace(fg="default", bold=False, italics=False) if is_blank else cell


class Tmux:
    """A tmux server with default settings, whose client runs in a `Terminal`."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._folder = tempfile.mkdtemp(prefix="tmux-", dir="/tmp")
        self._environ = dict(environ) | {"TMUX_TMPDIR": self._folder}
        self._tmux = ["tmux", "-L", "tests", "-f", "/dev/null"]
        self.outer = Terminal([*self._tmux, "new-session", *command], self._environ)

    def __enter__(self) -> Tmux:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self.outer:
            subprocess.run([*self._tmux, "kill-server"], env=self._environ, capture_output=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, *arguments: str) -> str:
        """Run a tmux command; its output."""
        done = subprocess.run(
            [*self._tmux, *arguments], env=self._environ, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def send_keys(self, *keys: str) -> None:
        """Type keys, in tmux's names for them."""
        self.run("send-keys", *keys)

    def capture(self) -> str:
        """The text of the pane."""
        return self.run("capture-pane", "-p")

    def wait_for(self, wanted: str | Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Read what tmux draws until the pane shows the text or the condition holds."""
        met = wanted if callable(wanted) else (lambda: wanted in self._pane())
        self.outer.wait_for(met, seconds)

    def _pane(self) -> str:
        done = subprocess.run([*self._tmux, "capture-pane", "-p"], env=self._environ, capture_output=True)
        return done.stdout.decode(errors="replace")
