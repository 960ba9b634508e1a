"""Mirrors as lines of text: the formats of `cachetui mirrors`, and what is known of each and of Spack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cachetui.render.layout import Table, aligned_spans, indented_json
from cachetui.render.spans import Line, Lines
from cachetui.text import age_text, counted, redacted

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

_SUMMARY = ("builds", "layout", "view", "age")


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


def mirror_summary(mirror: MirrorStatus) -> list[str]:
    """`builds 1,234`, `layout v3`, ...: what is known of the index of a mirror."""
    facts = mirror_facts(mirror)
    return [f"{name} {facts[name]}" for name in _SUMMARY if facts[name] not in ("", NOT_KNOWN)]


def where_text(mirror: MirrorStatus) -> str:
    """Where a mirror is configured: file, line and scope."""
    return f"{mirror.where}, scope {mirror.scope}" if mirror.where and mirror.scope else mirror.where


def spack_facts(report: SpackReport) -> Iterator[str]:
    """What was found of Spack on this machine, one thing on each line."""
    spack = f"Spack {report.version} at {report.root}" if report.root else "no Spack found"
    yield f"{spack}; its configuration is read without running Spack"
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
