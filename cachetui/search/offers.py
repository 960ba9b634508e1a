"""Completions of a query, as values."""

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
