"""Merge a setting of a higher scope with that of a lower one."""

from __future__ import annotations

import pytest

from cachetui.spack.marked import Text, Tree
from cachetui.spack.merge import merge
from cachetui.spack.yaml_tree import parse
from tests.builders.homes import FakeMachine


def tree(text: str, file: str = "file") -> Tree:
    return parse(text, file)[0]


def ordered(value: Tree) -> object:
    """Plain data in which the order of keys counts."""
    if isinstance(value, dict):
        return [(str(key), ordered(inner)) for key, inner in value.items()]
    return [ordered(inner) for inner in value] if isinstance(value, list) else value


CASES = {
    "keys of the higher come first": ("{a: 1, b: 2}", "{c: 3, a: 4}", "{c: 3, a: 4, b: 2}"),
    "mappings are merged at any depth": (
        "{x: {y: {a: 1, b: 2}, z: 3}}", "{x: {y: {b: 4, c: 5}}}", "{x: {y: {b: 4, c: 5, a: 1}, z: 3}}",
    ),
    "lists: higher, then lower without what is there": ("{a: [1, 2, 3]}", "{a: [4, 2]}", "{a: [4, 2, 1, 3]}"),
    "lists of mappings": ("{a: [{x: 1, y: 2}, 3]}", "{a: [{y: 2, x: 1}]}", "{a: [{y: 2, x: 1}, 3]}"),
    "texts: the higher wins": ("{a: 1}", "{a: 2}", "{a: 2}"),
    "null in the higher takes all away": ("{a: {b: 1}}", "{a: null}", "{a: null}"),
    "null in the lower": ("{a: null}", "{a: {b: 1}}", "{a: {b: 1}}"),
    "other type: mapping over text": ("{a: 1}", "{a: {b: 1}}", "{a: {b: 1}}"),
    "other type: list over mapping": ("{a: {b: 1}}", "{a: [1]}", "{a: [1]}"),
    "override of a mapping": ("{a: {b: 1}, c: 2}", "{'a:': {d: 3}}", "{a: {d: 3}, c: 2}"),
    "override as it is written": ("{a: {b: 1}}", "a::\n  d: 3\n", "{a: {d: 3}}"),
    "override deep inside": (
        "{x: {a: {b: 1}, c: 2}}", "{x: {'a:': {d: 3}}}", "{x: {a: {d: 3}, c: 2}}",
    ),
    "override of a list": ("{a: [1, 2]}", "{'a:': [3]}", "{a: [3]}"),
    "override of what is not there, names inside too": ("{}", "{'a:': {'b:': 1}}", "{a: {b: 1}}"),
    "prepend to a list": ("{a: [1, 2]}", "a+: [3, 1]", "{a: [3, 1, 2]}"),
    "append to a list": ("{a: [1, 2]}", "a-: [3, 1]", "{a: [2, 3, 1]}"),
    "prepend to a text": ("{a: low}", "a+: high-", "{a: high-low}"),
    "append to a text": ("{a: low}", "a-: -high", "{a: low-high}"),
    "signs in a spec are part of it": ("{}", "{'a@1.4:': 1, '%b@:2-': 2}", "{'a@1.4:': 1, '%b@:2-': 2}"),
}  # fmt: skip


@pytest.mark.parametrize(("low", "high", "expected"), CASES.values(), ids=CASES.keys())
def test_merge(low: str, high: str, expected: str) -> None:
    lower, higher = tree(low), tree(high)
    before = ordered(lower), ordered(higher)
    assert ordered(merge(lower, higher)) == ordered(tree(expected))
    assert (ordered(lower), ordered(higher)) == before, "neither is changed"


@pytest.mark.parametrize("high", ["a: 1", "a+: 1", "a-: 1", "'a:': 1"])
def test_key_keeps_the_place_of_the_higher_file(high: str) -> None:
    merged = merge(tree("{b: 2, a: 2}", "low"), tree("\n" + high, "high"))
    assert isinstance(merged, dict)
    places = {str(key): (key.file, key.line) for key in merged if isinstance(key, Text)}
    assert places == {"a": ("high", 2), "b": ("low", 1)}


def test_mirrors_of_the_highest_scope_come_first(machine: FakeMachine) -> None:
    machine.mirrors(machine.system, "one: https://low\ntwo: https://low\nthree: https://low\n")
    machine.mirrors(machine.user, "four: https://high\ntwo: https://high\n")
    assert list(machine.urls().items()) == [
        ("four", "https://high"), ("two", "https://high"), ("one", "https://low"), ("three", "https://low"),
    ]  # fmt: skip


def test_section_override_drops_all_lower_mirrors(machine: FakeMachine) -> None:
    machine.spack("1.1.0")
    machine.mirrors(machine.etc / "defaults", "spack-public: {url: https://public, binary: false}\n")
    machine.mirrors(machine.system, "one: https://low\n")
    machine.write(machine.user / "mirrors.yaml", "mirrors::\n  two: https://user\n")
    machine.mirrors(machine.etc, "three: https://top\n")
    assert list(machine.urls()) == ["three", "two"]


@pytest.mark.parametrize(("text", "left"), [("mirrors::\n", []), ("mirrors:\n", ["one"]), ("", ["one"])])
def test_section_that_is_null(machine: FakeMachine, text: str, left: list[str]) -> None:
    machine.mirrors(machine.system, "one: https://low\n")
    machine.write(machine.user / "mirrors.yaml", text)
    assert list(machine.urls()) == left
    assert machine.read().notes == ()


def test_mirror_is_merged_from_several_scopes(machine: FakeMachine) -> None:
    machine.mirrors(machine.system, "one:\n  url: https://low\n  binary: false\n")
    machine.mirrors(machine.user, "one:\n  view: mine\n  binary: true\n")
    (mirror,) = machine.read().mirrors
    assert (mirror.url, mirror.view, mirror.binary) == ("https://low", "mine", True)
    assert (mirror.scope, mirror.place) == ("user", f"{machine.user}/mirrors.yaml:2")


def test_mirror_override_drops_the_lower_mirror(machine: FakeMachine) -> None:
    machine.mirrors(machine.system, "one:\n  url: https://low\n  view: theirs\n")
    machine.mirrors(machine.user, "one::\n  url: https://high\n")
    (mirror,) = machine.read().mirrors
    assert (mirror.name, mirror.url, mirror.view) == ("one", "https://high", "")
