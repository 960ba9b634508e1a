"""Read the front matter of a page into records and plain values.

The front matter is YAML, but nearly all its bytes are the records, one line of JSON. msgspec decodes that
line, hundreds of times faster than a YAML parser. In the rest, every scalar stays text: `1.10` is not 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct, field

from cachetui.errors import SourceError
from cachetui.text import clean, reason_of
from cachetui.yaml_text import Dialect, YamlError, read_yaml

Scalar = str | int | None
Many = str | int | tuple[Scalar, ...] | None
"""One value, or several."""

NULLS = ("", "~", "null")
"""How YAML spells null; here these are texts, as all scalars are."""

MAX_YAML_BYTES = 4 * 2**20
"""The YAML parser reads about 1 MB/s; no known page has more than 0.2 MB besides its records."""

_MARKER = b"---"
_BOM = b"\xef\xbb\xbf"
_RECORDS = "spec_details"
_RECORDS_KEY = b"spec_details:"
_UNUSED = "meta"
_UNUSED_KEY = b"meta:"
_DIALECT = Dialect(
    text=lambda value, line: value,
    is_full=False,
    on_duplicate=None,
    max_depth=32,
    max_values=MAX_YAML_BYTES,  # the bytes are limited already
)


class PageRecord(Struct, frozen=True, gc=False):
    """A build as it is on a page; each generation of pages has some of these fields."""

    hash: Scalar = None
    versions: Many = None
    platform: Scalar = None
    os: Scalar = None
    target: Scalar = None
    architecture: Scalar = None
    compiler: Many = None
    variants: Many = None
    stacks: Many = None
    size: Scalar = None


class FrontMatter(Struct, frozen=True):
    """The content of a page."""

    values: dict[str, object] = field(default_factory=dict)
    """All but the records; every scalar is text."""
    records: Sequence[PageRecord | str] | BigRecords | None = None
    """Each record, or the reason why it cannot be read; None if the page has no `spec_details`."""


_RECORDS_DECODER = msgspec.json.Decoder(list[PageRecord])
_LOOSE_DECODER = msgspec.json.Decoder(float_hook=str)
MOST_AT_ONCE = 4 << 20
"""Bytes of records that are decoded in one call; real pages have a tenth of it."""

_RECORD_DECODER = msgspec.json.Decoder(PageRecord)
_RAW_DECODER = msgspec.json.Decoder(list[msgspec.Raw])
_SKIPPING_DECODER = msgspec.json.Decoder(msgspec.Raw)


def read_front_matter(data: bytes, place: str) -> FrontMatter:
    """Read the front matter of UTF-8 text. Raises SourceError with the place."""
    try:
        return _front_matter(data)
    except (YamlError, ValueError) as error:
        raise SourceError(place, clean(str(error))) from error


def _front_matter(data: bytes) -> FrontMatter:
    rest: list[bytes] = []
    size = 0
    fast: dict[str, Sequence[PageRecord | str] | BigRecords] = {}
    for line in _lines(data):
        key, records = _json_line(line)
        if not key:
            rest.append(line)
            size += len(line) + 1
            if size > MAX_YAML_BYTES:
                raise ValueError(f"more than {MAX_YAML_BYTES} bytes of it are not one-line JSON")
            continue
        if key in fast:
            raise ValueError(f"line {len(rest) + 1}: duplicate key {key!r}")
        fast[key] = records
        rest.append(b"")  # so that errors of the YAML parser have the line numbers of the page
    values = _mapping(rest)
    if both := fast.keys() & values.keys():
        raise ValueError(f"duplicate key {min(both)!r}")
    if _RECORDS in values:
        return FrontMatter(values, _loose_records(values.pop(_RECORDS)))
    return FrontMatter(values, fast.get(_RECORDS))


def _lines(data: bytes) -> Iterator[bytes]:
    """Yield an empty line for the opening `---`, then the lines up to the closing one."""
    start = len(_BOM) if data.startswith(_BOM) else 0
    opened = False
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line = data[start:end].removesuffix(b"\r")
        start = end + 1
        is_marker = line.startswith(_MARKER) and line.rstrip() == _MARKER
        if opened and is_marker:
            return
        if not opened and not is_marker:
            break
        yield b"" if is_marker else line
        opened = True
    raise ValueError(
        "the front matter is not closed by ---" if opened else "the page does not begin with ---"
    )


def _json_line(line: bytes) -> tuple[str, Sequence[PageRecord | str] | BigRecords]:
    """Return key and records of a line whose value is JSON; an empty key for any other line."""
    try:
        if line.startswith(_RECORDS_KEY):
            return _RECORDS, _json_records(memoryview(line)[len(_RECORDS_KEY) :])
        if line.startswith(_UNUSED_KEY):
            _SKIPPING_DECODER.decode(line[len(_UNUSED_KEY) :])
            return _UNUSED, []
    except (msgspec.DecodeError, RecursionError):
        return "", []  # some lists are YAML but not JSON
    return "", []


def _json_records(value: memoryview) -> Sequence[PageRecord | str] | BigRecords:
    if len(value) > MOST_AT_ONCE:
        return BigRecords(_RAW_DECODER.decode(value))
    try:
        return list(_RECORDS_DECODER.decode(value))
    except msgspec.ValidationError:
        return _loose_records(_LOOSE_DECODER.decode(value))


class BigRecords:
    """The records of a big page, decoded one by one: all at once would take many times the memory.

    Each can be read once, and is forgotten: what is made of it takes its room.
    """

    def __init__(self, raw: list[msgspec.Raw]) -> None:
        self._left = raw
        raw.reverse()

    def __len__(self) -> int:
        return len(self._left)

    def __iter__(self) -> Iterator[PageRecord | str]:
        while self._left:
            try:
                yield _one_record(self._left.pop())
            except (ValueError, RecursionError) as error:
                yield reason_of(error)


def _one_record(raw: msgspec.Raw) -> PageRecord | str:
    try:
        return _RECORD_DECODER.decode(raw)
    except msgspec.ValidationError:
        return _loose_record(_LOOSE_DECODER.decode(raw))


def _loose_records(values: object) -> list[PageRecord | str]:
    """Convert each record by itself, so that only malformed ones are lost."""
    if values is None or values in NULLS:
        return []
    if not isinstance(values, list):
        raise ValueError(f"{_RECORDS} is not a list")
    return [_loose_record(value) for value in values]


def _loose_record(value: object) -> PageRecord | str:
    try:
        return msgspec.convert(value, PageRecord)
    except msgspec.ValidationError as error:
        return clean(str(error))


def _mapping(lines: list[bytes]) -> dict[str, object]:
    value = read_yaml(b"\n".join(lines).decode(errors="replace"), _DIALECT)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("the front matter is not a mapping")
    return value
