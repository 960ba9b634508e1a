"""Small questions to several mirrors at the same time: a silent one takes no time from the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from cachetui.fetch import IndexState, Network, Session
from cachetui.refresh.asking import Asking

if TYPE_CHECKING:
    from cachetui.fetch import OnReceived

T = TypeVar("T")


class Question(Struct, Generic[T], frozen=True):
    """A question to a mirror.

    Args:
        name: of the mirror.
        ask: runs in a thread of its own. Raises SourceError.
    """

    name: str
    ask: Callable[[Session], T]


class Answer(Struct, Generic[T]):
    """What came of a question.

    Args:
        reason: why there is no content.
    """

    content: T | None = None
    reason: str = ""


def ask_at_once(
    questions: Sequence[Question[T]], network: Network, tick: Callable[[], None], seconds: float | None
) -> Sequence[Answer[T]]:
    """Ask all questions and return the answers in the same order.

    Args:
        tick: called regularly; may raise to stop.
        seconds: after which those without an answer are given up; None: each has the limits of the network.
    """
    answers = [Answer[T]() for _ in questions]
    asking = Asking()
    asking.begin(lambda closing: Session(network, closing))
    for place, question in enumerate(questions):
        update = _filling(answers[place], question)
        asking.add(str(place), asking.ask(question.name, question.name, update))
    try:
        asking.wait(seconds, has_something=True, report=lambda _: tick())
    finally:
        asking.close()
    for place, answer in enumerate(answers):
        ask = asking.take(str(place)) or asking.find(str(place))
        if ask is not None and answer.content is None:
            answer.reason = ask.error.reason if ask.error is not None else ask.why_missing
    return answers


def _filling(answer: Answer[T], question: Question[T]) -> Callable[[Session, OnReceived], IndexState]:
    def fill(session: Session, received: OnReceived) -> IndexState:
        answer.content = question.ask(session)
        return IndexState()  # no index belongs to it

    return fill
