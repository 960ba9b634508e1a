"""What is offered while a query is typed, as values."""

from __future__ import annotations

from msgspec import Struct


class Completion(Struct, frozen=True):
    """A text that may stand in the place of what was typed, and how many builds it would leave."""

    text: str
    count: int


class Completions(Struct, frozen=True):
    """What may follow.

    Args:
        part: what was typed of it.
        items: most frequent first; each begins with `part`.
    """

    part: str = ""
    items: tuple[Completion, ...] = ()

    @property
    def rest(self) -> str:
        """What is missing of the first one."""
        return self.items[0].text[len(self.part) :] if self.items else ""
