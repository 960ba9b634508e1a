"""Damages a catalog, or a file of parts, in one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path


def executed(statement: str) -> Callable[[Path], None]:
    """Return what executes one SQL statement in a file."""

    def change(file: Path) -> None:
        with closing(sqlite3.connect(file)) as db:
            db.execute(statement)
            db.commit()

    return change
