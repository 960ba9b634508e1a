"""Packs a staging into bytes, for another process or for a file, and adds it to another staging."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, chain, count, pairwise
from typing import Any

import msgspec

from cachetui.catalog.compile.room import NoRoomError
from cachetui.catalog.compile.staging import EDGE_BYTES, NO_HASH, WIDTH, IdRow, Staging
from cachetui.catalog.compile.turns import picked, picked_numbers
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


Refuse = Callable[[str], None]
"""Called with the hash of a record that was not taken in."""

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


def absorb(staging: Staging, data: bytes, refuse: Refuse) -> None:
    """Take in all records that `pack_staging` packed, as if each were added.

    Raises:
        msgspec.DecodeError: the data is no packed staging.
    """
    packed = _PACKED.decode(data)
    numbers = [NO_HASH, *map(staging.number, _hashes(packed.hashes))]
    columns = [_VALUES[name].decode(packed.values[name]) for name in COLUMNS]
    entries = picked(numbers, array("I", packed.entries))
    taken: Sequence[int | None]
    if not staging.room.holds(chain(packed.kinds, *columns)):
        records = _one_by_one(packed, staging, columns, numbers)
        taken = _taken(packed, staging, entries, records, refuse)
    else:
        cells, edges = _renumbered(packed, staging, columns, numbers)
        blobs = _blobs(packed, edges)
        many = len(entries)
        is_whole = len(cells) == WIDTH * many and len(blobs) == len(packed.in_buildcache) == many
        if is_whole and len(set(entries)) == many and staging.entries.keys().isdisjoint(entries):
            taken = staging.put_new(entries, cells, blobs, packed.in_buildcache)
        else:
            rows = zip(*(cells[place::WIDTH] for place in range(WIDTH)), strict=True)
            taken = _taken(packed, staging, entries, zip(rows, blobs, strict=True), refuse)
    for place, size in packed.sizes.items():
        if (entry := taken[place]) is not None:
            staging.put_size(entry, size)
    for alias, number in packed.aliases.items():
        staging.put_alias(alias, numbers[number])
    for target, parents in packed.target_parents.items():
        staging.put_target_parents(target, parents)


def _taken(
    packed: _Packed,
    staging: Staging,
    entries: Sequence[int],
    records: Iterable[tuple[IdRow, bytes] | None],
    refuse: Refuse,
) -> list[int | None]:
    """Take in records one by one; the entry of each, None for those that there is no room for."""
    taken: list[int | None] = []
    for number, record, cached in zip(entries, records, packed.in_buildcache, strict=True):
        entry = None
        if record is not None:
            with suppress(NoRoomError):
                entry = staging.put(number, *record, bool(cached))
        if entry is None:
            refuse(staging.hashes[number])
        taken.append(entry)
    return taken


def _hashes(text: str) -> list[str]:
    return [text[start : start + HASH_LENGTH] for start in range(0, len(text), HASH_LENGTH)]


def _renumbered(
    packed: _Packed, staging: Staging, columns: list[list[Any]], numbers: list[int]
) -> tuple[array[int], array[int]]:
    """The rows with the value ids of another staging, and the edges with its hash numbers and edge kinds."""
    cells, edges = array("I", packed.cells), array("I", packed.edges)
    for place, (name, values) in enumerate(zip(COLUMNS, columns, strict=True)):
        ids = list(map(staging.interners[name].id, values))
        cells[place::WIDTH] = picked_numbers(ids, cells[place::WIDTH])
    kinds = list(map(staging.edge_kinds.id, packed.kinds))
    edges[::2] = picked_numbers(numbers, edges[::2])
    edges[1::2] = picked_numbers(kinds, edges[1::2])
    return cells, edges


def _one_by_one(
    packed: _Packed, staging: Staging, columns: list[list[Any]], numbers: list[int]
) -> Iterator[tuple[IdRow, bytes] | None]:
    """The same where there may be no room for the values of all records; None for those without room."""
    cells = array("I", packed.cells)
    ids = [interner.id for interner in staging.interners.values()]
    for start, blob in zip(count(0, WIDTH), _blobs(packed, array("I", packed.edges)), strict=False):
        edges = array("I", blob)
        try:
            row = tuple(
                number(values[cell])
                for number, values, cell in zip(ids, columns, cells[start : start + WIDTH], strict=True)
            )
            edges[1::2] = array("I", [staging.edge_kinds.id(packed.kinds[kind]) for kind in edges[1::2]])
            edges[::2] = array("I", list(map(numbers.__getitem__, edges[::2])))
            yield row, edges.tobytes()
        except NoRoomError:
            yield None


def _blobs(packed: _Packed, edges: array[int]) -> list[bytes]:
    """The edges of each entry."""
    data = edges.tobytes()
    ends = accumulate((many * EDGE_BYTES for many in array("I", packed.edge_counts)), initial=0)
    return [data[start:end] for start, end in pairwise(ends)]
