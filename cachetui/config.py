"""What a person can set: `config.yaml` in the configuration folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import fields

from cachetui import paths
from cachetui.errors import CachetuiError


class ConfigError(CachetuiError):
    """A configuration file that cannot be read; the text begins with its place."""


class Config(Struct, frozen=True):
    """The settings, each with its default."""

    theme: str = ""
    """One of Textual's themes; empty: textual-dark, or ansi-dark where colours are few or not wanted."""

    mouse: bool = True
    """Whether the mouse is used; false leaves it to the terminal, for selecting text."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    """What you call a package to its name, for the package search: `{qe: quantum-espresso}`."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """Other keys for commands, by the id that the help screen shows: `{copy-hash: c}`."""


def config_file() -> Path:
    """Where the settings are read from."""
    return paths.config_dir() / "config.yaml"


def load_config() -> Config:
    """The settings of the user; the defaults where there is no file. Raises ConfigError."""
    file = config_file()
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):  # the latter with HOME=/dev/null
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    # Not at the top: without a configuration file, the program starts without PyYAML.
    import yaml

    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # YAML's `2024-13-45` is a ValueError
        raise ConfigError(f"{file}: not YAML ({' '.join(str(error).split())})") from error
    return _config(content if content is not None else {}, file)


def _config(content: Any, file: Path) -> Config:
    if not isinstance(content, dict):
        raise ConfigError(f"{file}: not a mapping of settings")
    known = {setting.name: setting for setting in fields(Config)}
    for name in content:
        if name not in known:
            raise ConfigError(f"{file}: there is no setting {name!r}; there are {', '.join(known)}")
    given = {name: value for name, value in content.items() if value is not None}
    for name, value in given.items():
        _check(name, value, file)
    return Config(**given)


_KINDS = {str: "a text", bool: "true or false", dict: "a mapping"}


def _check(name: str, value: object, file: Path) -> None:
    kind = type(getattr(Config(), name))
    if not isinstance(value, kind):
        raise ConfigError(f"{file}: {name} is not {_KINDS[kind]}")
    if isinstance(value, dict) and not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise ConfigError(f"{file}: {name} has something that is not text in it")
