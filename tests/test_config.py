"""The configuration file: what is in it, what is wrong with it, and that there need not be one."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from msgspec.structs import fields

from cachetui.config import Config, ConfigError, config_file, load_config

SETTINGS = "theme, mouse, aliases, keys, catalog, offline, max_age, public"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def write(text: str | bytes) -> Path:
    file = config_file()
    file.parent.mkdir(parents=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def problem(text: str | bytes) -> str:
    """What is told about a file, without its place."""
    file = write(text)
    with pytest.raises(ConfigError) as caught:
        load_config()
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert "\n" not in message
    return message.removeprefix(f"{file}: ")


def test_it_lies_in_the_configuration_folder(home: Path) -> None:
    assert config_file() == home / "config" / "cachetui" / "config.yaml"


def test_without_a_file_there_are_defaults() -> None:
    assert load_config() == Config(theme="", mouse=True, aliases={}, keys={})


def test_with_no_home_there_are_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/dev/null")
    assert load_config() == Config()


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "keys:\naliases:\n  # qe: quantum-espresso\n"])
def test_what_is_left_out_has_its_default(text: str) -> None:
    write(text)
    assert load_config() == Config()


def test_all_settings() -> None:
    write("theme: nord\nmouse: false\naliases: {qe: quantum-espresso}\nkeys:\n  copy-hash: c\n")
    assert load_config() == Config("nord", False, {"qe": "quantum-espresso"}, {"copy-hash": "c"})


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
            f"there is no setting 7; there are {SETTINGS}",
        ),
        ("mouse: 1", "mouse is not true or false"),
        ("theme: [nord]", "theme is not a text"),
        ("keys: [c]", "keys is not a mapping"),
        ("keys: {copy-hash: 5}", "keys has something that is not text in it"),
        ("aliases: {on: off}", "aliases has something that is not text in it"),
    ],
)
def test_wrong_settings_are_told(text: str, reason: str) -> None:
    assert problem(text) == reason


@pytest.mark.parametrize(
    "text",
    ["theme: [", "\t: x", "theme: !!python/object:os.system x", "theme: 2024-13-45", "[" * 20000, "a: \x1b"],
    ids=["open bracket", "tab", "python object", "no such date", "deep", "escape"],
)
def test_what_is_not_yaml_is_told_in_one_line(text: str) -> None:
    assert problem(text).startswith("not YAML (")


def test_a_file_that_is_not_utf8_is_told() -> None:
    assert "utf-8" in problem(b"theme: \xff")


def test_a_folder_of_that_name_is_told() -> None:
    config_file().mkdir(parents=True)
    with pytest.raises(ConfigError, match="directory"):
        load_config()


def test_every_setting_is_described_in_its_place() -> None:
    source = inspect.getsource(Config)
    assert source.count('"""') == 2 * (1 + len(fields(Config)))
