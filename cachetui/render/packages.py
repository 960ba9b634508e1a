"""Packages as lines of text: the formats of `cachetui packages`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from cachetui.render.layout import Table, indented_json
from cachetui.render.spans import Lines

if TYPE_CHECKING:
    from cachetui.search import PackageCount


def _table(packages: Sequence[PackageCount]) -> Lines:
    names = ["package", *(package.name for package in packages)]
    return Table([("", names), ("", ["builds", *(f"{package.matching:,}" for package in packages)])])


def _json(packages: Sequence[PackageCount]) -> Iterator[str]:
    yield indented_json([{"name": p.name, "builds": p.matching} for p in packages])


def _names(packages: Sequence[PackageCount]) -> Iterator[str]:
    return (package.name for package in packages)


PACKAGE_FORMATS: dict[str, Callable[[Sequence[PackageCount]], Lines]] = {
    "table": _table,
    "json": _json,
    "names": _names,
}
"""Format name to the function that gives the lines of some packages."""
