"""Copies texts one after the other, so that the text that was copied last is the one that stays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from cachetui.errors import Cancelled
from cachetui.refresh import OnProgress
from cachetui.tui import clipboard
from cachetui.tui.tasks import run_task
from cachetui.tui.textual_seams import write_to_terminal

if TYPE_CHECKING:
    from textual.app import App

    from cachetui.install import CachedBuild, CopyForm, TargetSpack

COPY = "copy"
"""The name of the tasks."""


class Sent(Struct, frozen=True):
    """A text that was sent towards the clipboard.

    Args:
        label: what it is; empty: the text says it.
        way: the way that it went.
        note: what to say besides.
    """

    text: str
    label: str
    way: str
    note: str = ""


def text_of(form: CopyForm, builds: Sequence[CachedBuild], spack: TargetSpack | None) -> str:
    """Write builds in a form; run in a thread, as it may have to look for Spack."""
    from cachetui.install import spack_here

    return form.render(builds, spack or spack_here()) if form.installs else form.render(builds)


class Copying:
    """Sends texts in tasks named COPY, whose results are `Sent`.

    Args:
        app: gets the messages of the tasks, and has the terminal.
        environ: says which multiplexer, if any, is in between.
    """

    def __init__(self, app: App[str], environ: Mapping[str, str]) -> None:
        self._app = app
        self._environ = environ
        self._copies = 0
        self._sending = threading.Lock()

    def copy(self, text: str | Callable[[], str], label: str = "", note: str = "") -> None:
        """Send a text, unless another one is copied before it is sent.

        Args:
            text: it, or what writes it in the task.
        """
        self._copies += 1
        run_task(self._app, COPY, partial(self._send, self._copies, text, label, note))

    def _send(
        self, number: int, text: str | Callable[[], str], label: str, note: str, on_progress: OnProgress
    ) -> Sent:
        """Send a text; run in a thread, as a multiplexer may take its time."""
        if callable(text):  # before the lock: it may never end, and other texts shall go on
            text = text()
        with self._sending:
            if number != self._copies:
                raise Cancelled("another text was copied meanwhile")
            write = partial(self._app.call_from_thread, self.write)
            return Sent(text, label, clipboard.send(text, write, self._environ), note)

    def write(self, sequence: str) -> None:
        """Write a sequence to the terminal as it is."""
        write_to_terminal(self._app, sequence)
