"""Answers in the background what would hold up the keys: names among tens of thousands of packages."""

from __future__ import annotations

from textual.dom import DOMNode

from cachetui.refresh import OnProgress, Progress
from cachetui.search import Engine, Result, Selection
from cachetui.tui.browse.answering import answer
from cachetui.tui.tasks import Task, run_task

ANSWER = "answer"
"""The name of the tasks, which have no result: what they computed, the engine has at hand."""

MANY_PACKAGES = 30_000
"""Packages from which a name takes longer than a key may; Spack knows 8,800."""


class AnsweringAhead:
    """Answers one text at a time; the newest one replaces the one before, which ends with its next piece.

    Args:
        owner: gets the messages of the tasks.
    """

    def __init__(self, owner: DOMNode) -> None:
        self._owner = owner
        self._asked: Task[None] | None = None
        self._known: tuple[Engine, str] | None = None

    @property
    def is_running(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked is not None and self._asked.is_running

    def is_answering(self, text: str) -> bool:
        """Whether the answer to a text is still to come."""
        return self.is_running and self._known is not None and self._known[1] == text

    def is_slow(self, engine: Engine, selection: Selection) -> bool:
        """Whether a selection takes long: because of its text, unless that was answered last."""
        return (
            len(engine.catalog.packages) > MANY_PACKAGES
            and bool(selection.text.strip())
            and self._known != (engine, selection.text)
        )

    def start(self, engine: Engine, selection: Selection, last: Result | None, is_typing: bool) -> None:
        """Answer a selection in the background, and no other one any more."""
        self.stop()
        asked = [(engine, selection, last)]  # Textual's workers are reference cycles, which would keep it
        self._known = engine, selection.text
        self._asked = run_task(self._owner, ANSWER, lambda show: _prepare(*asked.pop(), is_typing, show))

    def stop(self) -> None:
        """Give up what is computed."""
        if self._asked is not None:
            self._asked.cancel()
        self._known = None


def _prepare(
    engine: Engine, selection: Selection, last: Result | None, is_typing: bool, on_progress: OnProgress
) -> None:
    """Compute all that is shown of a selection; the engine remembers it."""
    from cachetui.search import ask_before_pieces, complete, terms_of

    ask_before_pieces(lambda: on_progress(Progress(ANSWER, specs=0, done=0, total=0)))
    found = answer(engine, selection, last, is_typing)
    if not found.result.rows:
        terms_of(engine, found.result.selection)
    if is_typing:
        complete(engine, selection, len(selection.text))
