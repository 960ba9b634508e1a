"""Packages as lines of text: a table, JSON, names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from cachetui.render.columns import aligned
from cachetui.search import PackageCount


def _package_table(packages: Sequence[PackageCount]) -> Iterator[str]:
    if packages:
        names = ["package", *(package.name for package in packages)]
        yield from aligned([names, ["builds", *(f"{package.matching:,}" for package in packages)]])


def _package_json(packages: Sequence[PackageCount]) -> Iterator[str]:
    data = [{"name": p.name, "builds": p.matching} for p in packages]
    yield msgspec.json.format(msgspec.json.encode(data), indent=2).decode()


def _package_names(packages: Sequence[PackageCount]) -> Iterator[str]:
    return (package.name for package in packages)


PACKAGE_FORMATS: Mapping[str, Callable[[Sequence[PackageCount]], Iterator[str]]] = {
    "table": _package_table,
    "json": _package_json,
    "names": _package_names,
}
"""Format name to a function that gives the lines of some packages."""
