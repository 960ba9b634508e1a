"""A source has room for so many different values; records that bring more are refused, others stay."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cachetui.catalog.compile import NoRoomError, Room, Staging, absorb, pack_staging, room
from cachetui.spec import Dependency, Place, Spec
from tests.conftest import dag_hash


def spec(number: int, **fields: object) -> Spec:
    return replace(Spec(name="a", dag_hash=dag_hash(number), version="1"), **fields)


NEW_VALUES = {
    "name": {"name": "other"},
    "version": {"version": "2"},
    "variants": {"variants": (("v", "1"), ("w", ("x", "y", "z")))},
    "flags": {"flags": (("cflags", ("-g", "-O3")),)},
    "patches": {"patches": ("0" * 64,)},
    "virtuals": {"provided_virtuals": ("mpi",)},
    "edge": {"dependencies": (Dependency("b", ""),)},
    "edge virtuals": {"dependencies": (Dependency("a", dag_hash(1), (), ("c", "cxx")),)},
    "parents": {"target_parents": ("x86_64",)},
    "places": {"places": (Place("m", "t"),)},
}


@pytest.mark.parametrize("fields", NEW_VALUES.values(), ids=NEW_VALUES)
def test_a_record_with_too_many_new_values_is_refused(
    fields: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LEAST_ROOM", 20)
    small = Staging(Room(0))
    small.add(spec(1))
    refused, number = list[int](), 2
    while not refused and number < 100:
        new = {name: _another(value, number) for name, value in fields.items()}
        try:
            small.add(spec(number, **new))
        except NoRoomError:
            refused.append(number)
        number += 1
    assert 2 < number < 30, "too few or too many are taken"
    small.add(spec(1000))
    assert len(small) == number - 1


def _another(value: object, number: int) -> object:
    return (*value, _numbered(value[0], number)) if isinstance(value, tuple) else f"{value}{number}"


def _numbered(value: object, number: int) -> object:
    if isinstance(value, tuple):
        return (f"v{number}", *value[1:])
    if isinstance(value, Dependency):
        return replace(value, name=f"b{number}")
    if isinstance(value, Place):
        return replace(value, tag=f"t{number}")
    return f"{value}{number}"


def test_what_another_process_has_read_is_refused_likewise(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Staging()
    for number in range(10):
        read.add(spec(number, name=f"n{number}", dependencies=(Dependency(f"d{number % 5}", dag_hash(0)),)))
    read.add(spec(0, size=5))
    read.add(spec(9, size=7))
    monkeypatch.setattr(room, "LEAST_ROOM", 30)
    taken, refused = Staging(Room(0)), list[str]()
    absorb(taken, pack_staging(read), refused.append)
    assert 0 < len(refused) < 10
    assert len(taken) + len(refused) == len(read)
    assert not set(refused) & set(taken.entry_hashes())
    assert sum(taken.sizes.values()) == 5
