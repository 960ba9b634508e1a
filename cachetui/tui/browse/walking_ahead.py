"""Walks in the background through all that a build needs, where that would hold up the keys."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.catalog import Catalog
from cachetui.graph import runtime_closure
from cachetui.refresh import OnProgress, Progress
from cachetui.tui.judgement import Judgement
from cachetui.tui.state import View
from cachetui.tui.tasks import Task, run_task
from cachetui.tui.widgets.spec_detail import PACE, WALK, SpecDetail, Walked

MOST_AT_ONCE = 1_000
"""Nodes that are looked at before a build is painted: more would take longer than a key may."""


class WalkingAhead:
    """Shows builds in a detail panel: at once or, where a walk is long, what it finds a while later.

    Args:
        detail: gets the results of the tasks.
    """

    def __init__(self, detail: SpecDetail) -> None:
        self._detail = detail
        self._task: Task[Walked] | None = None
        self._shown: tuple[Judgement, bool, Sequence[int]] | None = None
        self.is_long = False
        """Whether what is shown takes a long walk."""

    def show(self, view: View, rows: Sequence[int]) -> None:
        """Show builds, and give up the walk from others."""
        catalog, judgement = view.catalog, view.judgement
        shown = judgement, judgement.is_computed, rows
        if self.is_long and shown == self._shown:
            return
        if self._task is not None:
            self._task.cancel()
        closure = runtime_closure(catalog, rows[0], most=MOST_AT_ONCE) if rows else None
        self.is_long = closure is not None and not closure.is_whole
        if not self.is_long:
            self._detail.show(catalog, rows, judgement.said_of(rows, closure), closure)
            return
        self._shown = shown
        self._detail.show(catalog, rows)
        asked = [(catalog, judgement, rows)]  # Textual's workers are reference cycles, which would keep it
        self._task = run_task(self._detail, WALK, lambda show: _walk(*asked.pop(), show), pace=PACE)


def _walk(catalog: Catalog, judgement: Judgement, rows: Sequence[int], on_progress: OnProgress) -> Walked:
    from cachetui.render import closure_facts

    def found(nodes: int) -> None:
        on_progress(Progress(WALK, specs=0, done=nodes, total=0))

    if len(rows) > 1:
        return Walked((), judgement.said_of(rows))
    closure = runtime_closure(catalog, rows[0], on_found=found)
    facts = tuple(closure_facts(catalog, rows[0], closure))
    return Walked(facts, judgement.said_of(rows, closure, found))
