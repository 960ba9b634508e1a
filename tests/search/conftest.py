"""Engines over the whole indexes that the recorded answers of Spack belong to, and over a few specs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.query import Dialect, parse
from cachetui.search import Attributes, Engine
from cachetui.search.evaluate import Evaluator
from cachetui.spec import Spec
from tests.conftest import DATA, CatalogOf, read
from tests.search.specs import NUMBERS, OLD, Find, Found, of_format

WHOLE_0 = DATA / "whole-v2-spack0.23"
WHOLE_1 = DATA / "whole-v2-spack1.2"


@pytest.fixture(scope="session")
def specs_0() -> list[Spec]:
    """All records of an index that Spack 0.23 wrote."""
    return read(WHOLE_0)[0]


@pytest.fixture(scope="session")
def specs_1() -> list[Spec]:
    """All records of an index that Spack 1.2 wrote."""
    return read(WHOLE_1)[0]


@pytest.fixture(scope="session")
def engine_0(specs_0: list[Spec], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Answers over `specs_0`."""
    yield from engine_of(specs_0, tmp_path_factory.mktemp("whole_0"))


@pytest.fixture(scope="session")
def engine_1(specs_1: list[Spec], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Answers over `specs_1`."""
    yield from engine_of(specs_1, tmp_path_factory.mktemp("whole_1"))


@pytest.fixture(scope="session")
def engine_of_both(
    specs_0: list[Spec], specs_1: list[Spec], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Answers over the records of both Spacks together."""
    yield from engine_of([*specs_0, *specs_1], tmp_path_factory.mktemp("whole_of_both"))


def engine_of(specs: Iterable[Spec], folder: Path) -> Iterator[Engine]:
    """An engine, as long as the fixture lives."""
    compile_catalog(specs, folder / "c.sqlite")
    with closing(Catalog(folder / "c.sqlite")) as catalog:
        yield Engine(catalog)


@pytest.fixture
def found(catalog_of: CatalogOf) -> Found:
    """Compiles specs, those without a format as of one Spack; a query finds the numbers of specs."""

    def over(specs: Iterable[Spec], dialect: Dialect) -> Find:
        catalog = catalog_of(of_format(4 if dialect is OLD else 5, specs))
        evaluator = Evaluator(Attributes(catalog))
        return lambda text: {
            NUMBERS[catalog.dag_hash(row)] for row in evaluator.evaluate(parse(text, dialect), dialect)
        }

    return over
