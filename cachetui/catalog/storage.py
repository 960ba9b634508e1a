"""The parts of a catalog file, read and decoded; what is missing or damaged is a CatalogError."""

from __future__ import annotations

import os
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import msgspec
from pyroaring import BitMap

from cachetui.caching import cached_method
from cachetui.catalog.schema import SCHEMA, unpack
from cachetui.errors import CatalogError

T = TypeVar("T")

_SQLITE_HEADER = 100


class Storage:
    """An open catalog file.

    Raises:
        CatalogError: the file is missing, damaged or of another schema.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # SQLite crashes if a thread closes the file while another one reads it, as at the end of the browser.
        self._reading = Lock()
        try:
            uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
            self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise CatalogError(f"{path}: not a catalog ({error})") from error
        try:
            self.meta: dict[str, str] = dict(self._db.execute("SELECT key, value FROM meta"))
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self.close()
            raise CatalogError(f"{path}: not a catalog ({error})") from error
        if self.meta.get("schema") != SCHEMA:
            self.close()
            raise CatalogError(f"{path}: a catalog of schema {self.meta.get('schema')}, not {SCHEMA}")
        if _is_cut_short(path):
            self.close()
            raise CatalogError(f"{path}: cut short; compile it again")

    def close(self) -> None:
        """Close the file once no thread reads it; whatever is read afterwards raises CatalogError."""
        with self._reading:
            self._db.close()

    @cached_property
    def count(self) -> int:
        """The number of rows."""
        return int(self.meta["specs"])

    @cached_method
    def numbers(self, name: str) -> array[int]:
        """A packed array."""
        typecode, data = self.one("SELECT typecode, data FROM col WHERE name = ?", name)
        with self.intact():
            return unpack(typecode, data)

    def pieces(self, name: str, first: int, end: int) -> array[int]:
        """Read some chunks of a column or of the hashes."""
        chunks = "name = ? AND chunk >= ? AND chunk < ? ORDER BY chunk"
        found = self.all(f"SELECT typecode, data FROM piece WHERE {chunks}", name, first, end)
        if not found:
            raise self.damaged("a part is missing")
        with self.intact():
            return unpack(found[0][0], b"".join([data for _, data in found]))

    def dictionary(self, name: str, kind: type[T], chunk: int | None = None) -> list[T]:
        """The values of a column, or only a chunk of them."""
        where = "name = ?" if chunk is None else "name = ? AND chunk = ?"
        place = () if chunk is None else (chunk,)
        texts = self.all(f"SELECT data FROM dictionary WHERE {where} ORDER BY chunk", name, *place)
        if not texts:
            raise self.damaged("a part is missing")
        with self.intact():
            decoded = [msgspec.json.decode(text, type=list[kind]) for (text,) in texts]  # type: ignore[valid-type]
        return decoded[0] if len(decoded) == 1 else list(chain.from_iterable(decoded))

    def dictionary_chunks(self, name: str) -> int:
        """The number of chunks that hold the values of a column."""
        (chunks,) = self.one("SELECT count(*) FROM dictionary WHERE name = ?", name)
        return int(chunks)

    def bitmap(self, name: str) -> BitMap:
        """The rows that a stored bitmap marks."""
        (data,) = self.one("SELECT data FROM bitmap WHERE name = ?", name)
        with self.intact():
            return BitMap.deserialize(data)

    def bitmaps(self, name: str) -> list[BitMap]:
        """A numbered list of rows."""
        found = self.all("SELECT data FROM bitmaps WHERE name = ? ORDER BY position", name)
        with self.intact():
            return [BitMap.deserialize(data) for (data,) in found]

    @contextmanager
    def intact(self) -> Iterator[None]:
        """Raise CatalogError for data that cannot be decoded: it was damaged on disk."""
        try:
            yield
        except ValueError as error:
            raise self.damaged(error) from error

    def damaged(self, reason: object) -> CatalogError:
        """The error to raise for a file that does not hold what it should."""
        return CatalogError(f"{self.path}: damaged ({reason}); remove it and start again")

    def one(self, statement: str, *parameters: object) -> tuple[Any, ...]:
        """The only row of a query's answer."""
        rows = self.all(statement, *parameters)
        if len(rows) != 1:
            raise self.damaged("a part is missing")
        return rows[0]

    def all(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """All rows of a query's answer."""
        try:
            with self._reading:
                return self._db.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise self.damaged(error) from error


def _is_cut_short(path: Path) -> bool:
    """Whether a file has fewer pages than its header says; SQLite reads zeros in their place."""
    with path.open("rb") as stream:
        header = stream.read(_SQLITE_HEADER)
        size = stream.seek(0, os.SEEK_END)
    page_size, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
    return size < page_size * pages
