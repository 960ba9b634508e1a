"""The result of a check as lines of text and as JSON: the sum first, then what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from cachetui.graph import Check, Counts, Entry, Nearest, NearestBuilds, State
from cachetui.render.hosts import host_text
from cachetui.render.layout import aligned_spans, indented_json
from cachetui.render.spans import Line, Lines, Span
from cachetui.spec import SHORT_HASH
from cachetui.text import counted

STATE_WORDS: Mapping[State, Span] = {
    State.CACHED: ("cached", "good"),
    State.EXTERNAL: ("external", "muted"),
    State.HOLE: ("hole", "bad"),
    State.MISSING: ("to build", "warning"),
}
"""The state of a node in a word, and its role."""

_RUNS: Mapping[bool | None, Span] = {
    True: ("runs here", "good"),
    False: ("does not run here", "bad"),
    None: ("", ""),
}

_NAMED_MIRRORS = 2
_NAMED_CAUSES = 5
_FEW = 4
"""Below so many missing builds, their lines say it all."""


class Missing(Struct, frozen=True):
    """A node that has to be built, and the nearest build."""

    entry: Entry
    nearest: Nearest | None


def with_nearest(nearest: NearestBuilds, entries: Iterable[Entry]) -> Iterator[Missing]:
    """The nearest builds of nodes, found one after the other."""
    for entry in entries:
        yield Missing(entry, nearest.of(entry))


# words


def sum_line(counts: Counts) -> Line:
    """The sum: `41 of 57 cached, 3 holes, 13 to build (28 installed)`."""
    spans: list[Span] = [
        (
            f"{counts.cached:,} of {counts.specs:,} cached",
            "good" if counts.cached == counts.specs else "strong",
        )
    ]
    if counts.holes:
        spans += [(", ", ""), (counted(counts.holes, "hole"), "bad")]
    if counts.to_build:
        spans += [(", ", ""), (f"{counts.to_build:,} to build", "warning")]
    if counts.installed:
        spans.append((f" ({counts.installed:,} installed)", "muted"))
    return tuple(spans)


def more_lines(check: Check) -> Iterator[Line]:
    """What is counted apart: externals, and what only builds need."""
    needed, builds = check.counts(needed=True), check.counts(needed=False)
    if needed.external:
        yield ((f"{counted(needed.external, 'external')}, which Spack expects on the machine", "muted"),)
    if builds.specs:
        text = "needed only to build: "
        yield ((text, "muted"), *((each, "muted") for each, _ in sum_line(builds)))


def entry_name(entry: Entry) -> Line:
    """A node as `name@version`, or what was asked for."""
    if not entry.name:
        return ((entry.asked or f"/{entry.dag_hash[:SHORT_HASH]}", ""),)
    if not entry.version:
        return ((entry.asked or entry.name, ""),)
    return ((entry.name, ""), (f"@{entry.version}", "version"))


def entry_text(entry: Entry) -> str:
    """The name of a node."""
    return "".join(text for text, _ in entry_name(entry))


def mirrors_text(mirrors: Sequence[str]) -> str:
    """The mirrors that have a build: some by name."""
    more = f" + {len(mirrors) - _NAMED_MIRRORS}" if len(mirrors) > _NAMED_MIRRORS else ""
    return ", ".join(mirrors[:_NAMED_MIRRORS]) + more


def differs_text(missing: Missing) -> str:
    """What differs in the nearest build, or why there is none."""
    if missing.nearest is not None:
        return "; ".join(missing.nearest.differences) or "nothing that the index lists"
    if missing.entry.spec is not None:
        return "no cache has a build of this package"
    return "no build satisfies it" if not missing.entry.dag_hash else "no build has this hash"


def shared_causes(nearest: Iterable[Nearest | None]) -> list[tuple[str, int]]:
    """The causes of difference of several nearest builds, each with how many have it, the most first."""
    found = Counter(cause for each in nearest if each is not None for cause in each.causes)
    return found.most_common()


# text


def _text(
    check: Check, missing: Sequence[Missing], builds: Sequence[Missing], everything: bool
) -> Iterator[Line]:
    yield sum_line(check.counts(needed=True))
    yield from more_lines(check)
    if check.around.host is not None:
        yield (("for ", "muted"), (host_text(check.around.host), ""))
    if check.roots:
        yield ((counted(len(check.roots), "root"), "muted"),)
        yield from _table(check.roots)
        yield from _reason_lines(check)
    if everything:
        yield (("dependencies", "muted"),)
        yield from _table([entry for entry in check.entries if not entry.is_root])
    yield from _cause_lines(missing)
    yield from _missing_lines(missing, "to build")
    if everything:
        yield from _missing_lines(builds, "needed only to build")


def _reason_lines(check: Check) -> Iterator[Line]:
    """Why roots that are cached do not run here."""
    for entry in check.roots:
        for reason in check.why_not(entry.row) if entry.runs is False else ():
            yield (("  ", ""), *entry_name(entry), (f": {reason}", "bad"))


def _table(entries: Sequence[Entry]) -> Iterator[Line]:
    columns: list[list[Span]] = [[("", "")] for _ in range(7)]
    for entry in entries:
        cells: tuple[Span, ...] = (
            (f"  {entry_text(entry)}", ""),
            (f"/{entry.dag_hash[:SHORT_HASH]}" if entry.dag_hash else "", "hash"),
            STATE_WORDS[entry.state],
            ("" if entry.is_complete or not entry.is_there else "incomplete", "bad"),
            _RUNS[entry.runs],
            ("installed" if entry.installed else "", "muted"),
            (mirrors_text(entry.mirrors), "muted"),
        )
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    yield from list(aligned_spans(columns))[1:]


def _cause_lines(missing: Sequence[Missing]) -> Iterator[Line]:
    """What most of the missing builds have in common."""
    causes = shared_causes(each.nearest for each in missing)
    if len(missing) < _FEW or not causes:
        return
    yield (("causes of the differences", "muted"),)
    for cause, count in causes[:_NAMED_CAUSES]:
        yield ((f"  {cause}", ""), (f"  in {count:,} of {len(missing):,}", "muted"))
    if len(causes) > _NAMED_CAUSES:
        yield ((f"  {len(causes) - _NAMED_CAUSES:,} more", "muted"),)


def _missing_lines(missing: Sequence[Missing], heading: str) -> Iterator[Line]:
    if not missing:
        return
    columns: list[list[Span]] = [
        [(heading, "muted")],
        [("", "")],
        [("nearest", "muted")],
        [("mirror", "muted")],
        [("runs here", "muted")],
        [("what differs", "muted")],
    ]
    for each in missing:
        near = each.nearest
        cells: tuple[Span, ...] = (
            (entry_text(each.entry), ""),
            ("hole" if each.entry.state is State.HOLE else "", "bad"),
            (f"/{near.dag_hash[:SHORT_HASH]}" if near else "-", "hash" if near else "muted"),
            (mirrors_text(near.mirrors) if near else "", ""),
            _runs_cell(near),
            (differs_text(each), "" if near else "muted"),
        )
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    yield from aligned_spans(columns)


def _runs_cell(near: Nearest | None) -> Span:
    if near is None or near.runs is None:
        return ("", "")
    return ("yes", "good") if near.runs else ("no", "bad")


# data


def _json(
    check: Check, missing: Sequence[Missing], builds: Sequence[Missing], everything: bool
) -> Iterator[str]:
    nearest = {id(each.entry): each.nearest for each in (*missing, *builds)}
    yield indented_json(
        {
            "files": check.places,
            "complete": check.is_all_there,
            "host": _host_data(check),
            "summary": _counts_data(check.counts(needed=True)),
            "build_only": _counts_data(check.counts(needed=False)),
            "specs": [_entry_data(check, entry, nearest.get(id(entry))) for entry in check.entries],
        }
    )


def _host_data(check: Check) -> dict[str, str | None] | None:
    host = check.around.host
    if host is None:
        return None
    return {"name": host.name, "arch": host.arch, "libc": host.libc_text or None}


def _counts_data(counts: Counts) -> dict[str, int | None]:
    return {
        "specs": counts.specs,
        "cached": counts.cached,
        "holes": counts.holes,
        "to_build": counts.to_build,
        "external": counts.external,
        "installed": counts.installed,
    }


def _entry_data(check: Check, entry: Entry, nearest: Nearest | None) -> dict[str, object]:
    return {
        "name": entry.name or None,
        "version": entry.version or None,
        "hash": entry.dag_hash or None,
        "asked": entry.asked or None,
        "root": entry.is_root,
        "needed": entry.is_needed,
        "state": entry.state.value,
        "complete": entry.is_complete,
        "usable": entry.runs,
        "reasons": check.why_not(entry.row) if entry.runs is False else (),
        "installed": entry.installed,
        "mirrors": entry.mirrors,
        "nearest": nearest and _nearest_data(check, nearest),
    }


def _nearest_data(check: Check, nearest: Nearest) -> dict[str, object]:
    return {
        "hash": nearest.dag_hash,
        "version": nearest.version,
        "usable": nearest.runs,
        "reasons": check.why_not(nearest.row) if nearest.runs is False else (),
        "mirrors": nearest.mirrors,
        "differs": nearest.differences,
    }


CheckFormat = Callable[[Check, Sequence[Missing], Sequence[Missing], bool], Lines]

CHECK_FORMATS: dict[str, CheckFormat] = {"text": _text, "json": _json}
"""Format name to the function that gives the lines of a check; the last argument: also what is there."""
