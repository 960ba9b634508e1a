"""Small questions to several mirrors: all are asked at the same time, and a silent one holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from cachetui.errors import Cancelled, SourceError
from cachetui.fetch import Network, Session
from cachetui.refresh.at_once import Question, ask_at_once


@pytest.fixture
def silence() -> Iterator[Callable[[Session], int]]:
    """Asks a mirror that never answers."""
    over = threading.Event()

    def ask(session: Session) -> int:
        assert over.wait(30)
        raise Cancelled("stopped")

    yield ask
    over.set()


def nothing() -> None:
    """Nobody wants to stop."""


def test_all_are_asked_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=30)
    questions = [Question(str(number), lambda session: meeting.wait() >= 0) for number in range(3)]
    answers = ask_at_once(questions, Network(), nothing, None)
    assert [answer.content for answer in answers] == [True] * 3


def test_a_silent_mirror_is_given_up(silence: Callable[[Session], int]) -> None:
    (answer,) = ask_at_once([Question("m", silence)], Network(), nothing, 0.01)
    assert answer.content is None
    assert answer.reason.startswith("no answer within")


def test_a_failure_concerns_one_alone() -> None:
    def fail(session: Session) -> int:
        raise SourceError("http://m", "gone")

    failed, answered = ask_at_once(
        [Question("a", fail), Question("b", lambda session: 0)], Network(), nothing, None
    )
    assert (failed.content, failed.reason) == (None, "gone")
    assert (answered.content, answered.reason) == (0, "")


def test_a_caller_who_stops_waits_for_nobody(silence: Callable[[Session], int]) -> None:
    def stop() -> None:
        raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        ask_at_once([Question("m", silence)], Network(), stop, None)


def test_no_question_is_no_wait() -> None:
    assert ask_at_once([], Network(), nothing, None) == []
