"""Catalogs of whole indexes, and what the real Spack says of walks in them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from tests.conftest import DATA, read

HOLE = DATA / "hole-v2-spack1.2"
"""Of a real cache: the index has a zlib-ng without a binary."""


class Walked(Struct):
    """A whole index, and the recorded walks in it.

    Args:
        walks: hash to what was recorded, each list as steps through the sorted hashes.
    """

    catalog: Catalog
    walks: dict[str, dict[str, Any]]
    hashes: list[str]

    def recorded(self, steps: list[int]) -> list[str]:
        """The hashes that recorded steps lead to, sorted."""
        return [self.hashes[after - 1] for after in accumulate(steps)]


@pytest.fixture(scope="session", params=["spack0.23", "spack1.2"])
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """The index of each Spack."""
    walks = json.loads(gzip.decompress((DATA / "oracle" / f"walks-{request.param}.json.gz").read_bytes()))
    path = tmp_path_factory.mktemp("walked") / "whole.sqlite"
    with closing(compiled(DATA / f"whole-v2-{request.param}", path)) as catalog:
        yield Walked(catalog, walks, sorted(map(catalog.dag_hash, range(len(catalog)))))


@pytest.fixture(scope="session")
def with_hole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """The catalog of HOLE."""
    with closing(compiled(HOLE, tmp_path_factory.mktemp("hole") / "hole.sqlite")) as catalog:
        yield catalog


def compiled(mirror: Path, path: Path) -> Catalog:
    """Compile a mirror of tests/data."""
    compile_catalog(read(mirror)[0], path)
    return Catalog(path)
