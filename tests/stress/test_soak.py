"""Random keys in a real terminal, some of them."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

from tests.builders.homes import write_text
from tests.stress.outcome import Outcome
from tests.stress.soak import finish, judge, steps, typed
from tests.terminal.harness import Terminal, environment
from tests.terminal.test_browser import BROWSER, READY

KEYS = 120


def test_random_keys_leave_a_screen_that_answers(tmp_path: Path) -> None:
    write_text(tmp_path / "config/cachetui/config.yaml", "offline: true\n")
    outcome = Outcome("")
    with Terminal([*BROWSER, "sample"], environment(tmp_path)) as terminal:
        terminal.wait_for(READY)
        typed(terminal, KEYS, random.Random(1), outcome)
        finish(terminal, outcome)
    assert outcome.times >= KEYS
    assert outcome.failures == []


def test_no_key_leaves_the_browser() -> None:
    some = [key for step in islice(steps(random.Random(1)), 2000) for key in step]
    assert not {"q", "\x03", "\x11", "\x1a"} & set(some)


def test_memory_that_grows_is_told() -> None:
    judge([50.0 + number / 10 for number in range(100)], all_the_time := Outcome(""))
    assert all_the_time.lost == 2
    judge([50.0] * 60 + [53.0] * 40, late := Outcome(""))
    assert late.lost == 1
    judge([50.0] * 20 + [60.0] * 80, flat := Outcome(""))
    assert flat.is_clean
