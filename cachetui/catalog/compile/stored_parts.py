"""Parts of sources that a catalog stores as they were read, so that the next compile need not read them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cachetui.catalog.chunks import checksum
from cachetui.catalog.storage import Storage
from cachetui.errors import CatalogError
from cachetui.files import is_own


class StoredPart(NamedTuple):
    """A part of a source; its stamp changes with its content."""

    key: str
    stamp: str
    data: bytes


class StoredParts:
    """The parts stored in the catalog at a path; none if there is no catalog."""

    def __init__(self, path: Path | None) -> None:
        self._storage: Storage | None = None
        with suppress(CatalogError, OSError):
            if path is not None and is_own(path):
                # Else what it says of a source may be another one's invention.
                self._storage = Storage(path)

    def has(self, key: str, stamp: str) -> bool:
        """Whether a part with this stamp is stored."""
        return self._stamps.get(key) == stamp

    def data(self, key: str) -> bytes:
        """What is stored of a part. Raises CatalogError."""
        assert self._storage is not None
        return self._storage.part(key)

    def close(self) -> None:
        """Close the file."""
        if self._storage is not None:
            self._storage.close()

    @cached_property
    def _stamps(self) -> dict[str, str]:
        try:
            return dict(self._storage.all("SELECT key, stamp FROM part")) if self._storage else {}
        except CatalogError:
            return {}


def write_parts(db: sqlite3.Connection, parts: Iterable[StoredPart]) -> None:
    """Store parts in a catalog."""
    # Locations may overlap, such as a site and one of its tags: they have parts in common.
    rows = ((key, stamp, checksum(key, stamp, data), data) for key, stamp, data in parts)
    db.executemany("INSERT OR IGNORE INTO part VALUES (?, ?, ?, ?)", rows)
