"""Package ranking: pairs of typed and wanted, the order of the tiers, generated mistakes, any text at all."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.search.fuzzy import WELL_KNOWN, PackageRanker, matched
from cachetui.search.packages import Ranking

DATA = Path(__file__).parents[1] / "data"
NAMES = (DATA / "package_names.txt").read_text().split()
PAIRS = [line.split("\t") for line in (DATA / "search_queries.tsv").read_text().splitlines()[1:]]
RANKER = PackageRanker(NAMES)

Mistake = Callable[[random.Random, str], str]


def ranked(names: list[str], text: str, popularity: tuple[int, ...] = ()) -> list[str]:
    return [names[i] for i in PackageRanker(names, popularity).rank(text).order]


def position(ranker: PackageRanker, typed: str, wanted: str) -> int:
    order = ranker.rank(typed).order
    index = NAMES.index(wanted)
    return order.index(index) + 1 if index in order else len(NAMES)


def core_words(name: str) -> list[str]:
    for language in ("py-", "r-", "perl-"):
        name = name.removeprefix(language)
    return name.split("-")


def core(name: str) -> str:
    return "-".join(core_words(name))


def one_deleted(chance: random.Random, name: str) -> str:
    at = chance.randrange(1, len(core(name)))
    return core(name)[:at] + core(name)[at + 1 :]


def two_swapped(chance: random.Random, name: str) -> str:
    at = chance.randrange(len(core(name)) - 1)
    return core(name)[:at] + core(name)[at + 1] + core(name)[at] + core(name)[at + 2 :]


def one_wrong(chance: random.Random, name: str) -> str:
    at = chance.randrange(1, len(core(name)))
    return core(name)[:at] + chance.choice(string.ascii_lowercase) + core(name)[at + 1 :]


@pytest.mark.parametrize(
    "popularity",
    [(), tuple(random.Random(1).randrange(500) for _ in NAMES)],
    ids=["equally popular", "randomly popular"],
)
def test_wanted_packages_come_first(popularity: tuple[int, ...]) -> None:
    ranker = PackageRanker(NAMES, popularity)
    positions = [position(ranker, typed, wanted) for typed, wanted in PAIRS]
    assert sum(at == 1 for at in positions) >= 22, list(zip(PAIRS, positions, strict=True))
    assert all(at <= 10 for at in positions)


@pytest.mark.parametrize(
    ("kind", "typed_for", "floor"),
    [
        ("start of the core", lambda chance, name: core(name)[:5], 0.45),
        ("one deleted", one_deleted, 0.85),
        ("two swapped", two_swapped, 0.90),
        ("one wrong", one_wrong, 0.90),
        ("three letters a word", lambda chance, name: " ".join(w[:3] for w in core_words(name)), 0.85),
        ("three letters joined", lambda chance, name: "".join(w[:3] for w in core_words(name)), 0.75),
        ("words reversed", lambda chance, name: " ".join(reversed(name.split("-"))), 0.95),
        ("no dashes", lambda chance, name: name.replace("-", ""), 0.97),
        ("no language", lambda chance, name: core(name), 0.92),
    ],
)
def test_generated_mistakes_find_their_package(kind: str, typed_for: Mistake, floor: float) -> None:
    chance = random.Random(20)
    several_words = [name for name in NAMES if len(core_words(name)) > 1]
    long_enough = [name for name in NAMES if len(core(name)) > 5]
    spoken_in_words = kind.startswith(("three", "words", "no dashes"))
    sample = chance.sample(several_words if spoken_in_words else long_enough, 60)
    first = sum(position(RANKER, typed_for(chance, name), name) == 1 for name in sample)
    assert first / len(sample) >= floor


@pytest.mark.parametrize(
    ("typed", "best_first"),
    [
        (
            "hdf5",
            ["hdf5", "py-hdf5", "hdf5-blosc", "hdf5tools", "adios-hdf5-io", "z-hdf5x", "xhdf5", "xhdf5x"],
        ),
        ("netcdf c", ["netcdf-c", "netcdf-cxx", "parallel-netcdf-c"]),
        ("pytorch", ["py-torch", "py-pytorch", "pytorch-extras"]),
        ("scikitlearn", ["py-scikit-learn", "py-scikit-learn-extra"]),
        ("netcdff", ["netcdf-fortran", "py-netcdf4"]),
    ],
)
def test_literal_tiers(typed: str, best_first: list[str]) -> None:
    assert ranked(sorted(best_first, reverse=True), typed) == best_first


def test_guesses_follow_literal_matches() -> None:
    names = ["gromacs", "gromit", "grammatical-omics-core", "gromac-tools"]
    ranking = PackageRanker(names).rank("gromac")
    assert [names[i] for i in ranking.order[: ranking.guesses]] == ["gromac-tools", "gromacs"]
    assert ranking.guesses < len(ranking.order)
    assert PackageRanker(names).rank("gromcas").guesses == 0


def test_guesses_go_from_strong_typos_over_abbreviations_to_scattered_letters() -> None:
    names = ["a-kanbino-conkers", "kokonuts-sum", "kokkos", "zlib"]
    assert ranked(names, "kokos") == ["kokkos", "kokonuts-sum"]
    assert ranked(names, "knkrs") == ["a-kanbino-conkers"]


def test_abbreviations_start_at_words() -> None:
    names = ["kokkos-nvcc-wrapper", "kaolin-known-vectors", "knacker-nova-cent"]
    assert ranked(names, "kknvw")[0] == "kokkos-nvcc-wrapper"


def test_letters_of_a_name_in_another_order_are_a_strong_typo() -> None:
    assert ranked(["py-scp", "py-scipy", "scope"], "scypi")[0] == "py-scipy"


def test_typo_in_one_of_several_words() -> None:
    names = ["parallel-netcdf", "netcdf-c", "parallel"]
    assert ranked(names, "netcdf praallel")[0] == "parallel-netcdf"
    assert ranked(names, "parlalel netcdf")[0] == "parallel-netcdf"


def test_typo_in_an_unfinished_name() -> None:
    assert ranked(["py-tensorly", "py-tensorflow-probability", "zlib"], "tensorlfow-pro") == [
        "py-tensorflow-probability"
    ]


def test_popularity_breaks_ties_only() -> None:
    names = ["py-foo", "r-foo", "foo-bar", "foobar"]
    assert ranked(names, "foo") == ["r-foo", "py-foo", "foo-bar", "foobar"]
    assert ranked(names, "foo", (9, 0, 99, 999)) == ["py-foo", "r-foo", "foo-bar", "foobar"]


def test_aliases() -> None:
    assert ranked(["lame", "lammps", "lmp-tools"], "lmp")[0] == "lammps"
    mine = PackageRanker(["gcc", "intel-tools"], aliases={"Cc": "gcc", "gone": "absent"})
    assert mine.rank("cc").order[0] == 0
    assert mine.rank("gone") == Ranking((), 0)


def test_an_exact_name_beats_an_alias() -> None:
    assert ranked(["quantum-espresso", "qe"], "qe") == ["qe", "quantum-espresso"]


def test_every_well_known_name_is_a_package() -> None:
    assert set(WELL_KNOWN.values()) <= set(NAMES)
    assert all(position(RANKER, word, name) == 1 for word, name in WELL_KNOWN.items())


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_blank_text_keeps_the_given_order(text: str) -> None:
    assert PackageRanker(["b", "a", "cc"], (1, 2, 3)).rank(text) == Ranking((0, 1, 2), 3)


def test_case_and_underscores_do_not_matter() -> None:
    assert RANKER.rank("Py_YAML") == RANKER.rank("py-yaml")


def test_no_names() -> None:
    assert PackageRanker([]).rank("hdf5") == Ranking((), 0)


def test_a_shared_ranker_answers_the_same_twice() -> None:
    before = RANKER.rank("kokk")
    for typed in ("k", "ko", "kok", "zz", "kokk nv"):
        RANKER.rank(typed)
    assert RANKER.rank("kokk") == before


@pytest.mark.parametrize(
    "text", ["(", "[a-", "\\", "*+?", "^hdf5$", "-", "--", "\x00\x1b[2J", "\ud800", "ß İ ǅ", "é" * 10_000]
)
def test_odd_text(text: str) -> None:
    RANKER.rank(text)
    matched(text, "netcdf-c")


@pytest.mark.parametrize("text", ["h" * 10_000, "a b " * 2_500, "-" * 10_000, "py-" * 3_333])
def test_very_long_text(text: str) -> None:
    assert RANKER.rank(text).guesses <= len(NAMES)
    assert matched(text, "py-h5py") == tuple(sorted(set(matched(text, "py-h5py"))))


@pytest.mark.parametrize(
    ("typed", "name", "highlighted"),
    [
        ("hdf", "hdf5", "HDF5"),
        ("cc", "accel-cce", "accel-CCe"),
        ("sci lea", "py-scikit-learn", "py-SCIkit-LEArn"),
        ("pytorch", "py-torch", "PY-TORCH"),
        ("netcdff", "netcdf-fortran", "NETCDF-Fortran"),
        ("kknvc", "kokkos-nvcc-wrapper", "KokKos-NVCc-wrapper"),
        ("tensorlfow", "py-tensorflow", "py-tensorflow"),
        ("", "zlib", "zlib"),
    ],
)
def test_highlights(typed: str, name: str, highlighted: str) -> None:
    at = matched(typed, name)
    shown = "".join(letter.upper() if i in at else letter for i, letter in enumerate(name))
    assert shown == highlighted


texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=string.ascii_lowercase + "-_ 25", max_size=30),
    st.sampled_from(NAMES).flatmap(lambda name: st.integers(0, len(name)).map(lambda at: name[at : at + 6])),
)
package_names = st.lists(st.text(alphabet="abAB5-_é", min_size=1, max_size=12), unique=True, max_size=12)


@settings(deadline=None, max_examples=150)
@given(texts)
def test_any_text_ranks_each_package_once_and_every_literal_match(text: str) -> None:
    ranking = RANKER.rank(text)
    assert len(set(ranking.order)) == len(ranking.order)
    assert 0 <= ranking.guesses <= len(ranking.order)
    literal = {i for i, name in enumerate(NAMES) if text in name}
    assert literal <= set(ranking.order[: ranking.guesses])


@settings(deadline=None)
@given(package_names, st.data())
def test_any_names(names: list[str], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([*names, "ab", "b-a"]))
    ranking = PackageRanker(names, [len(name) for name in names]).rank(text)
    assert len(set(ranking.order)) == len(ranking.order)
    assert {i for i, name in enumerate(names) if text in name} <= set(ranking.order[: ranking.guesses])


@settings(deadline=None)
@given(texts, st.one_of(st.sampled_from(NAMES), st.text(max_size=30)))
def test_highlighted_positions_are_in_the_name_and_ascend(text: str, name: str) -> None:
    positions = matched(text, name)
    assert list(positions) == sorted(set(positions))
    assert all(0 <= at < len(name) for at in positions)
