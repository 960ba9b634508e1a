"""What could not be read, grouped by mirror: lines for a box, each with its indentation and role."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from cachetui.render.mirrors import failure_advice
from cachetui.spec import SHORT_HASH
from cachetui.text import counted

_NAMED = re.compile(r"(?P<name>\S+) \((?P<place>(?:(?!: ).)+)\): (?P<reason>.*)")
_NAMED_WITHIN = re.compile(r"(?P<name>\S+) \((?P<place>.+?): (?P<reason>.*)\)")
_RECORD = re.compile(r"(?P<place>.*): record (?P<record>\S+): (?P<reason>.*)")

_RECORDS_NAMED = 3

UNREAD_ADVICE = "Mirrors that are configured there are not shown until it is corrected."


class Paragraph(Struct, frozen=True):
    """A text that is wrapped where it is shown.

    Args:
        indent: blanks before each of its lines.
        label: stands before the first line, in the role `strong`.
    """

    text: str
    role: str = ""
    indent: int = 0
    label: str = ""


class Failure(Struct, frozen=True):
    """A mirror that could not be read.

    Args:
        name: as it is configured; empty: it was named by its place.
    """

    name: str
    place: str
    reason: str

    @classmethod
    def of(cls, text: str) -> Failure:
        """Take apart a line: `name (place): reason`, `name (place: reason)` or `place: reason`."""
        if match := _NAMED.fullmatch(text) or _NAMED_WITHIN.fullmatch(text):
            return cls(match["name"], match["place"], match["reason"])
        place, _, reason = text.partition(": ")
        return cls("", place, reason)


def problem_paragraphs(
    failures: Sequence[str],
    stale: Sequence[str],
    problems: Sequence[str],
    skipped: int,
    notes: Sequence[str],
    unread: Sequence[str] = (),
) -> Iterator[Paragraph]:
    """Say what failed and what to do, which mirrors did not answer, what was skipped, and the notes.

    Args:
        failures: of mirrors.
        stale, problems, skipped, notes, unread: as of an opened catalog.
    """
    if unread:
        yield Paragraph("The configuration cannot be read", "strong")
        for text in unread:
            yield from unread_paragraphs(text)
        yield Paragraph(UNREAD_ADVICE, "accent", 4)
    if failures:
        yield Paragraph(f"{counted(len(failures), 'mirror')} failed", "strong")
        for text in failures:
            yield from _failed(Failure.of(text), "bad", "✕")
    if stale:
        yield Paragraph(f"{counted(len(stale), 'mirror')} did not answer", "strong")
        for text in stale:
            yield from _failed(Failure.of(text), "warning", "▲")
    if problems or skipped:
        yield Paragraph(f"{counted(skipped, 'record')} skipped" if skipped else "Records", "strong")
        yield from _records(problems)
        if skipped > len(problems):
            yield Paragraph(f"and {skipped - len(problems):,} more records", "muted", 2)
    if notes:
        yield Paragraph("Notes", "strong")
        yield from (Paragraph(note, "", 2) for note in notes)


def unread_paragraphs(text: str) -> Iterator[Paragraph]:
    """Say which file cannot be read, and why."""
    place, _, reason = text.partition(": ")
    yield Paragraph("", "", 2, f"✕ {place}")
    yield Paragraph(reason, "bad", 4)


def _failed(failure: Failure, role: str, sign: str) -> Iterator[Paragraph]:
    whole, showing, shown = failure.reason.partition("; showing ")
    # Where an index was looked for stands in brackets, and is longer than the reason.
    reason, brackets, places = whole.partition(" (") if "://" in whole else (whole, "", "")
    yield Paragraph(
        failure.place if failure.name else "", "muted", 2, f"{sign} {failure.name or failure.place}"
    )
    yield Paragraph(reason, role, 4)
    if brackets:
        yield Paragraph(f"({places}", "muted", 4)
    if showing:
        yield Paragraph(f"showing {shown}", "", 4)
    if role == "bad" and (advice := failure_advice(failure.reason)):
        yield Paragraph(advice, "accent", 4)


def _records(problems: Iterable[str]) -> Iterator[Paragraph]:
    """By place and reason, as a writer's mistake is in many records."""
    found: dict[str, dict[str, list[str]]] = {}
    for text in problems:
        if match := _RECORD.fullmatch(text):
            place, record, reason = match["place"], match["record"], match["reason"]
        else:
            place, _, reason = text.partition(": ")
            record = ""
        found.setdefault(place, {}).setdefault(reason, []).append(record)
    for place, reasons in found.items():
        yield Paragraph("", "", 2, f"▲ {place}")
        for reason, records in reasons.items():
            named = [record[:SHORT_HASH] for record in records if record]
            more = len(named) - _RECORDS_NAMED
            listed = ", ".join(named[:_RECORDS_NAMED]) + (f" and {more:,} more" if more > 0 else "")
            yield Paragraph(f"{reason}: {listed}" if listed else reason, "warning", 4)
