"""Mirrors as lines of text: the formats of `cachetui mirrors`, and what is known of each and of Spack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cachetui.render.layout import Table, aligned_spans, indented_json
from cachetui.render.spans import Line, Lines, Span
from cachetui.text import age_text, counted, cut_middle, redacted

if TYPE_CHECKING:
    from cachetui.locate import MirrorStatus, PublicMirror, SpackReport

NOT_KNOWN = "-"

_STATE_ROLES = {
    "up to date": "good",
    "on this machine": "good",
    "older": "warning",
    "failed": "bad",
}
"""States of a mirror to their roles; the others are muted."""

STATE_SIGNS = {"good": "●", "warning": "▲", "bad": "✕", "muted": "○"}
"""The role of a state to the sign before its word."""

_GAP = 2

_LONGEST_NAME, _SHORTEST_URL, _USUAL_URL = 28, 16, 22

_FACT_ROLES = {
    "name": "",
    "url": "muted",
    "layout": "",
    "view": "",
    "age": "",
    "builds": "",
    "where": "muted",
}
"""Facts of a mirror to the roles of their texts; a state has the role of what it means."""


def state_text(mirror: MirrorStatus) -> str:
    """`failed: 404 Not Found`, `up to date`."""
    return f"{mirror.state}: {mirror.reason}" if mirror.reason else mirror.state


def state_role(mirror: MirrorStatus) -> str:
    """The role of the state of a mirror."""
    return _STATE_ROLES.get(mirror.state, "muted")


def mirror_facts(mirror: MirrorStatus) -> Mapping[str, str]:
    """What is known of a mirror, by heading."""
    age = mirror.age
    return {
        "name": mirror.name,
        "url": mirror.url,
        "layout": mirror.layout or NOT_KNOWN,
        "view": mirror.view,
        "age": NOT_KNOWN if age is None else age_text(age),
        "builds": NOT_KNOWN if mirror.records is None else f"{mirror.records:,}",
        "state": state_text(mirror),
        "where": mirror.where,
    }


def mirror_columns(mirrors: Sequence[MirrorStatus], width: int) -> list[Line]:
    """A heading and a line for each mirror; columns that there is no room for are left out.

    Args:
        width: the columns of the terminal that the lines may take.
    """
    columns = _fitting([column for column in _columns_of(mirrors) if any(t for t, _ in column[1:])], width)
    left = width - _taken(columns)
    if left >= _SHORTEST_URL:
        columns.append([("url", "muted"), *((cut_middle(mirror.url, left), "muted") for mirror in mirrors)])
    return list(aligned_spans(columns))


def _columns_of(mirrors: Sequence[MirrorStatus]) -> Iterator[list[Span]]:
    """All columns but that of the URLs, which takes the room that is left."""
    facts = [mirror_facts(mirror) for mirror in mirrors]
    yield [("name", "muted"), *((cut_middle(fact["name"], _LONGEST_NAME), "strong") for fact in facts)]
    yield [("state", "muted"), *((_signed_state(mirror), state_role(mirror)) for mirror in mirrors)]
    counts = ["builds", *(fact["builds"] for fact in facts)]
    width = max(map(len, counts))
    yield [
        (count.rjust(width), "" if n and count != NOT_KNOWN else "muted") for n, count in enumerate(counts)
    ]
    ages = (
        "now" if mirror.age is not None and mirror.age < 60 else fact["age"]
        for mirror, fact in zip(mirrors, facts, strict=True)
    )
    yield [("age", "muted"), *((age, "") for age in ages)]
    for name in ("layout", "view"):
        yield [(name, "muted"), *((fact[name], "") for fact in facts)]
    yield [
        ("scope", "muted"),
        *((mirror.scope or mirror.where.partition(":")[0][:9], "muted") for mirror in mirrors),
    ]


def _fitting(columns: list[list[Span]], width: int) -> list[list[Span]]:
    """The first three columns, and of the others those that leave room for URLs, if there is any for them."""
    kept = columns[:3]
    kept_free = _USUAL_URL if width - _taken(kept) >= _SHORTEST_URL else 0
    for column in columns[3:]:
        if width - _taken([*kept, column]) >= kept_free:
            kept.append(column)
    return kept


def _taken(columns: Sequence[Sequence[Span]]) -> int:
    return sum([max([len(text) for text, _ in column]) + _GAP for column in columns])


def _signed_state(mirror: MirrorStatus) -> str:
    return f"{STATE_SIGNS[state_role(mirror)]} {mirror.state}"


def state_line(mirror: MirrorStatus) -> Line:
    """`name  ✕ failed: 404 Not Found`."""
    reason = f": {mirror.reason}" if mirror.reason else ""
    return (mirror.name, "strong"), ("  ", ""), (_signed_state(mirror) + reason, state_role(mirror))


def mirror_advice(mirror: MirrorStatus) -> str:
    """What to do about a mirror, in a sentence or two."""
    if not mirror.binary:
        return "It holds only sources; Spack looks for no builds in it."
    if mirror.state == "never read":
        return "Never downloaded: Enter connects and fetches its index."
    if mirror.state != "failed":
        return "Enter opens it."
    if mirror.records is not None:
        return "Enter opens the index that was downloaded last, and tries again."
    return f"{failure_advice(mirror.reason)} Enter tries again.".lstrip()


_ADVICE = (
    (("give credentials", "pip install"), ""),
    (("no such file", "ot a directory", "ermission denied"), "Check that the path{place} can be read here."),
    (("no mirror of that name", "not supported", "no host"), "Correct the URL{place}."),
    (("no index", "404"), "Check the URL{place}; a missing index is made by: spack buildcache update-index."),
)
"""What a reason may say, and what to do; a reason that says itself what to do needs no more."""


def failure_advice(reason: str, where: str = "") -> str:
    """What to do where a mirror could not be read.

    Args:
        where: the file and line that configure it; empty: it was named.
    """
    place = f" in {where}" if where else ""
    for words, advice in _ADVICE:
        if any(word in reason for word in words):
            return advice.format(place=place)
    return f"Check the network and the URL{place}."


def where_text(mirror: MirrorStatus) -> str:
    """Where a mirror is configured: file, line and scope."""
    return f"{mirror.where}, scope {mirror.scope}" if mirror.where and mirror.scope else mirror.where


def spack_facts(report: SpackReport) -> Iterator[str]:
    """What was found of Spack on this machine, one thing on each line."""
    spack = f"Spack {report.version} at {report.root}" if report.root else "no Spack installation found"
    yield f"{spack}; configuration is read without running Spack"
    for name, values in (
        ("scope", report.scopes),
        ("cache", filter(None, [report.misc_cache])),
        ("install tree", report.install_trees),
        ("upstream", [f"{upstream.name} {upstream.root}" for upstream in report.upstreams]),
    ):
        yield from (f"{name}: {value}" for value in values)


def notes_heading(report: SpackReport) -> str:
    """What stands above the notes of a report; empty if there are none."""
    return f"{counted(len(report.notes), 'setting')} could not be used:" if report.notes else ""


def _table(report: SpackReport) -> Iterator[Line]:
    """A line for each mirror, in Spack's search order."""
    rows = [(mirror_facts(mirror), state_role(mirror)) for mirror in report.mirrors]
    return aligned_spans(
        [(name, "muted"), *((facts[name], _FACT_ROLES.get(name, state)) for facts, state in rows)]
        for name in (rows[0][0] if rows else ())
    )


def _json(report: SpackReport) -> Iterator[str]:
    """The report as one object; times are UTC, ages are seconds."""
    import msgspec

    data = msgspec.to_builtins(report)
    for fields, mirror in zip(data["mirrors"], report.mirrors, strict=True):
        del fields["location"]
        fields["age"] = None if mirror.age is None else round(mirror.age)
        fields["checked"] = None if mirror.checked is None else _time_text(mirror.checked)
    yield indented_json(data)


def _time_text(seconds: float) -> str | None:
    from datetime import datetime, timezone

    try:
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):  # the clock of the machine or of a file server is wrong
        return None


def _public_table(listed: Sequence[PublicMirror]) -> Lines:
    names = ["name", *(mirror.name for mirror in listed)]
    return Table([("", names), ("muted", ["url", *(redacted(mirror.url) for mirror in listed)])])


def _public_json(listed: Sequence[PublicMirror]) -> Iterator[str]:
    yield indented_json(
        [{"name": m.name, "ref": m.ref, "stack": m.stack or None, "url": redacted(m.url)} for m in listed]
    )


MIRROR_FORMATS: dict[str, Callable[[SpackReport], Lines]] = {"table": _table, "json": _json}
"""Format name to the function that gives the lines of all mirrors."""

PUBLIC_FORMATS: dict[str, Callable[[Sequence[PublicMirror]], Lines]] = {
    "table": _public_table,
    "json": _public_json,
}
"""Format name to the function that gives the lines of the public build caches."""
