"""What the environment says about the terminal: its colours and its background."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from cachetui.tui import abilities


@pytest.mark.parametrize(
    "term",
    [
        "alacritty",
        "alacritty-direct",
        "contour",
        "foot",
        "foot-extra",
        "iterm2",
        "rio",
        "tmux-direct",
        "wezterm",
        "xterm-direct",
        "xterm-ghostty",
        "xterm-kitty",
        "screen.xterm-kitty",
    ],
)
def test_terminals_with_all_colours(term: str) -> None:
    assert abilities.color_system({"TERM": term}) == "truecolor"


@pytest.mark.parametrize(
    "term",
    [
        "gnome",
        "konsole",
        "st",
        "st-256color",
        "vte",
        "vte-256color",
        "xterm-256color",
        "screen.xterm-256color",
    ],
)
def test_terminals_with_256_colours(term: str) -> None:
    assert abilities.color_system({"TERM": term}) == "256"


@pytest.mark.parametrize(
    "term",
    ["xterm", "screen", "tmux", "linux", "vt100", "xterm-16color", "", "a/b", "nope"],
)
def test_terminals_with_16_colours(term: str) -> None:
    assert abilities.color_system({"TERM": term}) == "standard"


@pytest.mark.parametrize(
    ("environ", "system"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "yes"}, "256"),
        ({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "256"}, "256"),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, "standard"),
        ({"TERM": "xterm-kitty", "TEXTUAL_COLOR_SYSTEM": "auto"}, "truecolor"),
    ],
)
def test_the_environment_has_the_last_word(environ: dict[str, str], system: str) -> None:
    assert abilities.color_system(environ) == system


@pytest.mark.parametrize(
    ("environ", "few"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, True),
        ({"TERM": "xterm"}, True),
        ({"TERM": "foot"}, False),
    ],
)
def test_few_colours(environ: dict[str, str], few: bool) -> None:
    assert abilities.has_few_colours(environ) is few


def description(colours: int, wide: bool) -> bytes:
    """A compiled terminfo description, see term(5)."""
    names = b"own|a terminal of our own\0"
    flags = b"\1" * (3 + len(names) % 2)  # so that a byte is needed before the numbers
    numbers = [-1] * 13 + [colours]
    header = struct.pack("<6h", 0o1036 if wide else 0o432, len(names), len(flags), len(numbers), 0, 0)
    body = names + flags
    return header + body + b"\0" * (len(body) % 2) + struct.pack(f"<14{'i' if wide else 'h'}", *numbers)


@pytest.mark.parametrize(
    ("colours", "wide", "system"),
    [
        (8, False, "standard"),
        (88, False, "standard"),
        (256, False, "256"),
        (256, True, "256"),
        (1 << 24, True, "truecolor"),
        (-1, True, "standard"),
    ],
)
@pytest.mark.parametrize("folder", ["o", "6f"])
@pytest.mark.parametrize("variable", ["TERMINFO", "TERMINFO_DIRS"])
def test_terminfo_is_asked_where_the_name_says_nothing(
    tmp_path: Path, variable: str, folder: str, colours: int, wide: bool, system: str
) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "own").write_bytes(description(colours, wide))
    assert abilities.color_system({"TERM": "own", variable: str(tmp_path)}) == system


@pytest.mark.parametrize("cut", range(0, 80, 7))
def test_a_damaged_description_means_few_colours(tmp_path: Path, cut: int) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "own").write_bytes(description(256, wide=True)[:cut])
    assert abilities.color_system({"TERM": "own", "TERMINFO": str(tmp_path)}) in ("standard", "256")


@pytest.mark.parametrize(
    ("value", "is_light"),
    [
        ("15;0", False),
        ("0;15", True),
        ("0;default;15", True),
        ("15;default;0", False),
        ("0;7", True),
        ("7;8", False),
        ("15;default", None),
        ("", None),
        ("12;;", None),
    ],
)
def test_colorfgbg_says_what_the_background_is(value: str, is_light: bool | None) -> None:
    assert abilities.background_of({"COLORFGBG": value}) is is_light


def test_without_colorfgbg_the_background_is_not_known() -> None:
    assert abilities.background_of({}) is None


@pytest.mark.parametrize(
    ("environ", "answers"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x"}, True),
        ({"TERM": "screen-256color", "TMUX": "/tmp/x"}, True),
        ({"TERM": "screen-256color"}, False),
        ({"TERM": "xterm-256color", "STY": "1.x"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "vt100"}, False),
    ],
)
def test_only_terminals_that_know_the_question_are_asked(environ: dict[str, str], answers: bool) -> None:
    assert abilities.answers_questions(environ) is answers


@pytest.mark.parametrize(
    ("colour", "is_light"),
    [
        ((1, 1, 1), True),
        ((0, 0, 0), False),
        ((0.5, 0.5, 0.5), True),
        ((0.3, 0.3, 0.3), False),
        ((0, 0, 1), False),
    ],
)
def test_light_is_where_black_is_easier_to_read(colour: tuple[float, float, float], is_light: bool) -> None:
    assert abilities.is_light(*colour) is is_light
