"""The text of an index, database versions 5 to 9: its parts, and its specs.

A big one is read in parts; of others the text stays text, and one record at a time becomes a Spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from cachetui.errors import SourceError
from cachetui.fetch import GZIP, unpacked
from cachetui.files import read_bytes
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
    """Runs of records of a big plain index; none if it has to be read as a whole. Raises SourceError."""
    cuts = find_cuts(file)
    if cuts is None:
        return []
    head, tail = cuts.ends
    try:
        database = _database(head + tail, "")
    except SourceError:
        return []  # reading it as a whole tells what is wrong, and where
    installs, opening = bytes(database.installs), head.rfind(b"{")
    if not (head + tail).startswith(installs, opening):
        return []  # the boundaries lie elsewhere
    end = cuts.boundaries[-1] + len(installs) - 1 - (len(head) - opening)
    version = _version(database, label, report)
    offsets = pairwise([*cuts.boundaries, end])
    return [
        IndexPart(file, place, label, version, cuts.identity, first, last, is_last=last == end)
        for first, last in offsets
    ]


def index_batches(file: Path, place: Place, label: str, report: Report) -> Iterator[Batch]:
    """The specs of the index, in its order; bad records go to `report`. Raises SourceError."""
    text = _content(file, label)
    database = _database(text, label)
    records = _records(database, label)
    reader = RecordReader(label, _version(database, label, report), place)
    specs: list[Spec] = []
    done = 0
    for dag_hash, raw in records.items():
        done += memoryview(raw).nbytes
        if spec := reader.alone(dag_hash, raw, report):
            specs.append(spec)
        if len(specs) == BATCH_SIZE:
            yield Batch(specs, done, len(text))
            specs = []
    yield Batch(specs, len(text), len(text))


def check_whole(file: Path, place: str) -> None:
    """Raises SourceError for a plain file that is no index, or not all of one; of a big one the ends tell."""
    cuts = find_cuts(file)
    if cuts is not None:
        with suppress(SourceError):
            _database(b"".join(cuts.ends), place)
            return
    _database(read_bytes(file), place)


def _version(database: _Database, place: str, report: Report) -> int:
    version = _database_version(database)
    if version > NEWEST_DATABASE:
        reason = f"database version {version} is newer than {NEWEST_DATABASE}; read as that"
        report(Problem(place, reason, skipped=False))
    return version


def _content(file: Path, label: str) -> bytes:
    """The bytes of an index. It is not mapped: a file that shrinks meanwhile would end the program."""
    data = read_bytes(file)
    return unpacked(data, label) if data.startswith(GZIP) else data


def _database(text: bytes, place: str) -> _Database:
    """The database of an index whose records are still raw text."""
    body = memoryview(text)[len(_BOM) if text.startswith(_BOM) else 0 :]
    start = bytes(body[:256]).lstrip()
    if not start:
        raise SourceError(place, "the index is empty; download it again")
    if not start.startswith(b"{"):
        raise SourceError(
            place, f"not a JSON index: it begins with {clean(start[:20].decode(errors='replace'))!r}"
        )
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
        if offset is not None and "trailing" in reason:
            return _decoded(body[: offset - 1], place)
        at = f"byte {offset:,}" if offset is not None else f"the end, byte {len(body):,}"
        raise SourceError(
            place, f"the JSON is cut short or damaged at {at} ({reason}); download it again"
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
            place, f"not a Spack index: `installs` is no mapping ({clean(str(error))})"
        ) from error
