"""Damages a catalog, or a file of parts, in one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cachetui.catalog.chunks import CHECKSUM, checksum, meta_checksum


def executed(statement: str) -> Callable[[Path], None]:
    """Return what executes one SQL statement in a file."""

    def change(file: Path) -> None:
        with closing(sqlite3.connect(file)) as db:
            db.execute(statement)
            db.commit()

    return change


def forged(statement: str) -> Callable[[Path], None]:
    """Return what executes an SQL statement and mends the checksums: what a malicious author would do."""

    def change(file: Path) -> None:
        executed(statement)(file)
        with closing(sqlite3.connect(file)) as db:
            for name, number, data in db.execute("SELECT name, number, data FROM chunk").fetchall():
                known = checksum(name, number, data if isinstance(data, bytes) else b"")
                place = (known, name, number)
                db.execute("UPDATE chunk SET checksum = ? WHERE name = ? AND number = ?", place)
            meta = dict(db.execute("SELECT key, value FROM meta"))
            known_meta = (meta_checksum(meta), CHECKSUM)
            db.execute("UPDATE meta SET value = ? WHERE key = ?", known_meta)
            db.commit()

    return change
