"""One line of text that is being edited, as a value: the query, and whatever else is typed into."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from textual.events import Key

_WORD_BEFORE = re.compile(r"\S*\s*$")


class LineEdit(Struct, frozen=True):
    """A text and the cursor in it; every edit returns a new value.

    Args:
        position: the character under the cursor; the length of the text behind its end.
        selected: all of the text is selected, and the next character replaces it.
        limit: characters that the text may have; 0: any number.
    """

    text: str = ""
    position: int = 0
    selected: bool = False
    limit: int = 0

    def with_text(self, text: str) -> LineEdit:
        """Another text, the cursor behind it."""
        return self._edited(text, len(text))

    def select_all(self) -> LineEdit:
        """The same text, to be replaced by the next character."""
        return replace(self, position=len(self.text), selected=bool(self.text))

    def insert(self, text: str) -> LineEdit:
        """Insert a text at the cursor, or in place of the selected text."""
        if self.selected:
            return self._edited(text, len(text))
        return self._edited(self._before + text + self._after, self.position + len(text))

    def delete(self, characters: int) -> LineEdit:
        """Delete characters after the cursor, or (negative) before it."""
        if self.selected:
            return self._edited("", 0)
        start, end = sorted((self.position, self._clamped(self.position + characters)))
        return self._edited(self.text[:start] + self.text[end:], start)

    def delete_word(self) -> LineEdit:
        """Delete the word before the cursor."""
        before = _WORD_BEFORE.sub("", self._before)
        return self._edited(before + self._after, len(before))

    def delete_before(self) -> LineEdit:
        """Delete everything before the cursor."""
        return self._edited(self._after, 0)

    def delete_after(self) -> LineEdit:
        """Delete everything after the cursor."""
        return self._edited(self._before, self.position)

    def move(self, characters: int) -> LineEdit:
        """Move the cursor right, or (negative) left."""
        return self.move_to(self.position + characters)

    def move_to(self, position: int) -> LineEdit:
        """Move the cursor to a character, or as near as there is one."""
        return replace(self, position=self._clamped(position), selected=False)

    def typed(self, key: Key) -> LineEdit | None:
        """The text after a key that types or deletes a character; None for any other key."""
        if key.key == "backspace":
            return self.delete(-1)
        if key.is_printable and key.character:
            return self.insert(key.character)
        return None

    @property
    def _before(self) -> str:
        return self.text[: self.position]

    @property
    def _after(self) -> str:
        return self.text[self.position :]

    def _clamped(self, position: int) -> int:
        return min(max(position, 0), len(self.text))

    def _edited(self, text: str, position: int) -> LineEdit:
        kept = text[: self.limit] if self.limit else text
        return replace(self, text=kept, position=min(position, len(kept)), selected=False)
