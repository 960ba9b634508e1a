"""A box in which the path of a file to check is typed; files that may be meant are offered below."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from msgspec import Struct
from textual import events

from cachetui.text import clean, one_line
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.dialogs.filtering import CURSOR
from cachetui.tui.line_edit import LineEdit
from cachetui.tui.requests import CheckFile
from cachetui.tui.state import Context
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.text_lines import TextLines

_LOCK = "spack.lock"
_SUFFIXES = (".lock", ".json", ".txt", ".list", ".gz")
_MOST = 2000
"""Entries of a folder that are looked at."""


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


class CheckFileScreen(Dialog):
    """Asks which file to check."""

    heading = "Check a file"
    hints = "type a path   Enter checks   Tab completes   Esc closes"

    def __init__(self, context: Context) -> None:
        super().__init__(TextLines(id="lines"))
        self.typed = LineEdit()
        self.offers: Sequence[_Offer] = ()
        self.problem = ""

    def lines(self) -> Sequence[Line]:
        """The files and folders that begin with what is typed."""
        self.show_heading(f"{self.heading}   {clean(self.typed.text)}{CURSOR}")
        self.offers = list(_offers(self.typed.text, os.environ))
        found = [self._line(offer) for offer in self.offers]
        if self.problem:
            return [((f" {self.problem}", "warning"),)]
        return found or [((" no such file here: a spack.lock, a spec.json or a list", "muted"),)]

    @staticmethod
    def _line(offer: _Offer) -> Line:
        note = ((f"   {offer.note}", "muted"),) if offer.note else ()
        return ((f" {clean(offer.text)}", "accent" if offer.is_folder else ""), *note)

    def _edit(self, edited: LineEdit) -> None:
        self.typed, self.problem = edited, ""
        self.text_lines.show(self.lines())

    def on_key(self, event: events.Key) -> None:
        """Typed characters are the path."""
        if event.key == "tab":
            edited: LineEdit | None = self._completed()
        elif event.key == "ctrl+u":
            edited = LineEdit()
        else:
            edited = self.typed.typed(event)
        if edited is None:
            return
        event.stop()
        event.prevent_default()
        self._edit(edited)

    def on_paste(self, event: events.Paste) -> None:
        """A pasted path, perhaps with quotes around it."""
        event.stop()
        self._edit(self.typed.insert(one_line(event.text).strip("'\"")))

    def _completed(self) -> LineEdit:
        """The path of the line under the cursor."""
        if self.text_lines.cursor >= len(self.offers):
            return self.typed
        return self.typed.with_text(self.offers[self.text_lines.cursor].text)

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Check the file that is typed, else the one under the cursor; look into a folder."""
        event.stop()
        from cachetui.errors import SourceError
        from cachetui.sources import is_wanted

        text = self.typed.text
        path = _path(text)
        if self.offers and not (text and path.is_file()):
            text = self.offers[min(self.text_lines.cursor, len(self.offers) - 1)].text
            path = _path(text)
        try:
            if path.exists() and is_wanted(path):
                self.app.post_message(CheckFile(path))
                self.dismiss()
                return
            is_folder = path.is_dir()
            self.problem = f"{clean(text)}: {'not a file to check' if path.exists() else 'no such file'}"
        except (OSError, ValueError, SourceError) as error:
            is_folder, self.problem = False, clean(str(error))
        if is_folder:
            self._edit(self.typed.with_text(text if text.endswith("/") else f"{text}/"))
        else:
            self.text_lines.show(self.lines())


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
