"""Checks of what the program runs in: terminal, host, versions."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from cachetui import __version__, code_cache
from cachetui.code_writing import obstacle
from cachetui.doctor.finding import Finding, Subject, ok, warning, wrong
from cachetui.host import detect_host
from cachetui.text import clean, counted
from cachetui.tui import described_terminal

_CODE_REMEDY = "nothing if the next start uses it; else cachetui code-cache --remove, or mend its folder"

SMALLEST = (60, 12)
"""Columns and rows below which the browser shows next to nothing."""


def check_code_cache(subject: Subject) -> Iterator[Finding]:
    """Say whether this start read the program's own code from one file, else why not."""
    state = code_cache.state
    if state.file is not None and state.file.damaged:
        names = ", ".join(sorted(state.file.damaged)[:3])
        is_site = state.file.path == code_cache.site_file()
        remedy = "cachetui code-cache --write --site" if is_site else "nothing; it is written again"
        yield warning(f"{clean(state.file.path)}: damaged ({names})", remedy)
    elif state.file is not None:
        yield ok(f"{counted(len(state.file.modules), 'module')} from {clean(state.file.path)}")
    elif not state.is_possible:
        yield ok(f"not used: {clean(state.reason)}")
    elif state.reason:
        yield warning(f"not used: {clean(state.reason)}", _CODE_REMEDY)
    elif reason := obstacle():
        yield warning(f"there is no file, and none can be written: {clean(reason)}")
    else:
        yield ok("there is no file yet; it is written after a start")


def check_terminal(subject: Subject) -> Iterator[Finding]:
    """Say what the browser would make of the terminal."""
    found = described_terminal(subject.environ)
    if found.obstacle:
        yield warning(clean(found.obstacle))
    yield ok(f"TERM={clean(found.term) or '(not set)'}, colours: {clean(found.colours)}")
    yield ok(f"the background {found.background}")
    yield ok(f"copied text goes {found.clipboard}")
    if subject.environ.get("TMUX"):
        yield ok("in tmux, copying needs `set -g set-clipboard on` (tmux shows its own with `tmux show -g`)")
    if found.is_ascii:
        yield warning("lines are drawn in ASCII, as the locale is not UTF-8", "export LANG=C.UTF-8")
    else:
        yield ok("UTF-8")
    if found.size is not None:
        columns, rows = found.size
        text = f"{columns} columns and {rows} rows"
        if columns < SMALLEST[0] or rows < SMALLEST[1]:
            yield warning(text, f"make the window at least {SMALLEST[0]} by {SMALLEST[1]}")
        else:
            yield ok(text)


def check_host(subject: Subject) -> Iterator[Finding]:
    """Say which builds run here."""
    host = detect_host()
    yield ok(f"{clean(host.arch)}, {clean(host.libc_text) or 'no libc that Spack knows'}")


def check_versions(subject: Subject) -> Iterator[Finding]:
    """List the versions of the program, Python and what it depends on."""
    yield ok(f"cachetui {__version__}, Python {platform.python_version()} in {clean(sys.prefix)}")
    try:
        needed = requires("cachetui") or []
    except PackageNotFoundError:
        yield warning("cachetui is not installed as a package, so its dependencies are unknown")
        return
    versions = []
    for line in needed:
        if "extra ==" in line:
            continue
        name = re.match(r"[\w.\-]+", line.strip())
        if name is None:
            continue
        try:
            versions.append(f"{name[0]} {version(name[0])}")
        except PackageNotFoundError:
            yield wrong(f"{name[0]} is not installed", f"pip install '{line}'")
    yield ok(", ".join(versions))
