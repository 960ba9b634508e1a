"""How measures grow with the size of the index: small charts of text, and a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.bench.report import Row, markdown_table, table

GROWING = (
    "start",
    "compile",
    "typed character, p95",
    "facet toggle, p95",
    "open and count all facets",
    "list -q hdf5",
)
WIDTH = 48
HEIGHT = 6

Point = tuple[int, float]


def growth(rows: Sequence[Row]) -> str:
    """Charts and a table of what was measured at several sizes; empty if nothing was."""
    grown = _grown(rows)
    if not grown:
        return ""
    charts = [chart(f"{found[0].name} ({found[0].unit})", _points(found)) for found in grown]
    return "\n\n".join([*charts, table(_lines(grown))])


def markdown_growth(rows: Sequence[Row]) -> str:
    """The table alone, for the README; empty if nothing was measured at several sizes."""
    if not (grown := _grown(rows)):
        return ""
    headings, *lines = _lines(grown)
    return markdown_table([headings, ["---", *["---:"] * (len(headings) - 1)], *lines])


def _grown(rows: Sequence[Row]) -> list[list[Row]]:
    series = ([row for row in rows if row.name == name and row.value is not None] for name in GROWING)
    return [found for found in series if len(found) > 1]


def _points(rows: Sequence[Row]) -> list[Point]:
    return [(row.size, row.value) for row in rows if row.size is not None and row.value is not None]


def chart(title: str, points: Sequence[Point]) -> str:
    """A chart from zero up; the sizes stand on a logarithmic axis."""
    top = max(value for _, value in points) or 1.0
    first, last = math.log(points[0][0]), math.log(points[-1][0])
    grid = [[" "] * (WIDTH + 1) for _ in range(HEIGHT + 1)]
    axis = [" "] * (WIDTH + 12)
    for size, value in points:
        column = round((math.log(size) - first) / (last - first) * WIDTH)
        grid[round(value / top * HEIGHT)][column] = "*"
        axis[column : column + len(f"{size:,}")] = f"{size:,}"
    labels = [f"{top:10,.1f}", *[" " * 10] * (HEIGHT - 1), f"{0:10,.1f}"]
    lines = [f"{label} |{''.join(line)}" for label, line in zip(labels, reversed(grid), strict=True)]
    lines += [f"{'':10} +{'-' * (WIDTH + 1)}", f"{'':12}{''.join(axis)}"]
    return "\n".join([title, *(line.rstrip() for line in lines)])


def _lines(series: Sequence[Sequence[Row]]) -> list[list[str]]:
    """A line for each measure, a column for each size, and how many times the last is the first."""
    sizes = sorted({row.size for rows in series for row in rows if row.size is not None})
    lines = [["growth", *(f"{size:,}" for size in sizes), "last / first"]]
    for rows in series:
        values = {row.size: row.value or 0.0 for row in rows}
        texts = {row.size: row.cells()[3] for row in rows}
        factor = values[max(texts, key=lambda size: size or 0)] / (rows[0].value or 1.0)
        lines.append([rows[0].name, *(texts.get(size, "") for size in sizes), f"{factor:.2f}"])
    return lines
