"""The stored chunks: each carries a checksum of its bytes and of its place, so that swapped ones are found.

All that a catalog holds besides texts of `meta` stands in one table, under a name and a number. A table of
contents says how many chunks each name has, so that a missing one is found, too; it stands in `meta`, which
has a checksum of its own. Checksums find damage; a file of a malicious author has good ones, so that what is
read is checked once more when it is decoded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Annotated
from zlib import crc32

import msgspec

CONTENTS, CHECKSUM = "contents", "checksum"
"""Keys of meta."""

# Blobs stand in tables with row ids: in others SQLite reads whole blobs to compare keys.
TABLES = {
    "meta": "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "chunk": (
        "CREATE TABLE chunk (name TEXT, number INTEGER, checksum INTEGER NOT NULL, data BLOB NOT NULL,"
        " PRIMARY KEY (name, number))"
    ),
    "part": (
        "CREATE TABLE part (key TEXT PRIMARY KEY, stamp TEXT NOT NULL, checksum INTEGER NOT NULL,"
        " data BLOB NOT NULL)"
    ),
}
"""Table to the statement that makes it; a catalog has these tables and nothing else."""

_LENGTH = 4
"""Bytes of the length of a blob. The module struct would be one more library to load."""


Count = Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)]


class Contents(msgspec.Struct, frozen=True):
    """What a catalog holds.

    Args:
        chunks: name to the number of its chunks.
        values: name of a list of values to the number of these.
    """

    chunks: dict[str, Count] = {}
    values: dict[str, Count] = {}


def checksum(name: str, place: int | str, data: bytes) -> int:
    """The checksum of a chunk and of its place."""
    return crc32(data, crc32(f"{place} {name}".encode()))


def meta_checksum(meta: Mapping[str, str]) -> str:
    """The checksum of all entries but its own."""
    entries = sorted(entry for entry in meta.items() if entry[0] != CHECKSUM)
    return f"{crc32(msgspec.json.encode(entries)):08x}"


def create_tables(db: sqlite3.Connection) -> None:
    """Make the tables of a catalog."""
    for statement in TABLES.values():
        db.execute(statement)


def write_chunk(db: sqlite3.Connection, name: str, data: bytes) -> None:
    """Write the only chunk of a name."""
    write_chunks(db, name, [(0, data)])


def write_chunks(db: sqlite3.Connection, name: str, numbered: Iterable[tuple[int, bytes]]) -> None:
    """Write chunks, each with its number."""
    rows = ((name, number, checksum(name, number, data), data) for number, data in numbered)
    db.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?)", rows)


def write_meta(db: sqlite3.Connection, meta: Mapping[str, str], values: dict[str, int]) -> None:
    """Write the meta when all else is written: with the table of contents, and its own checksum."""
    counted = db.execute("SELECT name, count(*) FROM chunk GROUP BY name ORDER BY name").fetchall()
    contents = msgspec.json.encode(Contents(dict(counted), values), order="sorted").decode()
    entries = {**meta, CONTENTS: contents}
    entries[CHECKSUM] = meta_checksum(entries)
    db.executemany("INSERT INTO meta VALUES (?, ?)", list(entries.items()))


def join_blobs(blobs: Iterable[bytes]) -> bytes:
    """The bytes of a chunk that holds several blobs."""
    return b"".join(part for blob in blobs for part in (len(blob).to_bytes(_LENGTH, "little"), blob))


def split_blobs(data: bytes, count: int) -> list[bytes]:
    """The blobs that `join_blobs` joined. Raises ValueError if these are not as many as they should be."""
    blobs = []
    start = 0
    for _ in range(count):
        begin = start + _LENGTH
        if begin > len(data):
            raise ValueError("a blob is missing")
        end = begin + int.from_bytes(data[start:begin], "little")
        if end > len(data):
            raise ValueError("a blob is cut short")
        blobs.append(data[begin:end])
        start = end
    if start != len(data):
        raise ValueError("there are too many blobs")
    return blobs
