"""The terms of a selection, counted alone and left out, to show which of them leaves no build."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachetui.errors import QuerySyntaxError
from cachetui.search import Choice, Engine, Selection, Term, terms_of
from cachetui.search.terms import MOST
from cachetui.spec import Spec
from tests.conftest import build, dag_hash
from tests.search.conftest import engine_of

MPI, NO_MPI = (("mpi", True),), (("mpi", False),)
O2 = (("cflags", ("-O2", "-g")),)


def hdf5(number: int, version: str, variants: object, *needs: object, **fields: object) -> Spec:
    return build(number, "hdf5", version=version, variants=variants, needs=needs, **fields)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Answers over four builds of hdf5, and what two of them depend on."""
    specs = [
        hdf5(1, "1.10", NO_MPI),
        hdf5(2, "1.12", MPI, ("openmpi", 8, "link")),
        hdf5(3, "1.14", MPI, ("openmpi", 8, "link"), os="rhel8"),
        hdf5(4, "1.14", NO_MPI, flags=O2, os="rhel8"),
        build(8, "openmpi", version="5"),
        build(9, "mpich", version="4"),
    ]
    yield from engine_of(specs, tmp_path_factory.mktemp("terms"))


def counted(terms: list[Term]) -> list[tuple[str, int, int, str]]:
    return [(term.text, term.alone, term.without, term.rest.text) for term in terms]


def terms(engine: Engine, text: str) -> list[tuple[str, int, int, str]]:
    """(text, alone, without, the rest of the query) of each term of a typed query."""
    return counted(terms_of(engine, Selection().with_text(text)))


def test_each_term_is_counted_alone_and_left_out(engine: Engine) -> None:
    assert terms(engine, "hdf5 +mpi @1.10 os=rhel8") == [
        ("hdf5", 4, 0, "+mpi @1.10 os=rhel8"),
        ("+mpi", 2, 0, "hdf5 @1.10 os=rhel8"),
        ("@1.10", 1, 1, "hdf5 +mpi os=rhel8"),
        ("os=rhel8", 2, 0, "hdf5 +mpi @1.10"),
    ]


@pytest.mark.parametrize("text", ["hdf5 +mpi %gcc@99 ^openmpi@5", "+mpi", "hdf5", "hdf5 os=rhel8 ~mpi"])
def test_the_counts_are_those_of_the_engine(engine: Engine, text: str) -> None:
    words = text.partition(" ")[0] if text.startswith("hdf5") else ""
    for term in terms_of(engine, Selection().with_text(text)):
        alone = term.text if term.text == words else f"{words} {term.text}"
        assert term.alone == len(engine.select(Selection().with_text(alone)).rows)
        assert term.without == len(engine.select(term.rest).rows)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hdf5+mpi~x@1.14%gcc@99 os=a", ["hdf5", "+mpi", "~x", "@1.14", "%gcc@99", "os=a"]),
        ("hdf5 ++mpi --x ~~y", ["hdf5", "++mpi", "--x", "~~y"]),
        ('hdf5 cflags="-O2 -g" +mpi', ["hdf5", 'cflags="-O2 -g"', "+mpi"]),
        ("hdf5 cflags='-O3 ^ %' os='no such'", ["hdf5", "cflags='-O3 ^ %'", "os='no such'"]),
        ("hdf5 @1.10 , 1.12:,=1.14 +mpi", ["hdf5", "@1.10 , 1.12:,=1.14", "+mpi"]),
        ("hdf5 ^openmpi@9 +x ^mpich os=a", ["hdf5", "^openmpi@9 +x", "^mpich os=a"]),
        ("hdf5 ^[virtuals=mpi] openmpi@9", ["hdf5", "^[virtuals=mpi] openmpi@9"]),
        ("hdf5 target=:zen3,zen5 os=a", ["hdf5", "target=:zen3,zen5", "os=a"]),
        ("/abcdefg os=none", ["/abcdefg", "os=none"]),
        ("%gcc@99", ["%gcc@99"]),
        ("", []),
        ("   ", []),
    ],
)
def test_a_term_is_a_whole_part_of_the_spec(engine: Engine, text: str, found: list[str]) -> None:
    assert [term for term, *_ in terms(engine, text)] == found


def test_a_value_in_quotes_is_counted_and_dropped_whole(engine: Engine) -> None:
    assert terms(engine, 'hdf5 cflags="-O2 -g" +mpi') == [
        ("hdf5", 4, 0, 'cflags="-O2 -g" +mpi'),
        ('cflags="-O2 -g"', 1, 2, "hdf5 +mpi"),
        ("+mpi", 2, 1, 'hdf5 cflags="-O2 -g"'),
    ]


def test_plain_words_are_terms_of_spec_syntax(engine: Engine) -> None:
    assert terms(engine, "hdf5 with mpi 1.10 rhel8") == [
        ("hdf5", 4, 0, "@1.10 +mpi os=rhel8"),
        ("@1.10", 1, 1, "hdf5 +mpi os=rhel8"),
        ("+mpi", 2, 0, "hdf5@1.10 os=rhel8"),
        ("os=rhel8", 2, 0, "hdf5@1.10 +mpi"),
    ]


def test_plain_words_without_another_form_are_terms(engine: Engine) -> None:
    assert terms(engine, "hdf5 +mpi without openmpi") == [
        ("hdf5", 4, 0, "+mpi without openmpi"),
        ("+mpi", 2, 2, "hdf5 without openmpi"),
        ("without openmpi", 2, 2, "hdf5 +mpi"),
    ]


def test_selected_facets_are_terms(engine: Engine) -> None:
    chosen = (Choice("os", "rhel8"), Choice("os", "debian12"), Choice("version", "1.10", excluded=True))
    selection = Selection("hdf5 @1.10", package="hdf5", choices=chosen)
    *_, systems, versions = terms_of(engine, selection)
    assert (systems.text, systems.alone, systems.without) == ("os rhel8 or debian12", 4, 0)
    assert systems.rest.choices == chosen[2:]
    assert (versions.text, versions.alone, versions.without) == ("not @=1.10", 3, 1)
    assert versions.rest == Selection("hdf5 @1.10", package="hdf5", choices=chosen[:2])


def test_marked_builds_are_a_term(engine: Engine) -> None:
    marked = frozenset(map(dag_hash, (1, 9)))
    *_, term = terms_of(engine, Selection("+mpi", among=marked))
    assert (term.text, term.alone, term.without) == ("marked builds", 2, 2)
    assert term.rest == Selection("+mpi")


def test_in_an_exact_query_the_name_stays_exact(engine: Engine) -> None:
    name, term = terms_of(engine, Selection("hdf +mpi", exact=True))
    assert (name.alone, name.without, term.without) == (0, 2, 0)


def test_a_part_that_cannot_be_counted_is_left_out(engine: Engine) -> None:
    with pytest.raises(QuerySyntaxError):
        engine.select(Selection().with_text("hdf5 +mpi &"))
    assert terms(engine, "hdf5 +mpi &") == []
    assert [term for term, *_ in terms(engine, "hdf5 +mpi ~mpi")] == ["+mpi", "~mpi"]


def test_of_very_many_terms_only_the_first_are_counted(engine: Engine) -> None:
    texts = [f"+a{number}" for number in range(28)]
    assert [term for term, *_ in terms(engine, " ".join(["hdf5", *texts]))] == ["hdf5", *texts[: MOST - 1]]


PIECES = st.sampled_from(
    (
        *("hdf5", "mpi", "without", "no", "openmpi", "gcc13", "1.14", "gcc", "abc", "os", "target"),
        *r"""@:,=%^+~-/"'\\[]{}&?*""",
        *("漢", "\x00", "\u2028"),
    )
)


@given(st.lists(st.tuples(PIECES, st.sampled_from(["", "", " ", "  "])), max_size=14))
def test_no_text_is_refused(engine: Engine, pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + blank for piece, blank in pieces)
    for selection in (Selection().with_text(text), Selection(text, exact=True)):
        for term in terms_of(engine, selection):
            assert term.text and len(engine.select(term.rest).rows) == term.without
