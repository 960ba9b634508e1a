"""What a view needs later is loaded and computed in the background while nobody waits for it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.dom import DOMNode

from cachetui.catalog import Catalog
from cachetui.refresh import OnProgress, Progress
from cachetui.tui.state import View
from cachetui.tui.tasks import Task, run_task

PREPARE = "prepare"
"""The name of the task."""


class Preparing:
    """Prepares one view at a time, and closes a catalog only once nothing reads it.

    Args:
        owner: gets the messages of the task.
    """

    def __init__(self, owner: DOMNode) -> None:
        self._owner = owner
        self._tasks: list[tuple[Catalog, Task[View | None]]] = []
        self._left: list[Catalog] = []
        self._has_left = False

    def start(self, view: View, builds: Sequence[int] = ()) -> None:
        """Compute the facets that depend on this machine, then load what the first letter needs.

        In between it is told as progress: what is on the screen shall change as soon as it can. The result
        is the view, if what it shows from an earlier start does not hold any more, else None.

        Args:
            builds: those that the detail panel shows in an ordinary start.
        """

        views = [view]
        has_left, self._has_left = self._has_left, False

        def prepare(on_progress: OnProgress) -> View | None:
            found = views.pop()  # Textual's workers are reference cycles, which would keep it
            engine, judgement = found.engine, found.judgement
            try:
                if not judgement.compute(engine.attributes):
                    return found
                judgement.said_of(builds)
                on_progress(Progress(PREPARE, specs=0, done=1, total=1))
            finally:
                from cachetui.search import complete, matched  # noqa: F401 - loads them

                engine.warm()
                if has_left:
                    from cachetui.refresh import return_freed

                    return_freed()  # what the view before has held
            judgement.keep(engine.attributes, builds)
            return None

        self._tasks.append((view.catalog, run_task(self._owner, PREPARE, prepare)))

    def leave(self, catalog: Catalog) -> None:
        """Close a catalog that is not shown any more."""
        self._left.append(catalog)
        self._has_left = True
        self.close_unread()

    def close_unread(self) -> None:
        """Close the catalogs that were left and are not read any more; call it when a task has ended."""
        self._tasks = [each for each in self._tasks if each[1].is_running]
        read = {catalog for catalog, _ in self._tasks}
        unread = [catalog for catalog in self._left if catalog not in read]
        self._left = [catalog for catalog in self._left if catalog in read]
        for catalog in unread:
            catalog.close()
