"""A box in which the path of a file to check is typed; files that may be meant are offered below."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec import Struct
from textual import events

from cachetui.text import clean, one_line
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.dialogs.filtering import CURSOR
from cachetui.tui.line_edit import LineEdit
from cachetui.tui.requests import CheckFile
from cachetui.tui.state import Context
from cachetui.tui.tasks import Done, Task, run_task
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.text_lines import TextLines

_LOCK = "spack.lock"
_SUFFIXES = (".lock", ".json", ".txt", ".list", ".gz")
_MOST = 2000
"""Entries of a folder that are looked at."""


LOOK, ACCEPT = "look", "accept"
"""The names of the tasks: what may be meant, and what Enter means."""


class _Offer(Struct, frozen=True):
    """A file that may be meant, or a folder to look into.

    Args:
        text: as it stands in place of what is typed.
    """

    text: str
    note: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether choosing it goes on in it."""
        return self.text.endswith("/")


class _Meant(Struct, frozen=True):
    """What Enter leads to: a file to check, a folder to look into, or a problem."""

    file: Path | None = None
    folder: str = ""
    problem: str = ""


class CheckFileScreen(Dialog):
    """Asks which file to check."""

    heading = "Check a file"
    hints = "type a path   Enter checks   Tab completes   Esc closes"

    def __init__(self, context: Context) -> None:
        super().__init__(TextLines(id="lines"))
        self.typed = LineEdit()
        self.offers: Sequence[_Offer] = ()
        self.problem = ""
        self._asked: Task[Any] | None = None
        self._then: Callable[[], None] | None = None

    async def prepare(self) -> None:
        """Look for files: nothing waits long for a folder, which may be far away."""
        self.offers = await self._look().soon() or ()

    def on_unmount(self) -> None:
        """What is found is not wanted any more."""
        self._cancel()

    def lines(self) -> Sequence[Line]:
        """The files and folders that begin with what is typed."""
        self.show_heading(f"{self.heading}   {clean(self.typed.text)}{CURSOR}")
        found = [self._line(offer) for offer in self.offers]
        if self.problem:
            return [((f" {self.problem}", "warning"),)]
        if self._is_looking and not found:
            return [((" looking ...", "muted"),)]
        return found or [((" no such file here: a spack.lock, a spec.json or a list", "muted"),)]

    @staticmethod
    def _line(offer: _Offer) -> Line:
        note = ((f"   {offer.note}", "muted"),) if offer.note else ()
        return ((f" {clean(offer.text)}", "accent" if offer.is_folder else ""), *note)

    def _edit(self, edited: LineEdit) -> None:
        self.typed, self.problem = edited, ""
        self._look()
        self.text_lines.show(self.lines())

    # in the background

    @property
    def _is_looking(self) -> bool:
        return self._asked is not None and self._asked.is_running

    def _cancel(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
        self._then = None

    def _look(self) -> Task[list[_Offer]]:
        """Look for what may be meant by what is typed; what was looked for before is not wanted any more."""
        self._cancel()
        text = self.typed.text
        self._asked = looking = run_task(self, LOOK, lambda on_progress: list(_offers(text, os.environ)))
        return looking

    def _once_looked(self, action: Callable[[], None]) -> None:
        """Do something with what is found for what is typed."""
        if self._is_looking:
            self._then = action
        else:
            action()

    def on_done(self, event: Done) -> None:
        """Show what was found, or do what was chosen."""
        event.stop()
        found = event.take()
        if isinstance(found, _Meant):
            self._meant(found)
        elif found is not None:
            self.offers, action = found, self._then
            self._then = None
            self.text_lines.show(self.lines())
            if action is not None:
                action()

    def _meant(self, meant: _Meant) -> None:
        self.problem = meant.problem
        if meant.file is not None:
            self.app.post_message(CheckFile(meant.file))
            self.dismiss()
        elif meant.folder:
            self._edit(self.typed.with_text(meant.folder))
        else:
            self.text_lines.show(self.lines())

    # keys

    def on_key(self, event: events.Key) -> None:
        """Typed characters are the path."""
        if event.key == "tab":
            event.stop()
            event.prevent_default()
            self._once_looked(self._complete)
            return
        edited = LineEdit() if event.key == "ctrl+u" else self.typed.typed(event)
        if edited is None:
            return
        event.stop()
        event.prevent_default()
        self._edit(edited)

    def on_paste(self, event: events.Paste) -> None:
        """A pasted path, perhaps with quotes around it."""
        event.stop()
        self._edit(self.typed.insert(one_line(event.text).strip("'\"")))

    def _complete(self) -> None:
        """Take the path of the line under the cursor."""
        if self.text_lines.cursor < len(self.offers):
            self._edit(self.typed.with_text(self.offers[self.text_lines.cursor].text))

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Check the file that is typed, else the one under the cursor; look into a folder."""
        event.stop()
        self._once_looked(self._accept)

    def _accept(self) -> None:
        text, cursor = self.typed.text, self.text_lines.cursor
        offered = self.offers[min(cursor, len(self.offers) - 1)].text if self.offers else ""
        self._asked = run_task(self, ACCEPT, lambda on_progress: _what_is_meant(text, offered))


def _what_is_meant(text: str, offered: str) -> _Meant:
    """What a path leads to, or the one that is offered instead."""
    from cachetui.errors import SourceError
    from cachetui.sources import is_wanted

    try:
        path = _path(text)
        if offered and not (text and path.is_file()):
            text, path = offered, _path(offered)
        if path.exists() and is_wanted(path):
            return _Meant(file=path)
        if path.is_dir():
            return _Meant(folder=text if text.endswith("/") else f"{text}/")
        return _Meant(problem=f"{clean(text)}: {'not a file to check' if path.exists() else 'no such file'}")
    except (OSError, ValueError, SourceError) as error:
        return _Meant(problem=clean(str(error)))


def _path(text: str) -> Path:
    with suppress(RuntimeError):  # the home of an unknown user
        return Path(text).expanduser()
    return Path(text)


def _offers(text: str, environ: Mapping[str, str]) -> Iterator[_Offer]:
    """What may be meant by the beginning of a path: that of the active environment first."""
    environment = environ.get("SPACK_ENV", "")
    if not text and environment and (Path(environment) / _LOCK).is_file():
        yield _Offer(str(Path(environment) / _LOCK), "the active environment")
    folder, _, start = text.rpartition("/")
    folder = f"{folder}/" if "/" in text else ""
    found: list[_Offer] = []
    try:
        with os.scandir(_path(folder or ".")) as entries:
            for entry in islice(entries, _MOST):
                if entry.name.startswith(start) and (start or not entry.name.startswith(".")):
                    found.extend(_offer(folder, entry))
    except (OSError, ValueError):
        return
    yield from sorted(found, key=lambda offer: (offer.is_folder, not offer.text.endswith(_LOCK), offer.text))


def _offer(folder: str, entry: os.DirEntry[str]) -> Iterator[_Offer]:
    if entry.is_dir():
        if (Path(entry.path) / _LOCK).is_file():
            yield _Offer(f"{folder}{entry.name}/{_LOCK}", "an environment")
        yield _Offer(f"{folder}{entry.name}/")
    elif entry.name.endswith(_SUFFIXES):
        yield _Offer(f"{folder}{entry.name}")
