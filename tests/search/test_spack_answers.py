"""Every recorded query finds what the real Spack found, over the same index."""

from __future__ import annotations

import gzip
import json
from itertools import accumulate
from typing import Any

import pytest

from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect
from cachetui.search import Engine, Result, Selection
from tests.conftest import DATA


def recorded(spack: str) -> dict[str, Any]:
    """The queries of one Spack, each with what `hashes_of` reads; None where it gave an error."""
    packed = (DATA / "oracle" / f"queries-{spack}.json.gz").read_bytes()
    queries: dict[str, Any] = json.loads(gzip.decompress(packed))["queries"]
    return queries


QUERIES = {Dialect.SPACK_0: recorded("spack0.23"), Dialect.SPACK_1: recorded("spack1.2")}
CASES = [(dialect, query) for dialect, queries in QUERIES.items() for query in queries]
Engines = dict[Dialect, Engine]


def hashes_of(answer: Any, engine: Engine) -> set[str]:
    """The hashes of a recorded answer: steps through the sorted hashes, or all but those."""
    every = sorted(map(engine.catalog.dag_hash, range(len(engine.catalog))))
    steps = answer["all but"] if isinstance(answer, dict) else answer
    told = {every[after - 1] for after in accumulate(steps)}
    return set(every) - told if isinstance(answer, dict) else told


@pytest.fixture(scope="module")
def engines(engine_0: Engine, engine_1: Engine) -> Engines:
    return {Dialect.SPACK_0: engine_0, Dialect.SPACK_1: engine_1}


def found(engine: Engine, query: str) -> set[str]:
    return hashes(engine.select(Selection(query, exact=True)))


def hashes(result: Result) -> set[str]:
    return {result.catalog.dag_hash(row) for row in result.rows}


def refused(engine: Engine, query: str) -> bool:
    try:
        engine.select(Selection(query, exact=True))
    except QuerySyntaxError:
        return True
    return False


@pytest.mark.parametrize(
    ("dialect", "queries", "errors", "empty"),
    [(Dialect.SPACK_0, 191, 24, 32), (Dialect.SPACK_1, 206, 22, 72)],
)
def test_all_recorded_answers_are_there(dialect: Dialect, queries: int, errors: int, empty: int) -> None:
    answers = list(QUERIES[dialect].values())
    assert (len(answers), answers.count(None), answers.count([])) == (queries, errors, empty)


@pytest.mark.parametrize(("dialect", "query"), CASES)
def test_as_spack_answers(dialect: Dialect, query: str, engines: Engines) -> None:
    engine, answer = engines[dialect], QUERIES[dialect][query]
    if answer is None:
        with pytest.raises(QuerySyntaxError):
            found(engine, query)
    else:
        assert found(engine, query) == hashes_of(answer, engine)


@pytest.mark.parametrize("query", sorted({query for _, query in CASES}))
def test_records_of_both_spacks_together(query: str, engines: Engines, engine_of_both: Engine) -> None:
    accepted = [dialect for dialect in Dialect if not refused(engines[dialect], query)]
    if not accepted:
        with pytest.raises(QuerySyntaxError):
            found(engine_of_both, query)
        return
    result = engine_of_both.select(Selection(query, exact=True))
    assert hashes(result) == set[str]().union(*(found(engines[dialect], query) for dialect in accepted))
    assert {reading.dialect for reading in result.readings if not reading.refusal} == set(accepted)
    assert len(result.readings) == len(Dialect)


@pytest.mark.parametrize("query", ["hdf5%gcc%clang", "hdf5 %c=clang", "hdf5 %%gcc", "^"])
def test_what_one_spack_alone_takes(query: str, engines: Engines, engine_of_both: Engine) -> None:
    result = engine_of_both.select(Selection(query, exact=True))
    assert hashes(result) == hashes_of(QUERIES[Dialect.SPACK_1][query], engines[Dialect.SPACK_1])
    refused_by_0, taken_by_1 = sorted(result.readings, key=lambda reading: not reading.refusal)
    assert (refused_by_0.dialect, refused_by_0.records) == (Dialect.SPACK_0, 5027)
    assert (taken_by_1.dialect, taken_by_1.records, taken_by_1.refusal) == (Dialect.SPACK_1, 1777, "")
    assert f"Spack 0.23: refused: {refused_by_0.refusal}" in result.reading()
