"""Configuration that includes other configuration."""

from __future__ import annotations

import pytest

from tests.builders.homes import FakeMachine, scope_names


@pytest.fixture(autouse=True)
def newest(machine: FakeMachine) -> None:
    machine.spack("1.1.0")


CONDITION = "included under a condition (when), which is not evaluated"
GIT = "included from git, which is not fetched"


def including(machine: FakeMachine, *entries: str) -> None:
    lines = "".join(f"- {entry}\n" for entry in entries)
    machine.write(machine.user / "include.yaml", f"include:\n{lines}")


def test_included_scopes_follow_their_includer_in_order(machine: FakeMachine) -> None:
    including(machine, "first", "sub/second.yaml")
    machine.mirrors(machine.system, "shared: https://system\n")
    machine.mirrors(machine.user / "first", "shared: https://first\n")
    second = machine.write(
        machine.user / "sub/second.yaml", "mirrors:\n  shared: https://second\n  other: https://second\n"
    )
    config = machine.read()
    assert scope_names(config) == ["user", "user:first", "user:sub/second.yaml", "system"]
    assert [(mirror.name, mirror.url) for mirror in config.mirrors] == [
        ("shared", "https://first"), ("other", "https://second"),
    ]  # fmt: skip
    assert [mirror.scope for mirror in config.mirrors] == ["user:first", "user:sub/second.yaml"]
    assert config.mirrors[1].place == f"{second}:3"


def test_paths_are_relative_to_the_including_file(machine: FakeMachine) -> None:
    including(machine, "{path: ../a/b}")
    machine.write(machine.home / "a/b/include.yaml", "include: [c.yaml, $spack/d, ~/e]\n")
    machine.write(machine.home / "a/b/c.yaml", "mirrors: {one: ../../store}\n")
    machine.mirrors(machine.root / "d", "two: https://d\n")
    machine.mirrors(machine.home / "e", "three: https://e\n")
    assert machine.urls() == {"one": f"{machine.home}/store", "two": "https://d", "three": "https://e"}
    assert scope_names(machine.read()) == [
        "user", f"user:{machine.home}/a/b", f"user:{machine.home}/a/b:c.yaml",
        f"user:{machine.home}/a/b:{machine.root}/d", f"user:{machine.home}/a/b:{machine.home}/e",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("gone", "included, but missing: {user}/gone"),
        ("{path: gone}", "included, but missing: {user}/gone"),
        ("{path: gone, optional: false}", "included, but missing: {user}/gone"),
        ("{path: gone, optional: true}", ""),
        ("{path: gone, optional: yes}", ""),
        ("{path: there, when: 'os == \"ventura\"'}", CONDITION),
        ("{path: there, when: '__import__(\"os\").abort()'}", CONDITION),
        ("{git: 'https://u:hunter2@host/x.git', branch: b, paths: [x]}", GIT),
        ("https://u:hunter2@host/x.yaml", "https://host/x.yaml is included, which is not fetched"),
        ("{path: 'http://host/x.yaml', sha256: abc}", "http://host/x.yaml is included, which is not fetched"),
        ("{path: $nowhere/x}", "included from a path with $nowhere, which is not defined here"),
        ("{optional: true}", "an include that names no path"),
        ("{path: [a]}", "an include that names no path"),
        ("[a, b]", "an include that names no path"),
        ("null", "an include that names no path"),
        ("{}", "an include that names no path"),
    ],
)  # fmt: skip
def test_entry_that_is_not_included_is_noted(machine: FakeMachine, entry: str, reason: str) -> None:
    machine.mirrors(machine.user / "there", "there: https://there\n")
    including(machine, entry)
    config = machine.read()
    assert config.mirrors == ()
    notes = [note.partition(": ") for note in config.notes]
    assert [note[2] for note in notes] == [reason.format(user=machine.user)] * bool(reason)
    assert {note[0].rpartition(":")[0] or note[0] for note in notes} <= {str(machine.user / "include.yaml")}


@pytest.mark.parametrize(
    "when",
    [
        '"SPACK_DISABLE_LOCAL_CONFIG" not in env',
        "'SPACK_DISABLE_LOCAL_CONFIG' not in env",
        '  "SPACK_DISABLE_LOCAL_CONFIG"   not  in env ',
    ],
)
def test_only_condition_that_is_evaluated(machine: FakeMachine, when: str) -> None:
    quoted = when.replace("'", "''")
    machine.write(machine.etc / "include.yaml", f"include:\n- {{path: there, when: '{quoted}'}}\n")
    machine.mirrors(machine.etc / "there", "there: https://there\n")
    assert list(machine.urls()) == ["there"]
    machine.environ["SPACK_DISABLE_LOCAL_CONFIG"] = "0"
    assert machine.urls() == {}
    assert machine.read().notes == ()


def test_path_is_overridden_by_an_environment_variable(machine: FakeMachine) -> None:
    including(machine, "{path: there, path_override_env_var: ELSEWHERE}")
    machine.mirrors(machine.user / "there", "there: https://there\n")
    machine.mirrors(machine.folder / "else", "else: https://else\n")
    assert list(machine.urls()) == ["there"]
    machine.environ["ELSEWHERE"] = str(machine.folder / "else")
    assert list(machine.urls()) == ["else"]


def test_named_include_replaces_the_scope_of_that_name(machine: FakeMachine) -> None:
    including(machine, "{path: mine, name: system}", "{path: other, name: own}")
    for folder in (machine.system, machine.user / "mine", machine.user / "other"):
        machine.mirrors(folder, f"{folder.name}: https://host\n")
    config = machine.read()
    assert [(scope.name, scope.path) for scope in config.scopes] == [
        ("user", str(machine.user)),
        ("system", f"{machine.user}/mine"),
        ("own", f"{machine.user}/other"),
    ]
    assert [mirror.name for mirror in config.mirrors] == ["mine", "other"]


def test_circular_include_is_noted_and_skipped(machine: FakeMachine) -> None:
    including(machine, "a.yaml")
    machine.write(machine.user / "a.yaml", "include: [b.yaml]\nmirrors: {a: https://a}\n")
    machine.write(machine.user / "b.yaml", "mirrors: {b: https://b}\ninclude:\n- a.yaml\n- .\n")
    config = machine.read()
    assert [mirror.name for mirror in config.mirrors] == ["a", "b"]
    place = f"{machine.user}/b.yaml"
    assert config.notes == (
        f"{place}:3: circular include: {machine.user}/a.yaml",
        f"{place}:4: circular include: {machine.user}",
    )


def test_deeply_nested_includes_are_noted(machine: FakeMachine) -> None:
    including(machine, "0.yaml")
    for number in range(40):
        text = f"include: [{number + 1}.yaml]\nmirrors: {{m{number}: https://m}}\n"
        machine.write(machine.user / f"{number}.yaml", text)
    config = machine.read()
    assert len(config.mirrors) == 30
    assert config.notes == (f"{machine.user}/29.yaml:1: too many includes",)


def test_too_many_includes_are_noted(machine: FakeMachine) -> None:
    for level in range(5):
        entries = ", ".join(f"{{path: l{level + 1}.yaml, name: n{{}}{index}}}" for index in range(12))
        machine.write(machine.user / f"l{level}.yaml", f"include: [{entries.replace('{}', str(level))}]\n")
    including(machine, *(f"{{path: l0.yaml, name: top{number}}}" for number in range(2000)))
    config = machine.read()
    assert len(config.scopes) == 1000
    assert any(note.endswith("too many includes") for note in config.notes)


@pytest.mark.parametrize("version", ["0.23.1", "1.0.0", "1.1.0"])
@pytest.mark.parametrize(("key", "below"), [("include:", ["user"]), ("include::", [])])
def test_environment_includes_files_and_folders(
    machine: FakeMachine, version: str, key: str, below: list[str]
) -> None:
    machine.spack(version)
    machine.mirrors(machine.user, "user: https://user\nshared: https://user\n")
    machine.mirrors(machine.etc / "defaults", "public: https://public\n")
    folder = machine.environment(f"spack:\n  {key}\n  - ../parts\n  - part.yaml\n")
    machine.mirrors(machine.folder / "parts", "shared: https://parts\n")
    machine.write(folder / "part.yaml", "mirrors:\n  part: https://part\n  shared: https://part\n")
    assert list(machine.urls()) == ["shared", "part", *below, "public"]
    assert machine.urls()["shared"] == "https://parts"
    assert machine.read().notes == ()


def test_include_override_drops_scopes_below_those_included(machine: FakeMachine) -> None:
    machine.write(machine.etc / "include.yaml", "include: [{name: user, path: ~/.spack}, below]\n")
    machine.write(machine.user / "include.yaml", "include::\n- part\n")
    machine.write(machine.etc / "defaults/include.yaml", "include: [base]\n")
    for folder in (machine.etc, machine.etc / "below", machine.user / "part", machine.etc / "defaults/base"):
        machine.mirrors(folder, f"{folder.name}: https://h\n")
    assert list(machine.urls()) == ["spack", "part", "base"]
    assert scope_names(machine.read()) == ["spack", "user", "user:part", "defaults", "defaults:base"]


def test_environment_may_include_another(machine: FakeMachine) -> None:
    machine.environment("spack:\n  include: [../other/spack.yaml]\n")
    machine.write(machine.folder / "other/spack.yaml", "spack:\n  mirrors: {other: store}\n")
    assert machine.urls() == {"other": f"{machine.folder}/other/store"}


@pytest.mark.parametrize("text", ["include: there\n", "include: {path: there}\n", "include: 3\n"])
def test_include_that_is_not_a_list(machine: FakeMachine, text: str) -> None:
    file = machine.write(machine.user / "include.yaml", text)
    assert machine.read().notes == (f"{file}:1: 'include' is not a list",)


def test_include_that_is_null(machine: FakeMachine) -> None:
    machine.write(machine.user / "include.yaml", "include:\n")
    assert machine.read().notes == ()
