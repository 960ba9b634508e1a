"""Lines of styled text: what a part means is named here, its colour is chosen where it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Span = tuple[str, str]
"""(text, style): the style is `` for plain text, or one of ROLES."""

Line = tuple[Span, ...]

Lines = Iterable[str | Line]
"""What a format gives; text is data, and has no styles."""

ROLES = (
    "muted",
    "strong",
    "accent",
    "good",
    "warning",
    "bad",
    "version",
    "compiler",
    "arch",
    "variant",
    "hash",
)
"""What a part of a line can mean; the last five are the parts of a spec, in the colours of Spack."""

COLUMN_ROLES = {
    "version": "version",
    "compiler": "compiler",
    "target": "arch",
    "os": "arch",
    "platform": "arch",
    "variants": "variant",
    "variant": "variant",
    "hash": "hash",
}
"""Column or facet to the role of its cells; others are plain text."""


def texts(lines: Lines) -> Iterator[str]:
    """The texts of some lines."""
    return (line if isinstance(line, str) else plain(line) for line in lines)


def words_of(line: Line) -> tuple[Line, ...]:
    """The words of a line, each of one span or several."""
    words: list[list[Span]] = [[]]
    for text, style in line:
        first, *others = text.split(" ")
        words[-1].append((first, style))
        words += [[(other, style)] for other in others]
    spans = (tuple(span for span in word if span[0]) for word in words)
    return tuple(word for word in spans if word)


def plain(line: Line) -> str:
    """The text of a line."""
    return "".join([text for text, _ in line])
