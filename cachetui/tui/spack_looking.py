"""Looks for the Spack of this machine in the background: its files may be on a disk that hangs."""

from __future__ import annotations

from textual.dom import DOMNode

from cachetui.install import TargetSpack
from cachetui.tui.tasks import Task, run_task

SPACK = "spack"
"""The name of the tasks."""

LOOKING = "looking for Spack ..."
"""What is shown until it is known."""


class SpackLooking:
    """Looks in tasks named SPACK, one at a time, whose results are `TargetSpack`s.

    Args:
        owner: gets the messages of the tasks.
    """

    def __init__(self, owner: DOMNode) -> None:
        self._owner = owner
        self._task: Task[TargetSpack] | None = None

    def look(self) -> TargetSpack | None:
        """What is known by now, perhaps nothing; unless it is fresh, a task looks again."""
        from cachetui.install import is_fresh, known_spack, spack_here  # not at a start

        if not is_fresh() and (self._task is None or not self._task.is_running):
            self._task = run_task(self._owner, SPACK, lambda on_progress: spack_here())
        return known_spack()

    async def look_soon(self) -> TargetSpack | None:
        """What is known by now or within a moment."""
        known = self.look()
        return await self._task.soon() if known is None and self._task is not None else known
