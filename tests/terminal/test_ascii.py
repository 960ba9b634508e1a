"""Plain ASCII on a real pseudo-terminal: where it is asked for, or is all that the terminal shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal.harness import Terminal, environment
from tests.terminal.test_browser import BROWSER, READY

PLAIN = {
    "option": (["--ascii"], {}),
    "console": ([], {"TERM": "linux"}),
    "latin-1": ([], {"LC_ALL": "de_DE.ISO-8859-1"}),
    # Python changes LC_CTYPE to C.UTF-8 where the machine lacks the locale, unless it is told not to.
    "latin-1 by LANG": ([], {"LC_ALL": "", "LANG": "en_US", "PYTHONCOERCECLOCALE": "0"}),
}


def not_ascii(sent: bytes) -> list[bytes]:
    """The pieces around bytes that are no ASCII."""
    return [sent[max(place - 20, 0) : place + 5] for place, byte in enumerate(sent) if byte > 127]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize("name", PLAIN)
def test_only_ascii_reaches_the_terminal(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    options, environ = PLAIN[name]
    with Terminal([*BROWSER, *options], environment(tmp_path, **environ), size) as shown:
        shown.wait_for(READY)  # behind the screen that shows how the catalog is compiled
        shown.send("hdf5 mpi ")
        shown.wait_for("hdf5 +mpi")
        shown.send("é\x7f+none")
        shown.wait_for("no build")
        shown.send("\x15hdf5\r")
        shown.wait_for("2 alike")
        for keys, wanted in (
            (" ", "2 marked"),
            ("d", "[Depends on"),
            ("\x1b", "2 alike"),
            ("c", "Space shows or hides"),
            ("\x1b", "2 alike"),
            ("f", "Filters"),
            ("?", "Query language"),
            ("\x1b", "Filters"),
            ("\x10", "Esc closes"),
            ("\x1b", "Filters"),
            ("m", "Esc closes"),
        ):
            shown.send(keys)
            shown.wait_for(wanted)
            shown.until_quiet(0.2)
        assert not_ascii(bytes(shown.raw)) == []


def test_a_terminal_with_utf_8_gets_lines(tmp_path: Path) -> None:
    with Terminal(BROWSER, environment(tmp_path, LC_ALL="", LANG="en_US.utf8")) as shown:
        shown.wait_for(READY)
        shown.wait_for("╭─")
