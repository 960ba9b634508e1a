"""A staging that is packed and absorbed is as if each of its records had been added."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from cachetui.catalog.compile import Staging, absorb, pack_staging, stage, write_catalog
from cachetui.spec import Dependency, Place, Spec
from tests.conftest import MIRROR_023, dag_hash, read


def spec(number: int, tag: str = "") -> Spec:
    return Spec(
        name=f"n{number % 3}",
        dag_hash=dag_hash(number),
        version=f"1.{number}",
        dependencies=(Dependency("d", dag_hash(number // 2), ("link",)), Dependency("gone", "z" * 32)),
        places=(Place("m", tag),),
        size=number,
    )


def refuse(dag_hash: str) -> None:
    raise AssertionError(dag_hash)


@pytest.mark.parametrize("second", [range(10, 20), range(5, 15), range(10), range(0)])
def test_absorbed_records_are_like_added_ones(second: range) -> None:
    first, more = [spec(n) for n in range(10)], [spec(n, "t") for n in second]
    absorbed = Staging()
    for specs in (first, more):
        some = Staging()
        for each in specs:
            some.add(each)
        absorb(absorbed, pack_staging(some), refuse)
    absorbed.follow_compiler_edges()
    added = stage([*first, *more])
    assert [absorbed.row(n) for n in range(len(absorbed))] == [added.row(n) for n in range(len(added))]
    assert absorbed.entry_hashes() == added.entry_hashes()
    assert [list(absorbed.edges(n)) for n in range(len(added))] == [
        list(added.edges(n)) for n in range(len(added))
    ]
    assert (absorbed.merged, absorbed.sizes) == (added.merged, added.sizes)


def test_a_real_index(tmp_path: Path) -> None:
    specs, _ = read(MIRROR_023)
    absorbed = Staging()
    for half in (specs[:3000], specs[3000:]):
        absorb(absorbed, pack_staging(stage(half)), refuse)
    absorbed.follow_compiler_edges()
    assert written(absorbed, tmp_path / "absorbed") == written(stage(specs), tmp_path / "added")


def written(staging: Staging, path: Path) -> list[tuple[object, ...]]:
    """All chunks of the catalog of a staging."""
    write_catalog(staging, path)
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT * FROM chunk ORDER BY name, number").fetchall()


@pytest.mark.parametrize("cut", ["entries", "in_buildcache"])
def test_parts_that_do_not_fit_are_no_staging(cut: str) -> None:
    staging = stage([spec(n) for n in range(4)])
    place = {"entries": 3, "in_buildcache": 7}[cut]
    packed = msgspec.msgpack.decode(pack_staging(staging))
    packed[place] = packed[place][:-4]
    with pytest.raises(ValueError, match=r"shorter|longer"):
        absorb(Staging(), msgspec.msgpack.encode(packed), refuse)
