"""What is said of specs and of empty results, as values that know no screen."""

from __future__ import annotations

import pytest

from cachetui.render import nothing_found, plain, spec_line, why_none
from cachetui.render.cells import csv_cell
from cachetui.search import Choice, Engine, Selection
from cachetui.spec import Spec
from cachetui.text import clean, one_line
from tests.conftest import CatalogOf, build

ZEN3 = (Choice("target", "zen3"),)


@pytest.mark.parametrize(
    ("selection", "why"),
    [
        (Selection("zlib @99", exact=True), "no build has @99"),
        (Selection("zlib @99", package=None), "no build has @99"),
        (Selection("zlib +no ^zlib", exact=True), "no build has +no, ^zlib"),
        (Selection("zlib os=debian12 target=zen3", exact=True), "no build satisfies all of this spec"),
        (Selection("zlib", choices=ZEN3, exact=True), "no build satisfies the spec and matches all filters"),
        (
            Selection(choices=(*ZEN3, Choice("target", "zen3", excluded=True)), exact=True),
            "no build matches all filters",
        ),
        (Selection("qqqqq", package=None), "no build matches"),
    ],
)
def test_why_none(catalog_of: CatalogOf, selection: Selection, why: str) -> None:
    result = Engine(catalog_of([build(1), build(2, "mpich", target="zen3")])).select(selection)
    assert not result.rows
    assert why_none(result) == why


def test_why_none_of_no_builds(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([]))
    assert nothing_found(engine, engine.select(Selection("zlib", exact=True))) == "there are no builds here"


def test_similar_packages_are_named(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, "zlib-ng"), build(2, "mpich")]))
    result = engine.select(Selection("zlib", exact=True))
    assert nothing_found(engine, result) == "no build of a package named zlib; there is zlib-ng"


@pytest.mark.parametrize("dag_hash", ["", "abcdefg"])
def test_line_of_a_spec_has_its_text(real_specs: list[Spec], dag_hash: str) -> None:
    for spec in real_specs:
        text = spec.text_with_hash().replace(spec.dag_hash, dag_hash) if dag_hash else spec.text()
        assert plain(spec_line(spec, dag_hash)) == text


def test_parts_of_a_spec_have_roles() -> None:
    spec = build(1, "hdf5", variants=(("api", "v18"), ("mpi", True)))
    assert spec_line(spec, spec.dag_hash) == (
        ("hdf5", ""),
        ("@1.3", "version"),
        ("+mpi api=v18", "variant"),
        (" ", ""),
        ("arch=linux-debian12-x86_64_v3", "arch"),
        (" ", ""),
        (f"/{spec.dag_hash}", "hash"),
        (" ", ""),
        ("%gcc@13.2.0", "compiler"),
    )


def test_what_terminals_draw_as_nothing_is_replaced() -> None:
    unseen = "\u3164\uffa0\u115f\u1160\u034f\u17b4\u180b\u200b\u202e\u2060\ufe0f\U000e0001\U000e01ef\u00ad"
    assert clean(f"a{unseen}b") == "a" + "\ufffd" * len(unseen) + "b"
    assert one_line("a\u3164b") == "a\ufffdb"


@pytest.mark.parametrize("mark", ["\u0301", "\u0489", "\u1161", "\u0e49"])
def test_marks_are_bounded(mark: str) -> None:
    assert clean("e" + mark) == "e" + mark
    assert clean("e" + mark * 1000 + "x") == f"e{mark * 2}\ufffdx"
    assert clean(mark * 5 + "x") == "\ufffdx", "nothing stands before it that it may join"


def test_each_character_has_the_width_that_terminals_give_it() -> None:
    from rich.cells import get_character_cell_size
    from wcwidth import wcwidth

    differing = [
        hex(ord(shown))
        for shown in (clean(f"a{chr(number)}")[1:] for number in range(0x20, 0x110000))
        if shown.isprintable() and shown and wcwidth(shown) != get_character_cell_size(shown)
    ]
    assert differing == []


@pytest.mark.parametrize("sign", "=+-@\uff1d\uff0b\uff0d\uff20")
def test_cells_of_a_spreadsheet_are_no_formulas(sign: str) -> None:
    assert csv_cell(f"{sign}1") == f"'{sign}1"
    assert csv_cell(f" {sign}1,2") == f'"\' {sign}1,2"'
    assert csv_cell(f"a{sign}1") == f"a{sign}1"
    assert csv_cell("\t1") == '"\'\t1"'
    assert csv_cell(f"a;{sign}1") == f'"a;{sign}1"'
