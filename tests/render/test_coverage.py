"""Tables and pages for a site: whatever stands in the data, nothing of it is markup."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as Xml
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from cachetui.catalog import Catalog
from cachetui.render import COVERAGE_FORMATS, PACKAGE_FORMATS, texts
from cachetui.render.markup import DARK_SHADES, LIGHT_SHADES, markdown_text
from cachetui.search import Coverage, Engine
from tests.conftest import CatalogOf, build

EVIL = '<script>alert("x")</script>|`a`*b*_c_[d](http://e)\\~f~&amp;$g$'
"""What would be markup in HTML, SVG or Markdown, as the name of a target."""

ESCAPE = re.compile(r"\\([\\`*_\[\]|~$])")


class Page(HTMLParser):
    """The elements and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onload", "onclick"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def hostile(catalog_of: CatalogOf) -> Catalog:
    return catalog_of(
        [
            build(1, "plain", target=EVIL, compilers=(f"{EVIL}@1",), version=f"1{EVIL}"),
            build(2, "plain", target="zen4", version="2.10"),
            build(3, EVIL, target="zen4", version="2.9"),
        ]
    )


def covered(catalog: Catalog, form: str, limit: int | None = None, facet: str = "target") -> str:
    coverage = Coverage(Engine(catalog).attributes, catalog.listed, facet)
    return "\n".join(texts(COVERAGE_FORMATS[form](coverage, limit)))


def listed(catalog: Catalog, form: str, limit: int | None = None) -> str:
    engine = Engine(catalog)
    return "\n".join(texts(PACKAGE_FORMATS[form](engine.attributes, engine.rank(""), limit)))


def cells_of(line: str) -> list[str]:
    """The texts of a line of a Markdown table, as a reader of Markdown finds them."""
    parts = re.split(r"(?<!\\)\|", re.sub(r"\\\\", "\0", line))
    return [html.unescape(ESCAPE.sub(r"\1", part.strip()).replace("\0", "\\")) for part in parts[1:-1]]


@pytest.mark.parametrize("write", [covered, listed])
def test_markdown_holds_the_texts_and_nothing_else(
    hostile: Catalog, write: Callable[[Catalog, str], str]
) -> None:
    lines = write(hostile, "markdown").splitlines()
    cells = list(map(cells_of, lines))
    assert len({len(line) for line in cells}) == 1
    assert any(EVIL in cell for line in cells for cell in line)
    assert "<" not in "".join(lines)


@pytest.mark.parametrize("write", [covered, listed])
def test_html_has_no_element_of_the_data(hostile: Catalog, write: Callable[[Catalog, str], str]) -> None:
    page = Page(write(hostile, "html"))
    assert "script" not in page.tags
    assert not page.open
    assert EVIL in page.texts


def test_svg_is_well_formed(hostile: Catalog) -> None:
    root = Xml.fromstring(covered(hostile, "svg"))
    found = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {element.tag.partition("}")[2] for element in root.iter()} == {
        "svg",
        "title",
        "style",
        "rect",
        "text",
    }
    assert any(text and text.startswith("<script>") for text in found)


def test_control_characters_reach_no_format(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, "a\x1b[31m\x00b", target="t\x07\u202e\n|")])
    for form in ("markdown", "html", "svg"):
        text = covered(catalog, form)
        assert all(each.isprintable() for each in text.splitlines())
    Xml.fromstring(covered(catalog, "svg"))


def test_json_says_what_each_package_has(hostile: Catalog) -> None:
    data = json.loads(covered(hostile, "json"))
    assert data == {
        "facet": "target",
        "builds": 3,
        "values": [{"value": "zen4", "builds": 2}, {"value": EVIL, "builds": 1}],
        "packages": [
            {"name": EVIL, "builds": 1, "counts": {"zen4": 1}},
            {"name": "plain", "builds": 2, "counts": {"zen4": 1, EVIL: 1}},
        ],
    }


def test_a_limit_leaves_packages_out_and_says_so(hostile: Catalog) -> None:
    assert [package["name"] for package in json.loads(covered(hostile, "json", 1))["packages"]] == [EVIL]
    assert "3 builds of 2 packages, of which the first 1 are shown" in covered(hostile, "html", 1)
    for form in COVERAGE_FORMATS:
        covered(hostile, form, 0)


def test_the_table_marks_what_is_missing(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [build(1, "a", target="zen3"), build(2, "b", target="zen4"), build(3, "b", target="zen4")]
    )
    assert covered(catalog, "table").splitlines() == [
        "package  builds    zen4    zen3",
        "a             1       -       1",
        "b             2       2       -",
    ]


def test_a_list_of_software_has_the_newest_first(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "b", version="1.9", compilers=("gcc@9.5", "cce@17")),
            build(2, "b", version="1.10", compilers=("gcc@10.2",), target="zen4"),
            build(3, "a", compilers=()),
        ]
    )
    assert listed(catalog, "markdown").splitlines()[2:] == [
        r"| a | 1.3 | 1 | x86\_64\_v3 |  |",
        r"| b | 1.10, 1.9 | 2 | x86\_64\_v3, zen4 | cce@17, gcc@10.2, gcc@9.5 |",
    ]


def luminance(colour: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("below", "above"), [*LIGHT_SHADES, *DARK_SHADES])
def test_numbers_are_readable_on_each_shade(below: str, above: str) -> None:
    low, high = sorted((luminance(below), luminance(above)))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_markdown_leaves_plain_words_as_they_are() -> None:
    assert markdown_text("gcc@11.4.1, py-numpy 1.2+b") == "gcc@11.4.1, py-numpy 1.2+b"
