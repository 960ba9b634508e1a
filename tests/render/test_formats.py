"""Formats are tables of functions: the command line and its help follow them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from cachetui.render import (
    COVERAGE_FORMATS,
    LIST_FORMATS,
    MIRROR_FORMATS,
    PACKAGE_FORMATS,
    PUBLIC_FORMATS,
    SHOW_FORMATS,
)
from cachetui.search import Attributes
from tests.conftest import Call


def test_a_list_format_is_one_function_and_one_entry(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def names(attributes: Attributes, rows: Sequence[int]) -> Iterator[str]:
        return (f"{attributes.catalog.column('package')[row]}!" for row in rows)

    monkeypatch.setitem(LIST_FORMATS, "names", names)
    done = call("list", "-q", "hdf5", "--limit", "2", "--format", "names", "sample")
    assert done == (0, "hdf5!\nhdf5!\n", "")
    assert "[table|json|csv|hashes|specs|names]" in call("list", "--help").out


@pytest.mark.parametrize(
    ("command", "formats"),
    [
        ("list", LIST_FORMATS),
        ("packages", PACKAGE_FORMATS),
        ("coverage", COVERAGE_FORMATS),
        ("show", SHOW_FORMATS),
        ("mirrors", MIRROR_FORMATS),
        ("mirrors", PUBLIC_FORMATS),
    ],
)
def test_help_lists_the_formats(call: Call, command: str, formats: dict[str, object]) -> None:
    assert f"[{'|'.join(formats)}]" in call(command, "--help").out
