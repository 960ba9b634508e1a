"""Input that must not end, freeze or confuse the browser, on a real pseudo-terminal."""

from __future__ import annotations

import fcntl
import random
import re
import struct
import termios
from pathlib import Path

import pytest

from tests.terminal.harness import Terminal
from tests.terminal.test_browser import RESTORED, start

INPUT = Path(__file__).resolve().parents[1] / "data" / "input"
STRAY = [
    b"\xe9",
    b"\x1b[200~caf\xe9\x1b[201~",
    b"\x1b[M \xa0\xa0",
    b"\x1b[121;1:3u",
    b"\x1b[97;5:3u",
    b"\x1b[48;99999;99999;0;0t",
    b"\x1b[99999999999;1u",
    b"\x1b[<0;99999999;99999999M",
    b"\x1b]52;c;QUJD\x1b\\",
    b"\x1b]11;rgb:0000/0000/0000\x07",
    b"\xff",
    b"\x1b[97;5:3u\x1b[1114112u\x1b[55296u",
    b"\x1b[48;0;0;0;0t\x1b[48;1;1;1;1t\x1b[48;65535;65535;1;1t",
    b"\x1b[<0;65535;65535M\x1b[<0;-5;-9M",
    b"\x1b]11;rgb:" + b"f" * 100_000 + b"\x07",
]


def query(shown: Terminal) -> str:
    """The text in the query bar, without what is said behind it."""
    return re.split(r"\s{2,}", shown.lines[1].strip())[0].partition(" ")[2]


def settled(shown: Terminal) -> Terminal:
    """Wait until the first screen is painted."""
    shown.wait_for("sample data")
    shown.until_quiet()
    return shown


def leave(shown: Terminal, codes: frozenset[int] = frozenset({0})) -> None:
    """Quit with the key that quits everywhere, and check that the terminal is restored."""
    shown.send("\x03")
    assert shown.exit_code() in codes
    assert [code for code in RESTORED if code not in shown.raw] == []
    assert shown.echoes


@pytest.mark.parametrize("data", STRAY, ids=repr)
def test_stray_input_is_ignored(tmp_path: Path, data: bytes) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.send(data)
        shown.send("filelock")
        shown.wait_for(lambda: query(shown).endswith("filelock"))
        shown.send(data.replace(b"caf", b""))
        shown.send(" +x")
        shown.wait_for(lambda: query(shown).endswith("filelock +x"))
        leave(shown)


def test_a_million_escapes_are_no_million_keys(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        for _ in range(250):
            shown.send(b"\x1b" * 4000)
            shown.pump()
        shown.until_quiet()
        leave(shown)


def test_ctrl_c_does_not_wait_for_thousands_of_keys(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.send(b"\x1bOP" * 3000)  # F1, which opens a dialog and closes it
        leave(shown, frozenset({0, 130}))  # if it has not come to take the key within a second


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (65535, 65535), (1, 65535)])
def test_an_absurd_size_ends_nothing(tmp_path: Path, size: tuple[int, int]) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        fcntl.ioctl(shown._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        while shown._arrived(1.0):  # not drawn: the emulator has its old size
            pass
        shown.resize(120, 40)
        shown.until_quiet()
        leave(shown)


def test_random_bytes_end_nothing(tmp_path: Path) -> None:
    chance = random.Random(15)
    with start(tmp_path) as shown:
        settled(shown)
        for _ in range(20):
            data = chance.randbytes(400).translate(None, b"\x03\x11qQ\x1a\x1c")
            shown.send(data + b"\x1b")
            shown.pump()
        shown.until_quiet(1.0)
        assert shown.process.poll() is None
        leave(shown)


def test_a_paste_without_end_mark_ends_by_itself(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.send((INPUT / "paste-without-end.bin").read_bytes().removeprefix(b"/"))
        shown.wait_for(lambda: query(shown) == "hdf5")
        shown.send(" +mpi")
        shown.wait_for(lambda: query(shown) == "hdf5 +mpi")
        leave(shown)


def test_ctrl_c_leaves_an_endless_paste(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.send("\x1b[200~hdf5")
        shown.send("\x03")
        assert shown.exit_code() == 0


@pytest.mark.parametrize("cut", range(1, 6))
def test_an_end_mark_cut_by_packets_is_no_text(tmp_path: Path, cut: int) -> None:
    mark = "\x1b[201~"
    with start(tmp_path) as shown:
        settled(shown)
        shown.send("\x1b[200~hdf5" + mark[:cut])
        shown.wait_for(lambda: query(shown) == "hdf5")  # the paste has ended by itself
        shown.send(mark[cut:] + " +mpi")
        shown.wait_for(lambda: query(shown) == "hdf5 +mpi")


def test_a_paste_of_a_megabyte_is_one_edit(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        shown.send("a\x1b[200~" + "y" * (1 << 20) + "\x1b[201~b")
        shown.wait_for(lambda: "y" * 50 in query(shown))
        shown.send("\x15hdf5")
        shown.wait_for(lambda: query(shown) == "hdf5")


def test_the_wheel_scrolls_the_pane_under_it_and_the_focus_stays(tmp_path: Path) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        before = shown.lines
        shown.send("\x1b[<65;10;30M")  # over the filters
        shown.wait_for(lambda: shown.lines[22:37] != before[22:37])
        shown.until_quiet()
        assert [line[31:] for line in shown.lines] == [line[31:] for line in before]
        assert shown.lines[:20] == before[:20]
        shown.send("\x1b[<64;10;30M")
        shown.wait_for(lambda: shown.lines == before)
        shown.send("zlib")
        shown.wait_for(lambda: query(shown) == "zlib")
