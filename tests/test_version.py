"""Spack's version order and ranges: its own answers, the documented order, any text at all."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cachetui.version import (
    INFINITY_WORDS,
    WORDS_0_23,
    ExactVersion,
    GitVersion,
    VersionList,
    VersionRange,
    VersionSyntaxError,
    VersionTest,
    parse_versions,
    positions_within,
    version_key,
)
from tests.conftest import DATA

ORACLE = json.loads((DATA / "oracle" / "versions.json").read_text())

COMMIT = "0123456789abcdef" * 2 + "01234567"

DOCUMENTED = [
    ["a"], ["abc"], ["xyz"], ["1.2rc"], ["1.2", "1.02"], ["1.2.0"], ["1.2.3alpha"], ["1.2.3beta2"],
    ["1.2.3rc1", "1.2.3-rc1"], ["1.2.3", "1.2_3", "1.2-3"], ["1.2.3a"], ["1.2.3b"], ["1.2.3-foo"],
    ["1.2.3p1"], ["1.2.3.4"], ["1.2.main"], ["1.2.develop"], ["1.9"], ["1.10"], ["3.0.0-dev"], ["6.0.0-rc1"],
    ["9"], ["10"],
    ["2023a"], ["2023.1"], ["2024b"], ["stable"], ["nightly"], ["trunk"], ["head"], ["master"], ["main"],
    ["develop"], ["develop-1.2"],
]  # fmt: skip
"""Lowest first; those of one list are equal."""


def test_versions_are_sorted_as_spack_sorts_them() -> None:
    assert len(ORACLE["sorted"]) > 150
    for low, high in pairwise(ORACLE["sorted"]):
        assert version_key(low, WORDS_0_23) <= version_key(high, WORDS_0_23), (low, high)


def test_pairs_as_spack_compares_them() -> None:
    for pair in ORACLE["pairs"]:
        a, b = version_key(pair["a"], WORDS_0_23), version_key(pair["b"], WORDS_0_23)
        assert (a < b, a == b, a > b) == (pair["lt"], pair["eq"], pair["gt"]), pair


@pytest.mark.parametrize("package", sorted(ORACLE["per_package_sorted"]))
def test_versions_of_a_package(package: str) -> None:
    keys = [version_key(version, WORDS_0_23) for version in ORACLE["per_package_sorted"][package]]
    assert keys == sorted(keys)
    assert len(keys) > 1


def test_documented_order() -> None:
    keys = [{version_key(version) for version in equal} for equal in DOCUMENTED]
    assert [len(equal) for equal in keys] == [1] * len(DOCUMENTED)
    flat = [key for (key,) in keys]
    assert flat == sorted(flat)
    assert len(set(flat)) == len(flat)


def test_infinity_versions_are_newer_than_numbers() -> None:
    assert list(INFINITY_WORDS) == sorted(INFINITY_WORDS, key=version_key)
    assert version_key("9" * 50) < version_key(INFINITY_WORDS[0])
    assert list(WORDS_0_23) == sorted(WORDS_0_23, key=lambda word: version_key(word, WORDS_0_23))
    assert version_key("nightly", WORDS_0_23) < version_key("0", WORDS_0_23)


@pytest.mark.parametrize("version", ["git.main=1.2", "git.a/b-c=1.2", "0" * 40 + "=1.2", "=1.2"])
def test_git_versions_are_ordered_as_the_versions_they_stand_for(version: str) -> None:
    assert version_key(version) == version_key("1.2")


@pytest.mark.parametrize("version", ["alpha", "rc1", "1.2rcx", "1.2prealpha", "1.2rc1.3"])
def test_no_prerelease(version: str) -> None:
    assert version_key(version)[1] == version_key("1")[1]


def test_very_long_numbers() -> None:
    digits = "9" * 10_000
    for version in (digits, f"1.{digits}", f"1rc{digits}", f"1.2-beta.{digits}"):
        assert version_key(version) > version_key("1alpha")


@given(st.text(max_size=40))
def test_any_text_can_be_compared(version: str) -> None:
    key = version_key(version)
    assert key == version_key(version.replace("_", "."))
    assert version_key("") <= key


PARTS = st.lists(st.sampled_from(["1", "02", "10", "a", "rc", "main", "alpha", "p"]), min_size=1, max_size=5)


@given(st.builds("".join, PARTS), PARTS, st.sampled_from("._-"))
def test_separators_are_ignored_in_comparisons(start: str, parts: list[str], separator: str) -> None:
    assert version_key(separator.join([start, *parts])) == version_key(".".join([start, *parts]))


def printed_by_spack(versions: VersionList) -> str:
    """Spack leaves out the `=` of one exact version where it stands alone as a constraint."""
    (part, *more) = versions.parts
    return part.text if isinstance(part, ExactVersion) and not more else str(versions)


def test_contains_agrees_with_spack() -> None:
    assert len(ORACLE["satisfies"]) > 100
    for case in ORACLE["satisfies"]:
        versions = parse_versions(case["constraint"])
        answer = versions.contains(case["version"], WORDS_0_23)
        assert (answer, answer) == (case["satisfies"], case["intersects"]), case
        assert printed_by_spack(versions) == case["constraint_str"], case


def test_intersects_agrees_with_spack() -> None:
    assert len(ORACLE["range_range"]) >= 50
    for case in ORACLE["range_range"]:
        a, b = parse_versions(case["a"]), parse_versions(case["b"])
        assert (a.satisfies(b), a.intersects(b)) == (case["satisfies"], case["intersects"]), case
        assert str(a.intersection(b)) == str(b.intersection(a)) == case["intersection"], case
        assert str(a.union(b)) == str(b.union(a)) == case["union"], case


@pytest.mark.parametrize(
    ("text", "within", "without"),
    [
        ("1.14", "1.14 1.14.6 1.14p1 1.14-foo 1.14.develop 1.15-rc1", "1.140 1.15 1.14rc1 1.13.9"),
        ("=1.2.3", "1.2.3 =1.2.3 1.2-3 1.02.3", "1.2.3.0 1.2.3rc1 git.main=1.2.3"),
        ("1.0:1.2", "1.0 1.2 1.2.9", "0.9 1.0rc1 1.3 develop git.main"),
        (":1.13", "0 a --alpha 1.13.2 git.main=1.2", "1.14 develop git.main"),
        ("1.2:", "1.2 9 nightly develop develop.2 git.a/b=2", f"1.1 a {COMMIT} git.a/b=1.1"),
        (":", f"1 a develop develop.2 1.2rc git.main {COMMIT} {COMMIT}=1.2", ""),
        (":develop", "1 main develop develop-1.2", "git.develop"),
        ("1.2-rc1", "1.2-rc1", "1.2 1.2-rc2 1.2-rc"),
        ("1.2-rc", "1.2rc", "1.2 1.2-rc0 1.2beta"),
        ("1.a", "1.a 1.a.2 1.aA 1.az", "1.b 1.A"),
        ("1.Z", "1.Z 1.Z.2 1.Za", "1.a 1.Y"),
        ("1.z", "1.z 1.z.9", "1.zA 1.2"),
        ("heac", "heac heac.2 headstrong", "heae head heab"),
        ("1.2:1.3,=1.7", "1.2 1.3.9 1.7", "1.4 1.7.1"),
        ("git.main=1.2", "git.main=1.2 main=1-2 git.main=1.02", "1.2 git.a=1.2"),
        ("git.main", "git.main git.main=1.2 git.main=9", "main 1.2 git.mainly git.a=main"),
        (COMMIT, f"{COMMIT} {COMMIT}=1.2 git.{COMMIT}", f"1.2 {COMMIT[::-1]}"),
    ],
)
def test_contains(text: str, within: str, without: str) -> None:
    versions = parse_versions(text)
    assert [version for version in within.split() if not versions.contains(version)] == []
    assert [version for version in without.split() if versions.contains(version)] == []


def test_nightly_in_each_order() -> None:
    assert parse_versions("1.2:").contains("nightly")
    assert not parse_versions("1.2:").contains("nightly", WORDS_0_23)
    assert parse_versions(":1.2").contains("git.a=nightly", WORDS_0_23)
    assert not parse_versions("nightlx").contains("nightly", WORDS_0_23)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (" 1.2 : 1.4 ", "1.2:1.4"),
        ("1.2:1.2", "1.2"),
        ("1.0.1,1.0.2", "1.0.1:1.0.2"),
        ("1.2:,:1.2.2", ":"),
        ("=1.2.3,1.2", "1.2"),
        ("=2,=1.02,=1.2", "=1.02,=2"),
        ("1.0:1.5,=1.6,1.2:1.3", "1.0:1.5,=1.6"),
        ("git.main,=1.2,git.main=1.2", "=1.2,git.main"),
        ("git.main=1.2,git.a=1.2.3,1.2", "1.2"),
        ("git.main,:", ":"),
        (f"git.a/b-c,{COMMIT}=1.2,=1.2", f"=1.2,{COMMIT}=1.2,git.a/b-c"),
        ("=git.main=1.2", "git.main=1.2"),
    ],
)
def test_parts_are_merged(text: str, printed: str) -> None:
    assert str(parse_versions(text)) == printed


def test_parts_of_each_kind() -> None:
    parts = (
        ExactVersion("1.2"),
        GitVersion("main", "1.2"),
        VersionRange("1.4", ""),
        GitVersion(COMMIT, "", ""),
    )
    assert parse_versions(f"{COMMIT},1.4:,git.main=1.2,=1.2").parts == parts
    assert (bool(VersionList()), bool(parse_versions("1"))) == (False, True)


@pytest.mark.parametrize(
    ("text", "same", "other"),
    [
        ("1.2", "1-2:1.02", "=1.2"),
        ("=1.2.3", "=1.2-3", "git.main=1.2.3"),
        ("git.main=1.2", "git.main=1.02", "git.a=1.2"),
        (f"git.{COMMIT}", COMMIT, "git.main"),
    ],
)
def test_equality_ignores_spelling(text: str, same: str, other: str) -> None:
    assert len({parse_versions(text), parse_versions(same), parse_versions(other)}) == 2
    assert parse_versions(text) == parse_versions(same)


def test_any_version() -> None:
    anything, words = parse_versions("1:,:1"), parse_versions(":develop")
    assert (anything.is_any, words.is_any, parse_versions("1:").is_any) == (True, False, False)
    assert words.satisfies(anything) and not anything.satisfies(words)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no version is given"),
        ("1.14:1.10", "1.14:1.10 is an empty range"),
        ("1.3:1.1", "1.3:1.1 is an empty range"),
        ("1.2:1.2-rc1", "1.2:1.2-rc1 is an empty range"),
        ("=1.2:1.3", "=1.2:1.3: = is not allowed in a range"),
        ("1:2:3", "1:2:3: a range has one colon"),
        ("git.a:2", "git.a:2: a git version cannot be part of a range"),
        ("1.2,,1.3", "1.2,,1.3: a version is missing beside a comma"),
        ("=", "=: a version is missing after ="),
        ("==1.2", "==1.2: = is not allowed in a version"),
        ("main=1.2", "main=1.2: = is not allowed in a version"),
        ("1/2", "1/2: / is not allowed in a version"),
        ("1.2\x00", "'\\x00' is not allowed in a version"),
        ("git.", "git.: a git version is git.<ref> or git.<ref>=<version>"),
        ("git.a=", "git.a=: a git version is git.<ref> or git.<ref>=<version>"),
    ],
)
def test_no_versions(text: str, reason: str) -> None:
    with pytest.raises(VersionSyntaxError) as error:
        parse_versions(text)
    assert str(error.value) == reason


def test_ranges_of_very_long_numbers() -> None:
    digits = "9" * 10_000
    versions = parse_versions(f"{digits}:,={digits}.1,git.a={digits}")
    assert str(versions) == f"{digits}:"
    assert versions.contains(f"{digits}.2")


@given(st.text(max_size=20) | st.text("12z.-=:,/ ", max_size=12) | st.text("git.=:,1", max_size=12))
def test_any_text_is_versions_or_a_reason(text: str) -> None:
    try:
        versions = parse_versions(text)
    except VersionSyntaxError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert parse_versions(str(versions)) == versions
        assert str(parse_versions(str(versions))) == str(versions)


KNOWN = [
    *ORACLE["sorted"],
    *(v for equal in DOCUMENTED for v in equal),
    "git.main=1.2",
    f"{COMMIT}=1.9",
    "git.a=b",
]
VERSIONS = st.sampled_from(KNOWN)
"""Versions of which it is known where they stand."""

RANGES = st.tuples(VERSIONS, VERSIONS).map(
    lambda ends: ":".join(end.rpartition("=")[2] for end in sorted(ends, key=version_key))
)
SINGLES = VERSIONS.map(lambda version: version if "=" in version else f"={version}")
PARTS_AS_TEXT = RANGES | SINGLES | VERSIONS.map(lambda v: f"{v.rpartition('=')[2]}:") | st.just(":1.2")
LISTS = st.lists(PARTS_AS_TEXT, min_size=1, max_size=4).map(",".join).map(parse_versions)


@given(LISTS)
def test_printed_lists_parse_to_the_same(versions: VersionList) -> None:
    assert parse_versions(str(versions)) == versions


@given(LISTS, VERSIONS)
def test_contains_agrees_with_intersects_of_an_exact_version(versions: VersionList, version: str) -> None:
    one = parse_versions(version if "=" in version else f"={version}")
    assert versions.contains(version) == versions.intersects(one) == one.satisfies(versions)


@given(LISTS, LISTS, VERSIONS)
def test_union_and_intersection_of_members(a: VersionList, b: VersionList, version: str) -> None:
    in_a, in_b = a.contains(version), b.contains(version)
    assert a.union(b).contains(version) == (in_a or in_b)
    assert a.intersection(b).contains(version) == (in_a and in_b)
    assert a.intersects(b) or not (in_a and in_b)
    assert in_b or not in_a or not a.satisfies(b)


@given(LISTS, LISTS)
def test_intersections_are_subsets_and_unions_are_supersets(a: VersionList, b: VersionList) -> None:
    assert a.intersection(b).satisfies(a) and a.satisfies(a.union(b))
    assert a.satisfies(b) == (a.intersection(b) == a) == (a.union(b) == b)


ANY_GIT = st.sampled_from(["git.main", "git.main=", COMMIT, f"git.{COMMIT}", "main=1.2", "git.a=nightly"])
ASKED = LISTS | st.sampled_from([":", "git.main", COMMIT, "git.main,1.2", ":,git.main"]).map(parse_versions)


@pytest.mark.parametrize("words", [INFINITY_WORDS, WORDS_0_23])
@given(values=st.sets(VERSIONS | ANY_GIT, max_size=40), versions=ASKED)
@example(values={"1-2", "1.2", "git.a=1.2", "1.3"}, versions=parse_versions("=1.2"))
def test_positions_within_agrees_with_a_scan(
    values: set[str], versions: VersionList, words: tuple[str, ...]
) -> None:
    ordered = sorted(values, key=lambda value: (version_key(value), value))
    scan = [place for place, value in enumerate(ordered) if versions.contains(value, words)]
    assert positions_within(ordered, versions, words) == scan
    test = VersionTest(versions, words)
    assert [place for place, value in enumerate(ordered) if test.contains(value)] == scan
