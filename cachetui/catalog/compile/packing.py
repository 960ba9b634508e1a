"""Packs a staging into bytes, for another process or for a file, and adds it to another staging."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec

from cachetui.catalog.compile.staging import EDGE_BYTES, NO_HASH, WIDTH, IdRow, Staging
from cachetui.catalog.schema import COLUMNS, EdgeKind
from cachetui.spec import HASH_LENGTH


def _values_decoder(name: str, kind: Any) -> msgspec.msgpack.Decoder[list[Any]]:
    if name == "compilers":  # that may still have to be found from the edges
        kind = tuple[str, ...] | None
    return msgspec.msgpack.Decoder(list[kind])


_VALUES = {name: _values_decoder(name, kind) for name, kind in COLUMNS.items()}


class _Packed(msgspec.Struct, array_like=True):
    values: dict[str, bytes]
    kinds: list[EdgeKind]
    hashes: str
    entries: bytes
    cells: bytes
    edges: bytes
    edge_counts: bytes
    in_buildcache: bytes
    target_parents: dict[str, tuple[str, ...]]
    sizes: dict[int, int]
    aliases: dict[str, int]


_PACKED = msgspec.msgpack.Decoder(_Packed)


def pack_staging(staging: Staging) -> bytes:
    """Pack a whole staging for `absorb`."""
    counts = array("I", [len(edges) // EDGE_BYTES for edges in staging.edge_blobs])
    packed = _Packed(
        values={name: msgspec.msgpack.encode(staging.interners[name].values) for name in COLUMNS},
        kinds=staging.edge_kinds.values,
        hashes="".join(staging.hashes),
        entries=array("I", list(staging.entries)).tobytes(),
        cells=staging.cells.tobytes(),
        edges=b"".join(staging.edge_blobs),
        edge_counts=counts.tobytes(),
        in_buildcache=bytes(staging.in_buildcache),
        target_parents=staging.target_parents,
        sizes=staging.sizes,
        aliases=staging.aliases,
    )
    return msgspec.msgpack.encode(packed)


def absorb(staging: Staging, data: bytes) -> int:
    """Take in all records that `pack_staging` packed, as if each were added; return their number.

    Raises:
        msgspec.DecodeError: the data is no packed staging.
    """
    packed = _PACKED.decode(data)
    numbers = [NO_HASH, *map(staging.number, _hashes(packed.hashes))]
    edges = _edges(packed, numbers, list(map(staging.edge_kinds.id, packed.kinds)))
    taken: list[int] = []
    for number, row, blob, cached in zip(
        array("I", packed.entries), _rows(packed, staging), edges, packed.in_buildcache, strict=True
    ):
        taken.append(staging.put(numbers[number], row, blob, bool(cached)))
    for entry, size in packed.sizes.items():
        staging.put_size(taken[entry], size)
    for alias, number in packed.aliases.items():
        staging.put_alias(alias, numbers[number])
    for target, parents in packed.target_parents.items():
        staging.put_target_parents(target, parents)
    return len(taken)


def _hashes(text: str) -> list[str]:
    return [text[start : start + HASH_LENGTH] for start in range(0, len(text), HASH_LENGTH)]


def _rows(packed: _Packed, staging: Staging) -> Iterator[IdRow]:
    """The rows with the value ids of another staging."""
    cells = array("I", packed.cells)
    columns: list[Any] = []
    for place, name in enumerate(COLUMNS):
        ids = list(map(staging.interners[name].id, _VALUES[name].decode(packed.values[name])))
        columns.append(map(ids.__getitem__, cells[place::WIDTH]))
    return zip(*columns, strict=True)


def _edges(packed: _Packed, numbers: list[int], kinds: list[int]) -> list[bytes]:
    """The edges of each entry with the hash numbers and edge kinds of another staging."""
    edges = array("I", packed.edges)
    edges[::2] = array("I", list(map(numbers.__getitem__, edges[::2])))
    edges[1::2] = array("I", list(map(kinds.__getitem__, edges[1::2])))
    data = edges.tobytes()
    ends = [0]
    for count in array("I", packed.edge_counts):
        ends.append(ends[-1] + count * EDGE_BYTES)
    return [data[start:end] for start, end in pairwise(ends)]
