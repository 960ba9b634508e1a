"""The builds that a person has marked, as a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct


class Marks(Struct, frozen=True):
    """Marked builds by DAG hash, so that they survive any other query and catalog."""

    hashes: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.hashes)

    def __iter__(self) -> Iterator[str]:
        return iter(self.hashes)

    def toggled(self, hashes: Iterable[str]) -> Marks:
        """Mark builds, or deselect them if all of them are marked."""
        given = frozenset(hashes)
        return Marks(self.hashes - given if given <= self.hashes else self.hashes | given)
