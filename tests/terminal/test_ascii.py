"""Plain ASCII on a real pseudo-terminal: where it is asked for, or is all that the terminal shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.homes import write_section
from tests.builders.mirrors import mirror, record
from tests.terminal.harness import Terminal, environment
from tests.terminal.test_browser import BROWSER, READY

PLAIN = {
    "option": (["--ascii"], {}),
    "console": ([], {"TERM": "linux"}),
    "latin-1": ([], {"LC_ALL": "de_DE.ISO-8859-1"}),
    # Python changes LC_CTYPE to C.UTF-8 where the machine lacks the locale, unless it is told not to.
    "latin-1 by LANG": ([], {"LC_ALL": "", "LANG": "en_US", "PYTHONCOERCECLOCALE": "0"}),
}

NAMED = {
    "option": PLAIN["option"],
    # Names of files that Python cannot decode have surrogates, which are no text.
    "latin-1 without UTF-8 mode": ([], {"LC_ALL": "de_DE.ISO-8859-1", "PYTHONUTF8": "0"}),
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
            ("d", "- * hdf5@"),
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


@pytest.fixture
def location(tmp_path: Path) -> str:
    """A mirror in a folder whose name is not ASCII; others are configured under such names."""
    write_section(tmp_path / ".spack" / "mirrors.yaml", "mirrors", "größe: /nichts/größe\n漢字: /漢字")
    return mirror(tmp_path / "größe 漢字", record(1, "one"), record(2, "one", version="2"), record(3, "two"))


@pytest.mark.parametrize("name", NAMED)
def test_names_beyond_ascii_are_shown_without_them(tmp_path: Path, name: str, location: str) -> None:
    options, environ = NAMED[name]
    with Terminal([*BROWSER, *options, location], environment(tmp_path, **environ)) as shown:
        shown.wait_for("3 builds")
        shown.until_quiet()
        for keys, wanted in (
            ("\x1b", "q quit"),
            ("m", "Mirrors"),
            ("\x1b", "q quit"),
            ("!", "Query and problems"),
            ("\x1b", "q quit"),
            ("\x14", "Esc"),
            ("\x1b", "q quit"),
            ("\t\tY", "copy"),
            ("\x1b", "q quit"),
            ("\r", "[Spec]"),
            ("\x1b[C" * 3, "[Where]"),
            ("\x1b", "Enter open"),
            ("/gr\xf6\xdfe \u6f22\u5b57", "?"),
            ("\x15one +mpi %gcc os=gone\r", "Enter drops it"),
            ("/\x15one %%\r", "q quit"),
            ("q", ""),
        ):
            shown.send(keys)
            shown.wait_for(wanted)
            shown.until_quiet(0.2)
        assert shown.exit_code() == 0
        assert not_ascii(bytes(shown.raw)) == []


def test_the_focus_is_seen_in_ascii(tmp_path: Path, location: str) -> None:
    with Terminal([*BROWSER, "--ascii", location], environment(tmp_path)) as shown:
        shown.wait_for("3 builds")
        shown.until_quiet()
        shown.send("\x1b")
        shown.wait_for("+= Packages ==")
        assert "++- all packages --" in shown.lines[3]
        shown.send("\t\t")
        shown.wait_for("++= all packages ==")
        assert shown.lines[3].startswith("+- Packages --")


def test_a_bar_of_progress_is_drawn_in_ascii(tmp_path: Path) -> None:
    many = mirror(tmp_path / "m", *(record(number, f"package-{number % 97}") for number in range(4000)))
    with Terminal([*BROWSER, "--ascii", many], environment(tmp_path)) as shown:
        shown.wait_for("%  ")
        shown.wait_for("4,000 builds")
        assert not_ascii(bytes(shown.raw)) == []
