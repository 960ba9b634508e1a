"""Spack's version order: its own answers, the documented order, any text at all."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachetui.version import INFINITY_WORDS, version_key
from tests.conftest import DATA

ORACLE = json.loads((DATA / "oracle" / "versions.json").read_text())

# To Spack 0.23, whose answers these are, `nightly` is a plain word.
SORTED = [version for version in ORACLE["sorted"] if version != "nightly"]

DOCUMENTED = [
    ["a"], ["abc"], ["xyz"], ["1.2rc"], ["1.2", "1.02"], ["1.2.0"], ["1.2.3alpha"], ["1.2.3beta2"],
    ["1.2.3rc1", "1.2.3-rc1"], ["1.2.3", "1.2_3", "1.2-3"], ["1.2.3a"], ["1.2.3b"], ["1.2.3-foo"],
    ["1.2.3p1"], ["1.2.3.4"], ["1.2.main"], ["1.2.develop"], ["1.9"], ["1.10"], ["3.0.0-dev"], ["6.0.0-rc1"],
    ["9"], ["10"],
    ["2023a"], ["2023.1"], ["2024b"], ["stable"], ["nightly"], ["trunk"], ["head"], ["master"], ["main"],
    ["develop"], ["develop-1.2"],
]  # fmt: skip
"""Lowest first; those of one list are equal."""


def test_sorted_as_spack_sorts() -> None:
    assert len(SORTED) > 150
    for low, high in pairwise(SORTED):
        assert version_key(low) <= version_key(high), (low, high)


def test_pairs_as_spack_compares_them() -> None:
    for pair in ORACLE["pairs"]:
        if "nightly" in (pair["a"], pair["b"]):
            continue
        a, b = version_key(pair["a"]), version_key(pair["b"])
        assert (a < b, a == b, a > b) == (pair["lt"], pair["eq"], pair["gt"]), pair


@pytest.mark.parametrize("package", sorted(ORACLE["per_package_sorted"]))
def test_versions_of_a_package(package: str) -> None:
    keys = [version_key(version) for version in ORACLE["per_package_sorted"][package]]
    assert keys == sorted(keys)
    assert len(keys) > 1


def test_documented_order() -> None:
    keys = [{version_key(version) for version in equal} for equal in DOCUMENTED]
    assert [len(equal) for equal in keys] == [1] * len(DOCUMENTED)
    flat = [key for (key,) in keys]
    assert flat == sorted(flat)
    assert len(set(flat)) == len(flat)


def test_infinity_words() -> None:
    assert list(INFINITY_WORDS) == sorted(INFINITY_WORDS, key=version_key)
    assert version_key("9" * 50) < version_key(INFINITY_WORDS[0])


@pytest.mark.parametrize("version", ["git.main=1.2", "git.a/b-c=1.2", "0" * 40 + "=1.2", "=1.2"])
def test_git_versions_are_ordered_as_what_they_stand_for(version: str) -> None:
    assert version_key(version) == version_key("1.2")


@pytest.mark.parametrize("version", ["alpha", "rc1", "1.2rcx", "1.2prealpha", "1.2rc1.3"])
def test_no_prerelease(version: str) -> None:
    assert version_key(version)[1] == version_key("1")[1]


def test_endless_digits() -> None:
    digits = "9" * 10_000
    for version in (digits, f"1.{digits}", f"1rc{digits}", f"1.2-beta.{digits}"):
        assert version_key(version) > version_key("1alpha")


@given(st.text(max_size=40))
def test_any_text(version: str) -> None:
    key = version_key(version)
    assert key == version_key(version.replace("_", "."))
    assert version_key("") <= key


PARTS = st.lists(st.sampled_from(["1", "02", "10", "a", "rc", "main", "alpha", "p"]), min_size=1, max_size=5)


@given(st.builds("".join, PARTS), PARTS, st.sampled_from("._-"))
def test_separators_do_not_count(start: str, parts: list[str], separator: str) -> None:
    assert version_key(separator.join([start, *parts])) == version_key(".".join([start, *parts]))
