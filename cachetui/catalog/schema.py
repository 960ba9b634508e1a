"""The catalog file: an SQLite container of packed columns, dictionaries and roaring bitmaps.

Rows are ordered by package, newest version first, then by every visible column, so that

  - a package is a range of rows, and so are look-alikes (builds that are equal in every visible column);
  - a column is an array of row -> value id, and ids are given in the order in which values sort;
  - row numbers at and after the number of specs stand for dependencies that no source lists.

The compiler computes sets of rows that answer questions about the DAG:

  - dependents: edges between rows once more, sorted by the row that they point to;
  - ancestors: for each row, all rows that reach it, over all edges and over link and run edges alone; rows
    with too many of them are only marked, and walked up from when they are asked for;
  - depths: the rows by their longest path from a row that nothing depends on.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from enum import Enum
from operator import itemgetter
from typing import Any

import msgspec
from pyroaring import BitMap

from cachetui.spec import Place, Variants, short_patches

SCHEMA_VERSION = 14
"""Incremented with every change of the format; a catalog with another number is compiled again."""

SCHEMA = f"{SCHEMA_VERSION}-{sys.byteorder}"

HASH_BYTES = 20

ROW_CHUNK = 4096
"""Rows whose numbers in a column, or whose hashes, lie in one blob."""

VALUE_CHUNK = 1024
"""Values of a column that lie in one text."""

EDGE_CHUNK = 1024
"""Rows whose edges lie in one blob."""

ANCESTORS_CHUNK = 256
"""Rows whose ancestors lie in one blob."""

ENDS_CHUNK = 8192
"""Reversed edges whose dependents lie in one blob."""

PAGE_SIZE = 16384
"""Bytes; blobs are read in half the time that pages of 4096 take."""

NO_ROW = 0xFFFFFFFF
"""The target of an edge that names no hash."""

DEEPEST = 255
"""Rows at this depth and below are not distinguished."""

_TYPECODES = ("B", "H", "I", "Q")

RUNTIME_DEPTYPES = frozenset({"link", "run"})

WALKED = "walked"
"""The entry of `meta` with the number of rows whose ancestors are not stored."""


class Parameters(msgspec.Struct, frozen=True, gc=False):
    """Variants, flags and patches of a build; many builds share a set."""

    variants: Variants = ()
    flags: tuple[tuple[str, tuple[str, ...]], ...] = ()
    patches: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, bool | str | tuple[str, ...]]:
        """Variants and, as one of them, the beginnings of the patches, then flags; each by name."""
        variants = dict(self.variants)
        if self.patches:
            variants["patches"] = short_patches(self.patches)
            variants = dict(sorted(variants.items(), key=itemgetter(0)))
        return {**variants, **dict(self.flags)}


class EdgeKind(msgspec.Struct, frozen=True, gc=False):
    """The attributes of an edge."""

    name: str
    deptypes: tuple[str, ...]
    virtuals: tuple[str, ...]


class Relation(Enum):
    """The edges to follow from a row to its ancestors."""

    ALL = "all"
    RUNTIME = "runtime"
    """Link and run dependencies."""


COLUMNS: dict[str, Any] = {
    "package": str,
    "version": str,
    "platform": str,
    "os": str,
    "target": str,
    "compilers": tuple[str, ...],
    "namespace": str,
    "parameters": Parameters,
    "external": str,
    "places": tuple[Place, ...],
    "package_hash": str,
    "provided_virtuals": tuple[str, ...],
    "spec_format": int,
}
"""Column name to the type of its values, in the order in which they sort the rows."""

LOOKALIKE_COLUMNS = tuple(COLUMNS)[: tuple(COLUMNS).index("package_hash")]
"""Builds that are equal in all of these are look-alikes."""


def facet_dictionary(facet: str) -> str:
    """Where the values of a facet stand among those of columns."""
    return f"facet {facet}"


def facet_rows(facet: str) -> str:
    """The name of the bitmaps of a facet."""
    return f"facet rows {facet}"


def values_name(name: str) -> str:
    """The name of the chunks that hold a list of values."""
    return f"values {name}"


def column_name(name: str) -> str:
    """The name of the chunks that hold a number for each row."""
    return f"column {name}"


def ancestors_name(relation: int) -> str:
    """The name of the chunks that hold the ancestors by a relation."""
    return f"ancestors {relation}"


def narrowest(limit: int) -> str:
    """The typecode of the narrowest array that holds numbers below a limit."""
    return "B" if limit <= 1 << 8 else "H" if limit <= 1 << 16 else "I" if limit <= 1 << 32 else "Q"


def pack(values: Sequence[int], limit: int) -> bytes:
    """The bytes of the narrowest array that holds numbers below a limit, after its typecode."""
    typecode = narrowest(limit)
    narrow = _narrowed(values, typecode) if isinstance(values, array) else array(typecode, values).tobytes()
    return typecode.encode() + narrow


def _narrowed(values: array[int], typecode: str) -> bytes:
    """The bytes of an array of numbers that fit into another: cut out, as converting takes longer."""
    if typecode == values.typecode:
        return values.tobytes()
    width, size = array(typecode).itemsize, values.itemsize
    if width >= size:
        return array(typecode, values).tobytes()
    wide, narrow = values.tobytes(), bytearray(width * len(values))
    first = 0 if sys.byteorder == "little" else size - width
    for byte in range(width):
        narrow[byte::width] = wide[first + byte :: size]
    return bytes(narrow)


def pack_tight(values: Sequence[int]) -> bytes:
    """The bytes of the narrowest array that holds some numbers, after its typecode."""
    return pack(values, max(values, default=0) + 1)


def unpack(*chunks: bytes) -> array[int]:
    """The array that `pack` wrote, perhaps in several chunks. Raises ValueError."""
    typecode = chunks[0][:1].decode()
    if typecode not in _TYPECODES:
        raise ValueError("a typecode is missing")
    values: array[int] = array(typecode)
    for data in chunks:
        if data[:1] != chunks[0][:1]:
            raise ValueError("typecodes differ")
        values.frombytes(memoryview(data)[1:])
    return values


def pack_bitmap(bitmap: BitMap) -> bytes:
    """The shortest bytes of a set of rows."""
    bitmap.run_optimize()
    return bitmap.serialize()


_TO_DIGITS = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]


def pack_hash(dag_hash: str) -> bytes:
    """A DAG hash as the 20 bytes of which it is the base32 text."""
    return int(dag_hash.translate(_TO_DIGITS), 32).to_bytes(HASH_BYTES, "big")


def pack_hashes(hashes: Sequence[str]) -> bytes:
    """The bytes of several DAG hashes, one after the other."""
    if not hashes:
        return b""
    # Together they are one number, too: each ends where a byte does.
    number = int("".join(hashes).translate(_TO_DIGITS), 32)
    return number.to_bytes(HASH_BYTES * len(hashes), "big")


def unpack_hash(packed: bytes) -> str:
    """The 32 characters of a packed DAG hash."""
    number = int.from_bytes(packed, "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(150, -1, -10)])
