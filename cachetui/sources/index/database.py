"""The text of an index, database versions 5 to 9: its parts, and its specs.

A big index is read in parts. Of others, `installs` stays raw JSON and is decoded one record at a time, as all
records at once would need many times the memory. An index that is no JSON as a whole is searched for records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from cachetui.bounded import read_bytes
from cachetui.errors import SourceError, UndecodableError
from cachetui.fetch import GZIP, unpacked
from cachetui.files import unexpected_content
from cachetui.sources.base import BATCH_BYTES, BATCH_SIZE, NEWEST_DATABASE, Batch, Problem, Problems, Report
from cachetui.sources.index.members import BrokenError, Members, check_closed, value_at
from cachetui.sources.index.parts import BOUNDARY, IndexPart, find_cuts
from cachetui.sources.index.records import RecordReader, located
from cachetui.spec import Place, Spec
from cachetui.text import clean, reason_of

_BOM = b"\xef\xbb\xbf"
_LAST_VERSION = re.compile(rb'"version"\s*:\s*("?[\d.]+"?)')
_END = 4096
_OFFSET = re.compile(r"(.*) \(byte (\d+)\)")


class _Database(Struct):
    version: Raw = Raw(b"0")
    installs: Raw = Raw(b"null")


class _Index(Struct):
    database: _Database | None = None


def index_parts(file: Path, place: Place, label: str, report: Report) -> list[IndexPart]:
    """Split a big plain index into runs of records; other ones have no parts. Raises SourceError."""
    cuts = find_cuts(file)
    if cuts is None:
        return []
    head, tail = cuts.ends
    try:
        database = _database(head + tail, "")
    except SourceError:
        return []  # read as a whole, it gives a better error
    installs, opening = bytes(database.installs), head.rfind(b"{")
    if not (head + tail).startswith(installs, opening):
        return []  # the boundaries are not those of `installs`
    end = cuts.boundaries[-1] + len(installs) - 1 - (len(head) - opening)
    version = _version(database, label, report)
    offsets = pairwise([*cuts.boundaries, end])
    return [
        IndexPart(file, place, label, version, cuts.identity, first, last, is_last=last == end)
        for first, last in offsets
    ]


def index_batches(file: Path, place: Place, label: str, report: Report) -> Iterator[Batch]:
    """Yield the specs of an index in order; bad records go to `report`. Raises SourceError."""
    text = _content(file, label)
    database, records = _opened(text, label, report)
    reader = RecordReader(label, _version(database, label, report), place)
    size = len(text)
    specs: list[Spec] = []
    done = begun = 0
    for dag_hash, raw in records:
        done += raw.nbytes
        if spec := reader.read_one(dag_hash, raw, report):
            specs.append(spec)
        if len(specs) == BATCH_SIZE or done - begun > BATCH_BYTES:
            yield Batch(specs, done, size)
            specs, begun = [], done
    yield Batch(specs, size, size)


def check_complete(file: Path, place: str) -> None:
    """Raise SourceError if a plain file is not a complete index; of a big one, only the ends are checked."""
    cuts = find_cuts(file)
    if cuts is not None:
        with suppress(SourceError):
            _database(b"".join(cuts.ends), place)
            return
    _opened(read_bytes(file), place, lambda problem: None)


def _opened(text: bytes, label: str, report: Report) -> tuple[_Database, Iterator[tuple[str, memoryview]]]:
    """The version of an index and its records, in order; keys that are none go to `report`."""
    try:
        database = _database(text, label)
        installs = memoryview(database.installs)
        if not bytes(installs[:1]).startswith(b"{"):
            raise SourceError(label, "not a Spack index: `installs` is not a mapping")
        return database, located(Members(installs), installs, label, report)
    except UndecodableError as error:
        problems = Problems()
        try:
            found = _searched(text, label, problems.add)
        except BrokenError:
            raise SourceError(label, error.reason) from error
        for problem in problems.all():
            report(problem)
        return found


def _searched(text: bytes, label: str, report: Report) -> tuple[_Database, Iterator[tuple[str, memoryview]]]:
    """The same of an index that is no JSON, perhaps for one bad record. Raises BrokenError."""
    view = memoryview(text)[len(_BOM) if text.startswith(_BOM) else 0 :]
    start, _ = value_at(view, 0, "database")
    start, before = value_at(view, start, "installs")
    members = Members(view, start)
    records = located(members, view, label, report)
    check_closed(view, members.end, 2)
    if BOUNDARY.search(view, members.end):
        raise BrokenError(members.end)
    version = before.get("version") or _LAST_VERSION.search(view, max(0, len(view) - _END))
    found = b"0" if version is None else version[1] if isinstance(version, re.Match) else bytes(version)
    return _Database(Raw(found)), records


def _version(database: _Database, place: str, report: Report) -> int:
    version = _database_version(database)
    if version > NEWEST_DATABASE:
        reason = f"database version {version} is newer than {NEWEST_DATABASE}; read as {NEWEST_DATABASE}"
        report(Problem(place, reason, skipped=False))
    return version


def _content(file: Path, label: str) -> bytes:
    """Read an index. Not by mmap: if the file shrinks meanwhile, the program would die of SIGBUS."""
    data = read_bytes(file)
    return unpacked(data, label) if data.startswith(GZIP) else data


def _database(text: bytes, place: str) -> _Database:
    """Decode an index down to its records, which stay raw JSON."""
    body = memoryview(text)[len(_BOM) if text.startswith(_BOM) else 0 :]
    start = bytes(body[:256]).lstrip()
    if not start:
        raise SourceError(place, "the index is empty; download it again")
    if not start.startswith(b"{"):
        raise SourceError(place, unexpected_content("a JSON index", start))
    index = _decoded(body, place)
    if index.database is None:
        raise SourceError(place, "not a Spack index: it has no `database`")
    return index.database


def _decoded(body: memoryview, place: str) -> _Index:
    try:
        return msgspec.json.decode(body, type=_Index)
    except msgspec.ValidationError as error:
        raise SourceError(place, f"not a Spack index: {clean(str(error))}") from error
    except (RecursionError, UnicodeDecodeError) as error:
        raise UndecodableError(place, f"not a Spack index: {reason_of(error)}") from error
    except msgspec.DecodeError as error:
        reason, offset = _reason(error)
        if offset is not None and "trailing" in reason:
            index = _decoded(body[: offset - 1], place)
            # Text after the index is ignored, unless it is the rest of the index behind a brace too many.
            if not _has_more_records(body, index):
                return index
        at = f"byte {offset:,}" if offset is not None else f"the end, byte {len(body):,}"
        raise UndecodableError(
            place, f"truncated or damaged JSON at {at} ({reason}); download it again"
        ) from error


def _has_more_records(body: memoryview, index: _Index) -> bool:
    """Whether there are records behind what was decoded as `installs`."""
    if index.database is None:
        return False
    with suppress(BrokenError):
        start, _ = value_at(body, 0, "database")
        start, _ = value_at(body, start, "installs")
        return BOUNDARY.search(body, start + memoryview(index.database.installs).nbytes) is not None
    return False


def _reason(error: msgspec.DecodeError) -> tuple[str, int | None]:
    match = _OFFSET.fullmatch(str(error))
    return (match[1], int(match[2])) if match else (str(error), None)


def _database_version(database: _Database) -> int:
    text = bytes(database.version).decode(errors="replace").strip('"')
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return 0 if text.startswith("0.") else NEWEST_DATABASE
