"""The chunks of a catalog file, read, checked and decoded; what is missing or damaged is a DamagedError.

A catalog may come from anybody: nothing of its schema is executed, a statement that takes too long is
stopped, and what is decoded is checked against what else the file says. Texts are cleaned on the way.
"""

from __future__ import annotations

import os
import sqlite3
import sys
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
from cachetui.catalog.chunks import CHECKSUM, CONTENTS, TABLES, Contents, checksum, meta_checksum, split_blobs
from cachetui.catalog.clean_json import clean_entry, clean_json
from cachetui.catalog.schema import HASH_BYTES, SCHEMA, VALUE_CHUNK, unpack, values_name
from cachetui.errors import CatalogError, DamagedError, OtherSchemaError

T = TypeVar("T")

MAX_BLOB = 1 << 28
"""Bytes of a chunk; those of the largest real catalogs are a hundredth of it."""

MAX_VALUES = 1 << 22
"""Values in a list and inside of its values: those that a source has room for are fewer."""

MAX_META = 64
"""Entries of the meta."""

STEPS, MAX_ROUNDS = 1_000_000, 50
"""Steps of SQLite's machine after which it is looked at, and how often; a lookup takes some dozens."""

_SQLITE, _SQLITE_HEADER = b"SQLite format 3\0", 100

_EXPECTED = {
    *(("table", name, name, statement) for name, statement in TABLES.items()),
    *(("index", f"sqlite_autoindex_{name}_1", name, None) for name in ("chunk", "part")),
}


class _Patience:
    """How often SQLite was looked at; apart from the storage, which its connection would keep alive."""

    rounds = 0

    def is_over(self) -> bool:
        """Count once more; whether a statement takes too long."""
        self.rounds += 1
        return self.rounds > MAX_ROUNDS


class Storage:
    """An open catalog file.

    Attributes:
        meta: its texts by name.
        identity: of the file, to know whether another one took its place.

    Raises:
        CatalogError: the file is missing, is no catalog, or is one of another schema.
        DamagedError: it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # SQLite crashes if a thread closes the file while another one reads it, as at the end of the browser.
        self._reading = Lock()
        self._patience = _Patience()
        try:
            self.identity, header = _look_at(path)
            uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        except OSError as error:
            raise CatalogError(f"{path}: not a catalog ({error.strerror})") from error
        except sqlite3.Error as error:
            raise CatalogError(f"{path}: not a catalog ({error})") from error
        if not header.startswith(_SQLITE) or len(header) < _SQLITE_HEADER:
            self.close()
            raise CatalogError(f"{path}: not a catalog")
        try:
            self._distrust()
            self.meta = self._read_meta()
            if not _is_whole(header, self.identity[-1]):
                raise self.damaged("cut short")
            self._check_meta()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file once no thread reads it; whatever is read afterwards raises CatalogError."""
        with self._reading:
            self._db.close()

    @cached_property
    def count(self) -> int:
        """The number of rows."""
        return int(self.meta["specs"])

    # opening

    def _distrust(self) -> None:
        """Have SQLite execute nothing that stands in the file, and end what takes too long.

        EXCLUSIVE locks nothing in an immutable file; its size is looked at once, not for each statement.
        """
        self._db.set_progress_handler(self._patience.is_over, STEPS)
        if sys.version_info >= (3, 11):
            self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_BLOB)
            self._db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in (
            "locking_mode = EXCLUSIVE",
            "trusted_schema = OFF",
            "query_only = ON",
            "cell_size_check = ON",
        ):
            self.all(f"PRAGMA {pragma}")

    def _read_meta(self) -> dict[str, str]:
        """Read the texts. Raises CatalogError: it is a file of another kind, or of another schema."""
        listed = "SELECT type, name, tbl_name, sql FROM sqlite_master"
        found = self.all(f"{listed} LIMIT {2 * len(_EXPECTED)}")
        if not any(kind == "table" and name == "meta" for kind, name, _, _ in found):
            raise CatalogError(f"{self.path}: not a catalog of builds")
        rows = self.all(f"SELECT key, value FROM meta LIMIT {MAX_META}")
        if not all(isinstance(text, str) for row in rows for text in row):
            raise self.damaged("its meta is no text")
        meta = dict(rows)
        if set(found) != _EXPECTED or meta.get("schema") != SCHEMA:
            known = meta.get("schema", "")
            if known == SCHEMA or not _is_schema(known):
                raise self.damaged("its tables are not those of a catalog")
            raise OtherSchemaError(f"{self.path}: a catalog of schema {known}, not {SCHEMA}")
        return meta

    def _check_meta(self) -> None:
        if self.meta.get(CHECKSUM) != meta_checksum(self.meta):
            raise self.damaged("wrong checksum of the meta")
        specs = self.meta.get("specs", "")
        # Each row has a hash, which cannot be packed any tighter: a larger number would be a trap.
        if not (specs.isascii() and specs.isdigit() and len(specs) < 11):
            raise self.damaged("the number of specs is none")
        if int(specs) * HASH_BYTES > self.identity[-1]:
            raise self.damaged("there are more specs than the file has room for")
        self.meta.setdefault("title", "")
        with self.intact():
            for key, text in self.meta.items():
                if key not in ("fingerprint", CONTENTS):  # which are not shown, but compared
                    self.meta[key] = clean_entry(text)

    @cached_property
    def contents(self) -> Contents:
        """How many chunks and values the file has of each name."""
        with self.intact():
            found = msgspec.json.decode(self.meta[CONTENTS], type=Contents)
        stored = {name: found.chunks.get(values_name(name), 0) for name in found.values}
        if sum(found.chunks.values()) > self.identity[-1] or any(
            found.values[name] > chunks * VALUE_CHUNK for name, chunks in stored.items()
        ):
            raise self.damaged("its contents do not fit")
        return found

    # chunks

    def chunk_count(self, name: str) -> int:
        """The number of chunks of a name."""
        return self.contents.chunks.get(name, 0)

    def value_count(self, name: str) -> int:
        """The length of a list of values."""
        return self.contents.values.get(name, 0)

    def chunk(self, name: str, number: int = 0) -> bytes:
        """One chunk."""
        return self.chunks(name, number, number + 1)[0]

    def chunks(self, name: str, first: int, end: int) -> list[bytes]:
        """The chunks in a range of numbers, none of them missing."""
        rows = self.all(
            "SELECT number, checksum, data FROM chunk WHERE name = ? AND number >= ? AND number < ?"
            " ORDER BY number LIMIT ?",
            name,
            first,
            end,
            end - first + 1,
        )
        if len(rows) != end - first or not rows:
            raise self.damaged(f"a part of {name} is missing")
        found = []
        for expected, (number, known, data) in enumerate(rows, first):
            if number != expected or type(data) is not bytes or checksum(name, number, data) != known:
                raise self.damaged(f"wrong checksum of {name}, part {expected}")
            found.append(data)
        return found

    def whole(self, name: str) -> list[bytes]:
        """All chunks of a name, none if there are none; for those that are numbered without a gap."""
        count = self.chunk_count(name)
        return self.chunks(name, 0, count) if count else []

    def part(self, key: str) -> bytes:
        """A part of a source, as it was read."""
        rows = self.all("SELECT stamp, checksum, data FROM part WHERE key = ? LIMIT 2", key)
        if len(rows) != 1:
            raise self.damaged("a part of a source is missing")
        stamp, known, data = rows[0]
        if type(data) is not bytes or checksum(key, stamp, data) != known:
            raise self.damaged("wrong checksum of a part of a source")
        return data

    def verify(self) -> None:
        """Read all chunks. Raises DamagedError if any is missing, damaged, or too many."""
        for name, count in self.contents.chunks.items():
            last, left = -1, count
            while left > 0:
                rows = self.all(
                    "SELECT number, checksum, data FROM chunk WHERE name = ? AND number > ?"
                    " ORDER BY number LIMIT 64",
                    name,
                    last,
                )
                for number, known, data in rows:
                    if type(data) is not bytes or checksum(name, number, data) != known:
                        raise self.damaged(f"wrong checksum of {name}, part {number}")
                    last = number
                left -= len(rows)
                if not rows:
                    break
            if left:
                raise self.damaged(f"a part of {name} is missing or doubled")
        if self.all("SELECT count(*) FROM chunk") != [(sum(self.contents.chunks.values()),)]:
            raise self.damaged("there are parts that should not be there")
        for (key,) in self.all("SELECT key FROM part"):
            self.part(key)

    # decoded

    @cached_method
    def numbers(self, name: str) -> array[int]:
        """A packed array."""
        with self.intact():
            return unpack(self.chunk(name))

    def starts(self, name: str, parts: int, end: int) -> array[int]:
        """The first place of each of some parts, none of which is empty, then the end of the last one."""
        found = self.numbers(name)
        if len(found) != parts + 1 or found[0] or found[-1] != end or max(found) > end:
            raise self.damaged(f"{name} does not fit")
        found = found if found.typecode == "I" else array("I", found)
        if BitMap(found).to_array() != found:  # the fastest way to see that they ascend
            raise self.damaged(f"{name} is not in order")
        return found

    def arrays(self, name: str, number: int, count: int) -> list[array[int]]:
        """The packed arrays in a chunk."""
        with self.intact():
            return [unpack(blob) for blob in split_blobs(self.chunk(name, number), count)]

    def column(self, name: str, first: int, end: int, limit: int) -> array[int]:
        """Numbers below a limit, of some chunks."""
        with self.intact():
            found = unpack(*self.chunks(name, first, end))
        if max(found, default=-1) >= limit:
            raise self.damaged(f"{name} does not fit")
        return found

    def values(self, name: str, kind: type[T], chunk: int | None = None) -> list[T]:
        """A list of values, or only a chunk of it."""
        stored = values_name(name)
        texts = self.whole(stored) if chunk is None else [self.chunk(stored, chunk)]
        if not texts:
            raise self.damaged(f"a part of {stored} is missing")
        # In real catalogs a value has hundreds of bytes; a text of nothing else would fill the memory.
        if sum(map(len, texts)) > MAX_VALUES and sum(text.count(b",") for text in texts) > MAX_VALUES:
            raise self.damaged(f"{stored} has too many values")
        with self.intact():
            decoded = [msgspec.json.decode(clean_json(text), type=list[kind]) for text in texts]  # type: ignore[valid-type]
        found = decoded[0] if len(decoded) == 1 else list(chain.from_iterable(decoded))
        if chunk is None and len(found) != self.value_count(name):
            raise self.damaged(f"{stored} does not fit")
        return found

    def bitmap(self, name: str, number: int = 0) -> BitMap:
        """The rows that a stored bitmap marks."""
        return self.rows_of(self.chunk(name, number))

    def bitmaps(self, name: str) -> list[BitMap]:
        """A numbered list of rows."""
        return list(map(self.rows_of, self.whole(name)))

    def rows_of(self, data: bytes) -> BitMap:
        """Decode a bitmap of rows. Raises DamagedError."""
        with self.intact():
            rows = BitMap.deserialize(data)
        if rows and rows.max() >= self.count:
            raise self.damaged("there is no such row")
        return rows

    # errors

    @contextmanager
    def intact(self) -> Iterator[None]:
        """Raise DamagedError for data that cannot be decoded."""
        try:
            yield
        except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
            raise self.damaged(error) from error

    def damaged(self, reason: object) -> DamagedError:
        """The error to raise for a file that does not hold what it should."""
        return DamagedError(self.path, str(reason), self.identity)

    def all(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """All rows of a query's answer."""
        try:
            with self._reading:
                self._patience.rounds = 0
                return self._db.execute(statement, parameters).fetchall()
        except sqlite3.ProgrammingError as error:
            raise CatalogError(f"{self.path}: closed ({error})") from error
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise self.damaged(error) from error


def _look_at(path: Path) -> tuple[tuple[int, int, int, int], bytes]:
    """(identity of a file, its first bytes). Raises OSError."""
    # Not by a stream, which would look at the file once more.
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        stat = os.fstat(handle)
        header = os.read(handle, _SQLITE_HEADER)
    finally:
        os.close(handle)
    return (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size), header


def _is_whole(header: bytes, size: int) -> bool:
    """Whether a file has as many pages as its header says; SQLite reads zeros in place of what is missing."""
    page_size, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
    return size >= page_size * pages


def _is_schema(text: str) -> bool:
    number, _, order = text.partition("-")
    return len(number) < 6 and number.isascii() and number.isdigit() and order in ("little", "big", "x", "")
