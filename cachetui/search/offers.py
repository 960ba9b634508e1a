"""Completions of a query and words near those that are not understood, as values."""

from __future__ import annotations

from msgspec import Struct


class Completion(Struct, frozen=True):
    """A text to complete a query with, and the number of builds that would match."""

    text: str
    count: int


class Completions(Struct, frozen=True):
    """The completions at the cursor.

    Args:
        part: the text before the cursor to complete.
        items: most builds first; the text of each begins with `part`.
    """

    part: str = ""
    items: tuple[Completion, ...] = ()

    @property
    def rest(self) -> str:
        """The rest of the first completion."""
        return self.items[0].text[len(self.part) :] if self.items else ""


class Offer(Struct, frozen=True):
    """A word that is not understood, and words of the package that are spelled like it.

    Args:
        start, end: its place in the query.
    """

    word: str
    start: int
    end: int
    near: tuple[str, ...] = ()
