"""Changed input for every reader, a little of it; and all that once failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stress.fuzz import CORPUS, failure_of, failures
from tests.stress.mutating import Mutator
from tests.stress.readers import BY_NAME, READERS, Reader

SEED = 1
ROUNDS = 25

KEPT = [(name, file) for name in BY_NAME for file in sorted((CORPUS / name).glob("*"))]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", BY_NAME)
def test_a_reader_answers_or_refuses(name: str, tmp_path: Path) -> None:
    reader = BY_NAME[name]
    rounds = max(int(ROUNDS * reader.weight), 1)
    assert failures(reader, SEED, rounds, tmp_path) == []


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("name", "file"), KEPT, ids=[f"{name}-{file.name}" for name, file in KEPT])
def test_what_once_failed_is_read(name: str, file: Path, tmp_path: Path) -> None:
    assert failure_of(BY_NAME[name], file.read_bytes(), tmp_path) == ""


def test_the_same_seed_makes_the_same_input() -> None:
    seed = BY_NAME["index"].seeds[0]
    assert Mutator("1").changed(seed) == Mutator("1").changed(seed)
    assert len({Mutator(number).changed(seed) for number in range(50)}) > 40


def test_every_reader_reads_its_real_input(tmp_path: Path, home: Path) -> None:
    for reader in READERS:
        folder = tmp_path / reader.name
        folder.mkdir()
        for data in reader.seeds[:3]:
            assert failure_of(reader, data, folder) == "", reader.name


def test_a_failure_is_found_and_shrunk(tmp_path: Path) -> None:
    def read(data: bytes, folder: Path) -> None:
        if b"\x00" in data:
            raise KeyError(data)

    broken = Reader("query", "", lambda: [b"some words of a query"], read)
    (found,) = failures(broken, SEED, 400, tmp_path)
    assert found == ("KeyError in the test", b"\x00")
