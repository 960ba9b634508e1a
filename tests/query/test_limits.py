"""Whatever is typed or pasted is read within bounds, and refused in one line beyond them."""

from __future__ import annotations

import random

import pytest

from cachetui.errors import FilterError, QuerySyntaxError
from cachetui.query import LONGEST, MOST_TERMS, Dialect, parse
from cachetui.query.limits import MOST_NAMELESS
from cachetui.refresh import open_catalog
from cachetui.search import Engine, Selection, check_query, choice_of, complete, terms_of, without_unfinished

PIECES = (
    "^",
    "(",
    "a=b=",
    "1",
    ".",
    "@1:2,",
    "@:",
    ",",
    "é",
    "漢",
    "'",
    '"\\',
    "^[",
    "%a ",
    "^zlib ",
    "-",
    "/a",
    " ",
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(open_catalog(["sample"]).catalog)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("exact", [True, False])
def test_a_text_that_is_too_long_is_refused_before_it_is_read(
    engine: Engine, piece: str, exact: bool
) -> None:
    text = piece * 1_000_000
    with pytest.raises(QuerySyntaxError, match=f"at most {LONGEST:,} characters") as caught:
        engine.select(Selection(text, exact=exact))
    assert caught.value.underline().index("^") == LONGEST
    for dialect in Dialect:
        with pytest.raises(QuerySyntaxError, match="at most"):
            parse(text, dialect)
    with pytest.raises(QuerySyntaxError, match="at most"):
        check_query(text)
    assert not complete(engine, Selection(text), len(text)).items
    assert without_unfinished(text) is None
    assert terms_of(engine, Selection(text)) == []
    with pytest.raises(FilterError, match="at most"):
        choice_of(f"os={text}", engine.attributes)


@pytest.mark.parametrize("dependency", ["^@{}:", "^/{}", "^[virtuals=mpi] @{}:", "^+v{}"])
def test_a_query_has_few_dependencies_without_a_name(dependency: str) -> None:
    texts = [dependency.format(number) for number in range(MOST_NAMELESS + 1)]
    for dialect in Dialect:
        assert parse(" ".join(texts[:-1]), dialect)
        with pytest.raises(QuerySyntaxError, match=f"at most {MOST_NAMELESS} dependencies without a name"):
            parse(" ".join(texts), dialect)


def test_dependencies_in_conditions_count() -> None:
    texts = [f"^[when='^@{number}:'] zlib" for number in range(MOST_NAMELESS + 1)]
    with pytest.raises(QuerySyntaxError, match="dependencies without a name"):
        parse(" ".join(texts))


def test_dependencies_with_a_name_or_a_hash_are_many() -> None:
    texts = [f"^/{number:07} ^d{number}" for number in range(40)]
    assert len(parse(" ".join(texts)).dependencies) == 80


def test_the_longest_text_is_read() -> None:
    text = "hdf5".ljust(LONGEST)
    assert parse(text).root.name == "hdf5"
    with pytest.raises(QuerySyntaxError):
        parse(text + " ")


@pytest.mark.parametrize("term", ["+v{} ", "^d{} ", "%d{} "])
def test_a_query_has_a_most_of_terms(term: str) -> None:
    each = len(parse(f"x {term.format(0)}").root.variants) or 2
    texts = [term.format(i) for i in range(MOST_TERMS)]
    whole = "x " + "".join(texts[: (MOST_TERMS - 1) // each])
    assert str(parse(whole))
    with pytest.raises(QuerySyntaxError, match=f"at most {MOST_TERMS} terms") as caught:
        parse(whole + "".join(texts[-3:]))
    (start, _), *more = caught.value.spans
    assert start >= len(whole) and not more


def test_many_words_are_refused(engine: Engine) -> None:
    with pytest.raises(QuerySyntaxError, match="terms"):
        engine.select(Selection("qx " * (MOST_TERMS + 1)))


def test_hashes_of_a_list_are_read(engine: Engine) -> None:
    catalog = engine.catalog
    first = catalog.dag_hash(0)
    pasted = " ".join(catalog.dag_hash(row % len(catalog)) for row in range(MOST_TERMS // 2))
    assert len(pasted) < LONGEST
    for text in (first, f"/{first}"):
        assert list(engine.select(Selection(text)).rows) == [0]
    engine.select(Selection(pasted))  # words: no error


@pytest.mark.parametrize("seed", range(20))
def test_random_texts_are_read_or_refused(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    pieces = (*PIECES, "hdf5", "zlib", "mpi", "target=zen3", "+mpi", "==", "]", "~~", "\0", "\ud800")
    text = "".join(chance.choices(pieces, k=chance.choice((10, 100, 2000))))
    for exact in (True, False):
        try:
            engine.select(Selection(text, exact=exact))
        except QuerySyntaxError as error:
            assert "\n" not in str(error) and len(error.underline()) <= len(text) + 1
    complete(engine, Selection(text), len(text))
