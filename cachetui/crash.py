"""What happens after an error that nobody expected: a report in a file, one line on the terminal, a code.

The report names types, files, lines and versions. It holds no values of variables and no arguments of the
command line, and what its messages quote is left out, as all of these may be secrets.
"""

from __future__ import annotations

import os
import platform
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cachetui import __version__, paths
from cachetui.files import PRIVATE, replace_file
from cachetui.secret import masked
from cachetui.text import redacted_text

CRASHED = 70
"""The exit code of a crash: EX_SOFTWARE of sysexits.h."""

KEPT = 10
"""Reports that are kept."""

MOST_FRAMES = 40
MOST_ERRORS = 8
LONGEST_MESSAGE = 300

PACKAGES = ("textual", "rich", "msgspec", "pyroaring", "rapidfuzz", "archspec", "click", "httpx", "PyYAML")

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`""")
_NAMING = (AttributeError, ImportError, NameError, TypeError)
"""Errors that quote names of the program, not what it works on."""


def end_after(error: BaseException) -> int:
    """Report an unexpected error and say so in one line; return the exit code."""
    if isinstance(error, MemoryError):
        _say("out of memory")
        return CRASHED
    where = _place(error)
    try:
        written = f"the report is {write_report(error)}"
    except (OSError, MemoryError) as failure:
        written = f"no report could be written: {getattr(failure, 'strerror', None) or 'out of memory'}"
    _say(f"crashed, {type(error).__name__} at {where}; {written}")
    return CRASHED


def _say(line: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # closed, or none
        sys.stderr.write(f"cachetui: {line}\n")
        sys.stderr.flush()


def write_report(error: BaseException) -> Path:
    """Write the report of an error, readable by this user alone; return its path. Raises OSError."""
    folder = paths.crash_dir()
    file = folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{os.getpid()}.txt"
    replace_file(file, report_of(error).encode(errors="replace"), PRIVATE)
    for old in sorted(folder.glob("*.txt"))[:-KEPT]:
        with suppress(OSError):
            old.unlink()
    return file


def report_of(error: BaseException) -> str:
    """What a report says of an error."""
    lines = [f"cachetui {__version__} crashed on {time.strftime('%Y-%m-%d %H:%M:%S %z')}", ""]
    for number, each in enumerate(_chain(error)):
        lines += [*(["", "caused by, or raised while handling:"] if number else []), *_error_lines(each)]
    lines += ["", *_versions(), "", *_terminal()]
    return "\n".join(lines) + "\n"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those that led to it, the newest first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < MOST_ERRORS:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _error_lines(error: BaseException) -> list[str]:
    frames = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), limit=-MOST_FRAMES, lookup_lines=False
    )
    return [
        f"{type(error).__module__}.{type(error).__qualname__}: {message_of(error)}",
        *(f"  {_shown(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames),
    ]


def message_of(error: BaseException) -> str:
    """The message of an error without what may be secret: what it quotes, logins and queries of URLs."""
    try:
        text = error.strerror or "" if isinstance(error, OSError) and error.strerror else str(error)
    except Exception as failure:  # noqa: BLE001 - of any class, and a report is due
        return f"(no message: {type(failure).__name__})"
    if isinstance(error, KeyError):
        return "(a key)"
    text = masked(text[: 10 * LONGEST_MESSAGE])
    if not isinstance(error, _NAMING):
        text = _QUOTED.sub("'\u2026'", text)
    return redacted_text(" ".join(text.split()))[:LONGEST_MESSAGE]


def _shown(file: str) -> str:
    """A file of the program or of Python as it may be shown: not where somebody's home is."""
    for marker in ("site-packages", "cachetui", f"python{sys.version_info[0]}.{sys.version_info[1]}"):
        before, found, rest = file.rpartition(f"{os.sep}{marker}{os.sep}")
        if found or before:
            return rest if marker == "site-packages" else f"{marker}/{rest}"
    return Path(file).name


def _place(error: BaseException) -> str:
    frames = list(traceback.walk_tb(error.__traceback__))
    if not frames:
        return "an unknown place"
    own = [each for each in frames if f"{os.sep}cachetui{os.sep}" in each[0].f_code.co_filename]
    frame, line = (own or frames)[-1]
    return f"{_shown(frame.f_code.co_filename)}:{line}"


def _versions() -> list[str]:
    from importlib.metadata import PackageNotFoundError, version

    lines = [
        f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}"
    ]
    for name in PACKAGES:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is missing")
    return lines


def _terminal() -> list[str]:
    names = ("TERM", "COLORTERM", "TERM_PROGRAM", "TMUX", "STY", "LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR")
    found = [f"{name}={masked(os.environ[name])[:80]!r}" for name in names if name in os.environ]
    with suppress(OSError):
        size = os.get_terminal_size(2)
        found.append(f"{size.columns}x{size.lines}")
    return ["terminal: " + (" ".join(found) or "none")]


def report_thread(arguments: threading.ExceptHookArgs) -> None:
    """Write a report of an error that ended a thread; nothing is printed over what is shown."""
    if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
        with suppress(OSError):
            write_report(arguments.exc_value)
