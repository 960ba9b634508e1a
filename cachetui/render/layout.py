"""Cells and values laid out as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat

from cachetui.render.spans import Line, Span


class Table:
    """Columns of cells, each below its heading, as lines; columns with nothing below it are left out.

    Args:
        columns: the role of each column, its heading and its cells.
    """

    def __init__(self, columns: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._roles: list[str] = []
        self._padded: list[Iterable[str]] = []
        for role, cells in columns:
            if any(islice(cells, 1, None)):
                self._roles.append(role)
                self._padded.append(map(str.ljust, cells, repeat(max(map(len, cells)))))

    def __iter__(self) -> Iterator[str]:
        return map(str.rstrip, map("  ".join, zip(*self._padded, strict=True)))

    def painted(self, codes: Callable[[str], tuple[str, str]]) -> Iterator[str]:
        """The lines in colours.

        Args:
            codes: gives what stands before and after a text of a role.
        """
        lines = zip(*self._padded, strict=True)
        if heading := next(lines, None):
            before, after = codes("muted")
            yield before + "  ".join(heading).rstrip() + after
        # One template for all lines: a colour for each cell would take longer than reading the cells.
        template = "  ".join([f"{before}%s{after}" for before, after in map(codes, self._roles)])
        yield from map(template.__mod__, lines)


def aligned_spans(columns: Iterable[Sequence[Span]]) -> Iterator[Line]:
    """Pad spans to their column, as `Table` does, for a few lines whose cells have styles of their own."""
    padded: list[list[Span]] = []
    for column in columns:
        if any(text for text, _ in column[1:]):
            width = max([len(text) for text, _ in column])
            padded.append([(text.ljust(width), style) for text, style in column])
    for cells in zip(*padded, strict=True):
        yield _stripped([span for cell in cells for span in (("  ", ""), cell)][1:])


def _stripped(spans: list[Span]) -> Line:
    while spans and not spans[-1][0].strip():
        spans.pop()
    return (*spans[:-1], (spans[-1][0].rstrip(), spans[-1][1])) if spans else ()


def indented_json(data: object) -> str:
    """Write plain data as JSON over several lines."""
    import msgspec  # late: the command line imports the tables of formats for its help

    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()
