"""YAML to plain data: both dialects, their errors and limits, with both parsers."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cachetui import yaml_text
from cachetui.yaml_text import Dialect, YamlError, read_yaml

PLAIN = Dialect(lambda text, line: text, False, None, max_depth=5, max_values=20)


@pytest.fixture(params=[yaml_text._LOADER, yaml.SafeLoader], ids=["usual", "python"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "_LOADER", request.param)


def full(text: str, most: int = 20) -> tuple[Any, list[Any]]:
    """Return the data and the duplicate keys."""
    repeated: list[Any] = []
    dialect = Dialect(lambda text, line: text, True, repeated.append, max_depth=5, max_values=most)
    return read_yaml(text, dialect), repeated


def test_scalars_are_text() -> None:
    text = "a: 1.10\nb: [2025-03-30, 1e3, 0123]\n'c': {no: on, null: 12:30}\nd:\n<<: x\n"
    assert read_yaml(text, PLAIN) == {
        "a": "1.10",
        "b": ["2025-03-30", "1e3", "0123"],
        "c": {"no": "on", "null": "12:30"},
        "d": "",
        "<<": "x",
    }
    assert read_yaml("", PLAIN) is None


def test_lines_of_scalars() -> None:
    dialect = Dialect(lambda text, line: f"{text}@{line}", True, None, 5, 20)
    assert read_yaml("# c\na: |\n  t\nb:\n- 'x\n  y'\n- &z z\n- *z", dialect) == {
        "a@2": "t\n@2",
        "b@4": ["x y@5", "z@7", "z@7"],
    }


def test_full_dialect() -> None:
    assert full("- ~\n- null\n- 'null'\n- !!null x\n- !!str ~\n- !!int 5\n- \n")[0] == [
        None, None, "null", None, "~", "5", None,
    ]  # fmt: skip
    assert full("~: a")[0] == {"~": "a"}
    assert full("a: &x [b, &y c]\n*y : *x")[0] == {"a": ["b", "c"], "c": ["b", "c"]}
    assert full("a: 1\nb: 2\na: 3") == ({"b": "2", "a": "3"}, ["a"])
    assert list(full("a: 1\nb: 2\na: 3")[0]) == ["b", "a"]


@pytest.mark.parametrize(
    ("text", "merged"),
    [
        ("{k: own, <<: *x}", {"k": "own", "l": "x"}),
        ("{<<: [*x, *y]}", {"k": "x", "l": "x", "m": "y"}),
        ("{<<: *x, <<: *y}", {"k": "x", "l": "x", "m": "y"}),
        ("{'<<': *y}", {"<<": {"k": "y", "m": "y"}}),
    ],
)
def test_merge_keys(text: str, merged: object) -> None:
    assert full(f"x: &x {{k: x, l: x}}\ny: &y {{k: y, m: y}}\nz: {text}", 40)[0]["z"] == merged


@pytest.mark.parametrize(
    ("text", "line", "reason", "message"),
    [
        ("a: 1\nb: 2\na: 3", 3, "duplicate key", "line 3: duplicate key 'a'"),
        ("a: &x 1", 1, "anchors and aliases are not supported", ""),
        ("a: 1\nb: *x", 2, "anchors and aliases are not supported", ""),
        ("a:\n  !secret x", 2, "a tag that is not plain YAML", "line 2: the tag '!secret' is not supported"),
        ("a: !!str x", 1, "a tag that is not plain YAML", ""),
        ("? [a]\n: b", 1, "a key that is not text", ""),
        ("a: 1\n---\nb: 2", 2, "not YAML", "line 2: a second document"),
        ("a: 1\nb: \x1b", 2, "not YAML", "line 2: the character U+001B is not allowed"),
        ("a: \ud800", 1, "not YAML", ""),
        ("a:\n- [[[b]]]", 2, "nested too deeply", "line 2: nested deeper than 5"),
        ("[" + "x, " * 20 + "]", 1, "too many values", ""),
        ("a: 1\nb: c: d", 2, "not YAML", ""),
    ],
)
def test_errors(text: str, line: int, reason: str, message: str) -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml(text, PLAIN)
    assert (caught.value.line, caught.value.reason) == (line, reason)
    assert str(caught.value) == message or not message


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: !mine x", 1, "a tag that is not plain YAML"),
        ("a: !!map [x]", 1, "a tag that is not plain YAML"),
        ("a: !!int {}", 1, "a tag that is not plain YAML"),
        ("a:\n- *x", 2, "not YAML"),
        ("a: &x 1\nb: &x 2", 2, "not YAML"),
        ("a: &x\n  b: *x", 2, "nested too deeply"),
        ("a: &x [b]\n*x : c", 2, "a key that is not text"),
        ("a: 1\n<<: b", 2, "not YAML"),
        ("a: &x [[b]]\nc:\n- - *x", 3, "nested too deeply"),
        ("a: &x [[b]]\nc: &y [*x]\nd: [*y]", 3, "nested too deeply"),
        ("a: &x [b, c, d]\ne: &y [*x, *x]\nf: *y", 3, "too many values"),
    ],
)
def test_errors_of_the_full_dialect(text: str, line: int, reason: str) -> None:
    with pytest.raises(YamlError) as caught:
        full(text)
    assert (caught.value.line, caught.value.reason) == (line, reason)


def test_limits_are_inclusive() -> None:
    assert read_yaml("[[[[x]]]]", PLAIN) == [[[["x"]]]]
    assert len(read_yaml("[" + "x, " * 19 + "]", PLAIN)) == 19
    assert full("a: &x [b, c, d]\ne: &y [*x, *x]")[0]["e"] == [["b", "c", "d"]] * 2  # 17 values


VALUES = st.recursive(
    st.text("ab :#-'\"\\~!&*<[{|\n\u00e9\U0001f600", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab<~:\n", max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(value=VALUES, flow=st.booleans())
def test_pyyaml_round_trip(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True, sort_keys=False)
    dialect = Dialect(lambda text, line: text, True, None, 100, 1000)
    assert read_yaml(text, dialect) == value
