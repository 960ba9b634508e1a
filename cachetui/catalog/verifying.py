"""Read a catalog whole, to say what is damaged in it."""

from __future__ import annotations

from pathlib import Path

from cachetui.catalog.facets import INDEXES
from cachetui.catalog.reader import Catalog
from cachetui.catalog.storage import Storage
from cachetui.errors import CatalogError

MOST_PROBLEMS = 10


def verify(path: Path) -> list[str]:
    """Read every chunk of a catalog and decode its facets; return what is wrong, in a few lines."""
    try:
        storage = Storage(path)
    except (CatalogError, OSError) as error:
        return [str(error)]
    try:
        problems = _damaged_chunks(storage)
    except CatalogError as error:
        problems = [str(error)]
    finally:
        storage.close()
    return (problems or _undecodable(path))[:MOST_PROBLEMS]


def _damaged_chunks(storage: Storage) -> list[str]:
    problems: list[str] = []
    for name, count in storage.contents.chunks.items():
        numbers = [number for (number,) in storage.all("SELECT number FROM chunk WHERE name = ?", name)]
        if len(numbers) != count:
            problems.append(f"{name}: {len(numbers):,} of {count:,} parts are there")
        for number in numbers:
            problems += _problem(storage, name, number)
    for (key,) in storage.all("SELECT key FROM part"):
        try:
            storage.part(key)
        except CatalogError as error:
            problems.append(str(error))
    return problems


def _problem(storage: Storage, name: str, number: int) -> list[str]:
    try:
        storage.chunk(name, number)
    except CatalogError as error:
        return [str(error)]
    return []


def _undecodable(path: Path) -> list[str]:
    """What cannot be decoded although its checksum is right."""
    try:
        catalog = Catalog(path)
    except (CatalogError, OSError) as error:
        return [str(error)]
    problems = []
    try:
        for index in INDEXES:
            try:
                facet = catalog.facet(index.name)
                if len(facet.bitmaps) != len(facet.values):
                    problems.append(f"{index.name}: its values and its rows do not fit")
            except CatalogError as error:
                problems.append(str(error))
    finally:
        catalog.close()
    return problems
