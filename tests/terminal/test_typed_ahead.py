"""What is typed quickly, or before there is a screen for it, on a real pseudo-terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal.harness import Terminal
from tests.terminal.test_browser import start
from tests.terminal.test_input import INPUT, leave, query, settled

TYPED = (INPUT / "typed-before-the-screen.bin").read_bytes().removeprefix(b"/")


def type_at_once(home: Path, keys: str | bytes) -> Terminal:
    """Start the browser, and type before it has painted anything."""
    shown = start(home)
    shown.send(keys)
    return shown


def test_what_is_typed_while_a_first_catalog_is_compiled_is_not_lost(tmp_path: Path) -> None:
    with type_at_once(tmp_path, TYPED) as shown:
        shown.wait_for(lambda: query(shown).startswith("hdf5 +mpi"))


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2, 0.3, 0.4])
def test_what_is_typed_before_the_first_screen_is_not_lost(tmp_path: Path, delay: float) -> None:
    with start(tmp_path) as shown:
        settled(shown)
        leave(shown)
    with start(tmp_path) as shown:
        shown.record(delay or 0.001, delay or 0.001)
        shown.send(TYPED)
        shown.wait_for(lambda: query(shown).startswith("hdf5 +mpi"))
        leave(shown)


def test_enter_that_is_typed_before_the_terminal_is_taken_is_enter(tmp_path: Path) -> None:
    with type_at_once(tmp_path, b"hdf5\rY") as shown:
        shown.wait_for("spack.yaml")


@pytest.mark.parametrize("packets", [1, 0], ids=["together", "apart"])
def test_a_key_behind_enter_is_a_command(tmp_path: Path, packets: int) -> None:
    keys = (INPUT / "typed-ahead.bin").read_bytes().removeprefix(b"/")
    with start(tmp_path) as shown:
        settled(shown)
        for packet in [keys] if packets else [bytes([key]) for key in keys]:
            shown.send(packet)
            shown.pump(0.001)
        shown.wait_for("look alike")
        assert query(shown) == "hdf5"
