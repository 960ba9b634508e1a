"""The text of an index, database versions 5 to 9: its parts, and its specs.

A big index is read in parts. Of others, `installs` stays raw JSON and is decoded one record at a time, as all
records at once would need many times the memory.
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
from cachetui.errors import SourceError
from cachetui.fetch import GZIP, unpacked
from cachetui.files import unexpected_content
from cachetui.sources.base import BATCH_SIZE, NEWEST_DATABASE, Batch, Problem, Report
from cachetui.sources.index.parts import IndexPart, find_cuts
from cachetui.sources.index.records import RecordReader, raw_records
from cachetui.spec import Place, Spec
from cachetui.text import clean

_BOM = b"\xef\xbb\xbf"
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
    reader, records, size = open_records(file, place, label, report)
    specs: list[Spec] = []
    done = 0
    for dag_hash, raw in records.items():
        done += memoryview(raw).nbytes
        if spec := reader.read_one(dag_hash, raw, report):
            specs.append(spec)
        if len(specs) == BATCH_SIZE:
            yield Batch(specs, done, size)
            specs = []
    yield Batch(specs, size, size)


def open_records(
    file: Path, place: Place, label: str, report: Report
) -> tuple[RecordReader, dict[str, Raw], int]:
    """Return (reader of the records, records as raw JSON, size of the index). Raises SourceError."""
    text = _content(file, label)
    database = _database(text, label)
    records = _records(database, label)
    return RecordReader(label, _version(database, label, report), place), records, len(text)


def check_complete(file: Path, place: str) -> None:
    """Raise SourceError if a plain file is not a complete index; of a big one, only the ends are checked."""
    cuts = find_cuts(file)
    if cuts is not None:
        with suppress(SourceError):
            _database(b"".join(cuts.ends), place)
            return
    _database(read_bytes(file), place)


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
    except (msgspec.ValidationError, RecursionError, UnicodeDecodeError) as error:
        raise SourceError(place, f"not a Spack index: {clean(str(error))}") from error
    except msgspec.DecodeError as error:
        reason, offset = _reason(error)
        if offset is not None and "trailing" in reason:  # text after the index is ignored
            return _decoded(body[: offset - 1], place)
        at = f"byte {offset:,}" if offset is not None else f"the end, byte {len(body):,}"
        raise SourceError(
            place, f"truncated or damaged JSON at {at} ({reason}); download it again"
        ) from error


def _reason(error: msgspec.DecodeError) -> tuple[str, int | None]:
    match = _OFFSET.fullmatch(str(error))
    return (match[1], int(match[2])) if match else (str(error), None)


def _database_version(database: _Database) -> int:
    text = bytes(database.version).decode(errors="replace").strip('"')
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return 0 if text.startswith("0.") else NEWEST_DATABASE


def _records(database: _Database, place: str) -> dict[str, Raw]:
    try:
        return raw_records(database.installs)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            place, f"not a Spack index: `installs` is not a mapping ({clean(str(error))})"
        ) from error
