"""Mirrors as lines of text: tables and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone

import msgspec

from cachetui.locate import MirrorStatus, PublicMirror, SpackReport
from cachetui.render.columns import aligned
from cachetui.text import age_text, redacted

NOT_KNOWN = "-"


def state_text(mirror: MirrorStatus) -> str:
    """`failed: 404 Not Found`, `up to date`."""
    return f"{mirror.state}: {mirror.reason}" if mirror.reason else mirror.state


def facts(mirror: MirrorStatus) -> Mapping[str, str]:
    """What is told of a mirror, by heading."""
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


def _table(report: SpackReport) -> Iterator[str]:
    """A line for each mirror, in Spack's search order."""
    rows = [facts(mirror) for mirror in report.mirrors]
    if rows:
        yield from aligned([name, *(row[name] for row in rows)] for name in rows[0])


def _json(report: SpackReport) -> Iterator[str]:
    """All of it as one object; times are UTC, ages seconds."""
    data = msgspec.to_builtins(report)
    for told, mirror in zip(data["mirrors"], report.mirrors, strict=True):
        del told["location"]
        told["age"] = None if mirror.age is None else round(mirror.age)
        told["checked"] = None if mirror.checked is None else _time_text(mirror.checked)
    yield msgspec.json.format(msgspec.json.encode(data), indent=2).decode()


def _time_text(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):  # of a clock, or a file system, that is out of its mind
        return None


def _public_table(listed: Sequence[PublicMirror]) -> Iterator[str]:
    if listed:
        names = ["name", *(mirror.name for mirror in listed)]
        yield from aligned([names, ["url", *(redacted(mirror.url) for mirror in listed)]])


def _public_json(listed: Sequence[PublicMirror]) -> Iterator[str]:
    data = [{"name": m.name, "ref": m.ref, "stack": m.stack or None, "url": redacted(m.url)} for m in listed]
    yield msgspec.json.format(msgspec.json.encode(data), indent=2).decode()


MIRROR_FORMATS: Mapping[str, Callable[[SpackReport], Iterator[str]]] = {"table": _table, "json": _json}
"""Format name to a function that gives the lines of all mirrors."""

PUBLIC_FORMATS: Mapping[str, Callable[[Sequence[PublicMirror]], Iterator[str]]] = {
    "table": _public_table,
    "json": _public_json,
}
"""Format name to a function that gives the lines of the public build caches."""
