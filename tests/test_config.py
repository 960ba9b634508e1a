"""The configuration file: what is in it, what is wrong with it, and that there need not be one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import convert, to_builtins
from msgspec.structs import replace

from cachetui import bounded
from cachetui.config import (
    Config,
    PublicPlaces,
    config_file,
    default_config,
    list_settings,
    load_config,
    read_settings,
    seconds,
    site_config_file,
)
from cachetui.errors import ConfigError
from cachetui.refresh import Policy
from tests.builders.homes import use_home

SHIPPED = default_config().public
SETTINGS = (
    "theme, mouse, ascii, aliases, keys, hosts, host, catalog, code_cache, offline, max_age, wait,"
    " max_index, public"
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return use_home(tmp_path, monkeypatch)


def write(text: str | bytes, file: Path | None = None) -> Path:
    file = file or config_file()
    file.parent.mkdir(parents=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def problem(text: str | bytes) -> str:
    """The error about a file, without its place."""
    file = write(text)
    with pytest.raises(ConfigError) as caught:
        load_config()
    message = str(caught.value)
    match = re.fullmatch(rf"{re.escape(str(file))}(?::\d+)?: (.*)", message)
    assert match is not None
    return match[1]


def test_file_in_the_configuration_folder(home: Path) -> None:
    assert config_file() == home / "config" / "cachetui" / "config.yaml"


def test_defaults_without_a_file() -> None:
    assert load_config() == default_config() == Config(public=SHIPPED)
    assert convert(to_builtins(SHIPPED), PublicPlaces) == SHIPPED
    assert (SHIPPED.mirror, SHIPPED.directory[:8]) == ("https://binaries.spack.io/{name}", "https://")


def test_defaults_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/dev/null")
    assert load_config() == default_config()


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "keys:\naliases:\n  # qe: quantum-espresso\n", "public: {names: }"]
)
def test_missing_settings_have_defaults(text: str) -> None:
    write(text)
    assert load_config() == default_config()


def test_all_settings() -> None:
    write("theme: nord\nmouse: false\nascii: true\naliases: {qe: quantum-espresso}\nkeys:\n  copy-hash: c\n")
    expected = Config("nord", False, True, {"qe": "quantum-espresso"}, {"copy-hash": "c"}, public=SHIPPED)
    assert load_config() == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- theme", "not a mapping of settings"),
        ("nord", "not a mapping of settings"),
        (
            "colour: red",
            f"there is no setting 'colour'; there are {SETTINGS}",
        ),
        (
            "7: 8",
            f"there is no setting '7'; there are {SETTINGS}",
        ),
        ("mouse: 1", "mouse must be true or false"),
        ("theme: [nord]", "theme must be text"),
        ("keys: [c]", "keys must be a mapping"),
        ("keys: {copy-hash: 5}", "every key and value in keys must be text"),
        ("keys: {copy-hash: }", "every key and value in keys must be text"),
        ("aliases: {on: off}", "every key and value in aliases must be text"),
        ("offline: 1", "offline must be true or false"),
        ("offline: 'yes'", "offline must be true or false"),
        ("catalog: 7", "catalog must be text"),
        ("max_age: true", "max_age must be text"),
        ("max_age: soon", "max_age: 'soon' is not a duration; write 90s, 10m, 12h or 7d"),
        ("max_age: -1", "max_age: '-1' is not a duration; write 90s, 10m, 12h or 7d"),
        ("max_age: .inf", "max_age: 'inf' is not a duration; write 90s, 10m, 12h or 7d"),
        ("hosts: []", "hosts must be a mapping"),
        ("hosts: {gpu: linux-rhel9-zen4}", "hosts.NAME must be a mapping"),
        ("hosts: {gpu: {libc: glibc@2.34}}", "hosts.NAME: arch is missing"),
        ("hosts: {gpu: {arch: 7}}", "hosts.NAME.arch must be text"),
        (
            "hosts: {gpu: {arch: linux-rhel9-zen4, os: rhel9}}",
            "hosts.NAME: there is no setting 'os'; there are arch, libc",
        ),
        ("hosts: {gpu: {arch: zen4}}", "hosts.gpu: 'zen4' is not an architecture; write platform-os-target"),
        (
            "hosts: {gpu: {arch: linux-rhel9-zen4, libc: 2.34 of glibc}}",
            "hosts.gpu: '2.34 of glibc' is not a libc; write glibc@2.34 or musl@1.2.5:/usr",
        ),
        ("public: []", "public must be a mapping"),
        ("public: {mirror: 7}", "public.mirror must be text"),
        ("public: {prefixes: {a: 7}}", "every key and value in public.prefixes must be text"),
        ("public: {prefixes: [a]}", "public.prefixes must be a mapping"),
        ('"\\e\\n": 8', f"there is no setting '\\x1b\\n'; there are {SETTINGS}"),
        ("public: {names: '('}", "public.names: missing ), unterminated subpattern at position 0"),
        ("public: {mirror: 'https://host'}", "public.mirror: it does not contain {name}"),
        (
            "public: {url: x}",
            "public: there is no setting 'url'; there are directory, prefixes, mirror, names",
        ),
    ],
)
def test_wrong_settings(text: str, reason: str) -> None:
    assert problem(text) == reason


@pytest.mark.parametrize("names", ["(?P<stack>v)", "(?P<ref>v)", "v{99999999999999999999}"])
def test_public_names_that_fail_inside_another_pattern(names: str) -> None:
    assert problem(f"public: {{names: '{names}'}}").startswith("public.names: ")


@pytest.mark.parametrize(
    "text",
    ["theme: [", "\t: x", "theme: !!python/object:os.system x", "theme: 2024-13-45", "[" * 20000, "a: \x1b"],
    ids=["open bracket", "tab", "python object", "no such date", "deep", "escape"],
)
def test_error_of_invalid_yaml_is_one_line(text: str) -> None:
    assert problem(text).startswith("not YAML (")


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("600", 600),
        ("'600'", 600),
        ("90s", 90),
        ("10m", 600),
        ("10 M", 600),
        ("12h", 43_200),
        ("7d", 604_800),
        ("0", 0),
        ("1.5", 1.5),
        ("0.5h", 1800),
        ("10:00", 600),
    ],
)
def test_max_age(text: str, age: float) -> None:
    write(f"max_age: {text}")
    assert Policy.of(load_config()).max_age == age
    assert Policy.of(load_config(), max_age=5).max_age == 5


@pytest.mark.parametrize("text", ["", "m", "1w", "1 m 2 s", "ten", "1e3", "-5", "9" * 10, "1.", "nan"])
def test_not_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        seconds(text)


def test_offline_in_the_configuration_holds_for_all_commands() -> None:
    assert not Policy.of(load_config()).offline
    assert Policy.of(load_config(), offline=True).offline
    write("offline: true")
    assert Policy.of(load_config()).offline


def test_public_settings_override_the_shipped_ones_one_by_one() -> None:
    write("public:\n  mirror: https://mirror.example/{name}\n  prefixes: {'s3://a/': 'https://b/'}")
    assert load_config().public == PublicPlaces(
        SHIPPED.directory, {"s3://a/": "https://b/"}, "https://mirror.example/{name}", SHIPPED.names
    )


# The settings of an administrator


def test_site_file_in_the_configuration_folder_of_the_system(home: Path) -> None:
    assert site_config_file() == home / "system" / "cachetui" / "config.yaml"


def test_user_settings_override_site_settings_one_by_one() -> None:
    site = "theme: nord\nmouse: false\noffline: true\naliases: {a: b, c: d}\npublic: {names: v1}\n"
    write(site, site_config_file())
    public = replace(SHIPPED, names="v1")
    assert load_config() == Config("nord", False, aliases={"a": "b", "c": "d"}, offline=True, public=public)
    write("theme: dracula\noffline: false\naliases: {c: e}\npublic: {mirror: 'x/{name}'}\nmouse:\n")
    public = replace(public, mirror="x/{name}")
    assert load_config() == Config("dracula", False, aliases={"a": "b", "c": "e"}, public=public)


def test_settings_of_each_file() -> None:
    write("theme: nord\nmouse:\nmax_age: 60\npublic: {mirror: }", site_config_file())
    assert read_settings(site_config_file()) == {"theme": "nord", "max_age": "60", "public": {}}
    assert read_settings(config_file()) == {}


@pytest.mark.parametrize(
    ("text", "reason"), [("nord", "not a mapping"), ("colour: red", "no setting 'colour'")]
)
def test_errors_in_the_site_file_name_the_file(text: str, reason: str) -> None:
    file = write(text, site_config_file())
    write("theme: nord")
    with pytest.raises(ConfigError, match=reason) as caught:
        load_config()
    assert str(caught.value).startswith(f"{file}: ")


def test_file_that_is_not_utf8() -> None:
    assert problem(b"theme: \xff") == "not UTF-8"


def test_setting_that_stands_twice() -> None:
    assert problem("theme: a\nmouse: true\ntheme: b\n") == "duplicate key"


def test_pipe_is_not_read() -> None:
    config_file().parent.mkdir(parents=True)
    os.mkfifo(config_file())
    with pytest.raises(ConfigError, match="a named pipe"):
        load_config()


def test_huge_file_is_not_read() -> None:
    assert problem(b"#" * (bounded.SETTINGS + 1)).startswith("longer than")


@pytest.mark.parametrize("form", ["a{n}: &a{n} [{many}]", "a{n}: &a{n} {{<<: [{many}]}}"])
def test_aliases_of_aliases_and_merges_of_merges(form: str) -> None:
    lines = [form.format(n=n, many=", ".join([f"*a{n - 1}"] * 9)) for n in range(1, 12)]
    assert problem("\n".join(["a0: &a0 {k: v}", *lines])) == "too many values"


def test_folder_in_place_of_the_file() -> None:
    config_file().mkdir(parents=True)
    with pytest.raises(ConfigError, match="directory"):
        load_config()


def test_every_setting_is_described() -> None:
    settings = list_settings()
    public = [f"public.{name}" for name in PublicPlaces.__struct_fields__]
    assert [setting.name for setting in settings] == [*SETTINGS.split(", ")[:-1], *public]
    assert all(setting.description for setting in settings)
    assert [setting.kind for setting in settings[1:4]] == ["true or false", "true or false", "a mapping"]
    defaults = {setting.name: setting.default for setting in settings}
    assert (defaults["max_age"], defaults["public.names"]) == ("10m", SHIPPED.names)


START = """
import sys
from cachetui.config import load_config
load_config()
print(*sorted({"yaml"} & set(sys.modules)))
"""


def test_start_without_files_does_not_import_yaml() -> None:
    def run() -> str:
        return subprocess.run(
            [sys.executable, "-c", START], capture_output=True, text=True, check=True
        ).stdout

    assert run().split() == []
    write("theme: nord")
    assert run().split() == ["yaml"]
