"""Packages as lines of text: the formats of `cachetui packages`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cachetui.render.layout import Table, indented_json
from cachetui.render.spans import Lines
from cachetui.text import counted

if TYPE_CHECKING:
    from cachetui.search import Attributes, PackageCounts

_FACTS = ("version", "target", "compiler")
"""The facets whose values a list of software names."""


def _table(attributes: Attributes, packages: PackageCounts, limit: int | None) -> Lines:
    found = packages[:limit]
    names = ["package", *(package.name for package in found)]
    return Table([("", names), ("", ["builds", *(f"{package.matching:,}" for package in found)])])


def _json(attributes: Attributes, packages: PackageCounts, limit: int | None) -> Iterator[str]:
    yield indented_json([{"name": p.name, "builds": p.matching} for p in packages[:limit]])


def _names(attributes: Attributes, packages: PackageCounts, limit: int | None) -> Iterator[str]:
    from cachetui.spelling import is_package_name

    return (package.name for package in packages[:limit] if is_package_name(package.name))


def _facts(attributes: Attributes, packages: PackageCounts, limit: int | None) -> Iterator[list[str]]:
    """Name, versions, builds, targets and compilers of each package, the newest versions first."""
    from cachetui.catalog import NO_COMPILER

    for place, package in enumerate(packages[:limit]):
        rows = list(packages.rows(place))
        versions, targets, compilers = (list(attributes.count_values(facet, rows)) for facet in _FACTS)
        by_name = sorted((c for c in compilers[::-1] if c != NO_COMPILER), key=_compiler_name)
        yield [
            package.name,
            ", ".join(versions[::-1]),
            f"{package.matching:,}",
            ", ".join(targets),
            ", ".join(by_name),
        ]


def _compiler_name(compiler: str) -> str:
    return compiler.partition("@")[0]


_HEADINGS = ("package", "versions", "builds", "targets", "compilers")
_SIDES = "llrll"


def _markdown(attributes: Attributes, packages: PackageCounts, limit: int | None) -> Iterator[str]:
    from cachetui.render.markup import markdown_table

    return markdown_table(_HEADINGS, _SIDES, _facts(attributes, packages, limit))


def _html(attributes: Attributes, packages: PackageCounts, limit: int | None) -> Iterator[str]:
    from cachetui.render.markup import html_page

    shown = packages[:limit]
    builds = counted(sum(package.matching for package in shown), "build")
    summary = f"{builds} of {counted(len(shown), 'package')}"
    return html_page("Software", summary, _html_table(_facts(attributes, packages, limit)))


def _html_table(lines: Iterator[list[str]]) -> Iterator[str]:
    from cachetui.render.markup import html_text

    classes = ["" if side == "l" else ' class="n"' for side in _SIDES]
    headings = "".join(f"<th{kind}>{text}</th>" for kind, text in zip(classes, _HEADINGS, strict=True))
    yield "<table>"
    yield f"<thead><tr>{headings}</tr></thead>"
    yield "<tbody>"
    for name, *cells in lines:
        others = "".join(
            f"<td{kind}>{html_text(cell)}</td>" for kind, cell in zip(classes[1:], cells, strict=True)
        )
        yield f"<tr><th>{html_text(name)}</th>{others}</tr>"
    yield "</tbody>"
    yield "</table>"


Format = Callable[["Attributes", "PackageCounts", "int | None"], Lines]

PACKAGE_FORMATS: dict[str, Format] = {
    "table": _table,
    "json": _json,
    "names": _names,
    "markdown": _markdown,
    "html": _html,
}
"""Format name to the function that gives the lines of some packages, at most so many."""
