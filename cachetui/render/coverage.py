"""Packages by the values of a facet as lines of text: the formats of `cachetui coverage`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cachetui.render.layout import indented_json
from cachetui.render.spans import Line, Lines, Span
from cachetui.text import counted, cut_middle

if TYPE_CHECKING:
    from cachetui.search import Coverage

EMPTY = "\u00b7"
"""In cells without a build, so that they are seen."""

SHADE_ROLES = ("muted", "", "", "accent", "strong")
"""The shades of cells as roles, from the empty one on; the number says the same."""

_LONGEST = 48
"""Characters of a name in a picture."""


def _table(coverage: Coverage, limit: int | None) -> Iterator[Line]:
    lines = list(coverage.lines(limit))
    names = ["package", *(package.name for package, _ in lines)]
    wide = max(map(len, names))
    headings = ["builds", *(value.name for value in coverage.values)]
    totals = [package.builds for package, _ in lines]
    widths = [max(len(heading), 6) for heading in headings]
    widths[0] = max([widths[0], *(len(f"{total:,}") for total in totals)])
    if not lines:
        return
    cells = [f"  {heading:>{width}}" for heading, width in zip(headings, widths, strict=True)]
    yield ((f"{names[0]:{wide}}{''.join(cells)}", "muted"),)
    for package, counts in lines:
        spans: list[Span] = [(f"{package.name:{wide}}", ""), (f"  {package.builds:>{widths[0]},}", "muted")]
        for builds, width in zip(counts, widths[1:], strict=True):
            text = f"{builds:,}" if builds else "-"
            spans.append((f"  {text:>{width}}", SHADE_ROLES[coverage.shade(builds)]))
        yield tuple(spans)


def _json(coverage: Coverage, limit: int | None) -> Iterator[str]:
    """The facet, its values, and each package with the builds of each value that it has."""
    names = [value.name for value in coverage.values]
    packages = [
        {
            "name": package.name,
            "builds": package.builds,
            "counts": {name: builds for name, builds in zip(names, counts, strict=True) if builds},
        }
        for package, counts in coverage.lines(limit)
    ]
    values = [{"value": value.name, "builds": value.builds} for value in coverage.values]
    yield indented_json(
        {"facet": coverage.facet, "builds": coverage.builds, "values": values, "packages": packages}
    )


def _markdown(coverage: Coverage, limit: int | None) -> Iterator[str]:
    from cachetui.render.markup import markdown_table

    headings = ["package", "builds", *(value.name for value in coverage.values)]
    lines = (
        [package.name, f"{package.builds:,}", *(f"{builds:,}" if builds else "" for builds in counts)]
        for package, counts in coverage.lines(limit)
    )
    return markdown_table(headings, "l" + "r" * (len(headings) - 1), lines)


def _title(coverage: Coverage) -> str:
    return f"Packages by {coverage.facet}"


def _summary(coverage: Coverage, limit: int | None) -> str:
    shown = len(coverage) if limit is None else min(limit, len(coverage))
    some = f", of which the first {shown:,} are shown" if shown < len(coverage) else ""
    return f"{counted(coverage.builds, 'build')} of {counted(len(coverage), 'package')}{some}"


def _html(coverage: Coverage, limit: int | None) -> Iterator[str]:
    from cachetui.render.markup import html_page

    return html_page(_title(coverage), _summary(coverage, limit), _html_table(coverage, limit))


def _html_table(coverage: Coverage, limit: int | None) -> Iterator[str]:
    from cachetui.render.markup import html_text

    values = "".join(f'<th class="n">{html_text(value.name)}</th>' for value in coverage.values)
    yield "<table>"
    yield f'<thead><tr><th>package</th><th class="n">builds</th>{values}</tr></thead>'
    yield "<tbody>"
    for package, counts in coverage.lines(limit):
        cells = "".join(f'<td class="n s{coverage.shade(builds)}">{_cell(builds)}</td>' for builds in counts)
        yield f'<tr><th>{html_text(package.name)}</th><td class="n">{package.builds:,}</td>{cells}</tr>'
    yield "</tbody>"
    yield "</table>"


_CELL, _LINE, _LETTER, _MARGIN, _HEAD = 46, 20, 7.3, 10, 40
"""Units of a cell, a line, a letter, a margin, and of the heading of a picture."""

_SVG_STYLE = (
    "text { font: 12px ui-monospace, monospace; fill: #1d2330; }",
    ".c { text-anchor: middle; } .page { fill: #ffffff; } .cell { stroke: #d5d9e0; }",
    "@media (prefers-color-scheme: dark) {",
    "text { fill: #d5dbea; } .page { fill: #14181f; } .cell { stroke: #2a3140; }",
    "}",
)


def _svg(coverage: Coverage, limit: int | None) -> Iterator[str]:
    """A picture with a rectangle for each cell, and its number in it."""
    from cachetui.render.markup import html_text, shade_rules

    lines = list(coverage.lines(limit))
    names = [cut_middle(package.name, _LONGEST) for package, _ in lines]
    headings = ["builds", *(cut_middle(value.name, _LONGEST) for value in coverage.values)]
    left = _MARGIN * 2 + _LETTER * max(map(len, ["package", *names]))
    longest = _LETTER * max(map(len, headings))
    top = _HEAD + longest * 0.87  # headings rise at 60 degrees
    width = left + _CELL * len(headings) + longest / 2 + _MARGIN
    height = top + _LINE * len(lines) + _MARGIN
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    title = html_text(f"{_title(coverage)}: {_summary(coverage, limit)}")
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    yield f"<title>{title}</title>"
    yield "<style>"
    yield from _SVG_STYLE
    yield from shade_rules("fill", "fill", of_text="t")
    yield "</style>"
    yield '<rect class="page" width="100%" height="100%"/>'
    yield f'<text x="{_MARGIN}" y="{_HEAD / 2:.0f}">{title}</text>'
    for place, heading in enumerate(headings):
        corner = f"{left + _CELL * (place + 0.5):.0f} {top - 6:.0f}"
        yield f'<text transform="translate({corner}) rotate(-60)">{html_text(heading)}</text>'
    for number, (name, (package, counts)) in enumerate(zip(names, lines, strict=True)):
        y = top + _LINE * number
        base = f'y="{y + _LINE - 6:.0f}"'
        yield f'<text x="{_MARGIN}" {base}>{html_text(name)}</text>'
        yield f'<text class="c" x="{left + _CELL / 2:.0f}" {base}>{package.builds:,}</text>'
        for place, builds in enumerate(counts, 1):
            x, shade = left + _CELL * place, coverage.shade(builds)
            box = f'x="{x:.0f}" y="{y:.0f}" width="{_CELL}" height="{_LINE}"'
            text = f'<text class="c t{shade}" x="{x + _CELL / 2:.0f}" {base}>{_cell(builds)}</text>'
            yield f'<rect class="cell s{shade}" {box}/>{text}'
    yield "</svg>"


def _cell(builds: int) -> str:
    return f"{builds:,}" if builds else EMPTY


COVERAGE_FORMATS: dict[str, Callable[[Coverage, int | None], Lines]] = {
    "table": _table,
    "json": _json,
    "markdown": _markdown,
    "html": _html,
    "svg": _svg,
}
"""Format name to the function that gives the lines of a coverage, of some of its packages at most."""
