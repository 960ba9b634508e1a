"""What can be set: `config.yaml` in the configuration folder of the system and in that of the user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, ValidationError, convert, field, json
from msgspec.structs import fields, replace

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

    catalog: str = ""
    """A compiled catalog that is opened where no location is given: `cachetui refresh --output` makes one."""

    offline: bool = False
    """Whether no network is ever asked."""

    max_age: str = "10m"
    """How long the last answer of a mirror is good enough: `90s`, `10m`, `12h`, `7d`."""

    public: Mapping[str, Any] = field(default_factory=dict)
    """Where public build caches are; what is not set stays as it is shipped (see `PublicPlaces`)."""


class PublicPlaces(Struct, frozen=True):
    """Where public build caches are, and what they are called."""

    directory: str = ""
    """URL of a JSON file that lists them: `{ref: [{"label": stack, "url": of the index}]}`."""

    prefixes: Mapping[str, str] = field(default_factory=dict)
    """Beginnings of the URLs in it, and what everybody can read instead."""

    mirror: str = ""
    """URL of the mirror `{name}`: a ref, or `ref/stack`."""

    names: str = ""
    """A regular expression for refs."""


_AGE = re.compile(r"(\d{1,9}(?:\.\d+)?)\s*([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> float:
    """`90`, `90s`, `10m`, `12h`, `7d` in seconds. Raises ValueError."""
    match = _AGE.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is no length of time; write 90s, 10m, 12h or 7d")
    return float(match[1]) * _SECONDS[match[2]]


def config_file() -> Path:
    """Where the settings are read from."""
    return paths.config_dir() / "config.yaml"


def site_config_file() -> Path:
    """Where the settings of an administrator are read from."""
    return paths.site_config_dir() / "config.yaml"


def load_config() -> Config:
    """The settings of the administrator, and over them those of the user. Raises ConfigError."""
    site, user = _given(site_config_file()), _given(config_file())
    for name, value in site.items():
        if isinstance(value, dict):
            user[name] = {**value, **user.get(name, {})}
    return Config(**{**site, **user})


def public_places(config: Config) -> PublicPlaces:
    """Where public build caches are, by what is shipped and what is set."""
    shipped = json.decode(paths.public_file().read_bytes(), type=PublicPlaces)
    return replace(shipped, **config.public)


def _given(file: Path) -> dict[str, Any]:
    """The settings of a file; none where there is no file."""
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):  # the latter with HOME=/dev/null
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    # Not at the top: without a configuration file, the program starts without PyYAML.
    import yaml

    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # YAML's `2024-13-45` is a ValueError
        raise ConfigError(f"{file}: not YAML ({' '.join(str(error).split())})") from error
    return _settings(content if content is not None else {}, file)


def _settings(content: Any, file: Path) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise ConfigError(f"{file}: not a mapping of settings")
    known = {setting.name: setting for setting in fields(Config)}
    for name in content:
        if name not in known:
            raise ConfigError(f"{file}: there is no setting {name!r}; there are {', '.join(known)}")
    given = {name: value for name, value in content.items() if value is not None}
    if type(given.get("max_age")) in (int, float):
        given["max_age"] = str(given["max_age"])
    for name, value in given.items():
        _check(name, value, file)
    return given


_KINDS = {str: "a text", bool: "true or false", dict: "a mapping"}


def _check(name: str, value: object, file: Path) -> None:
    kind = type(getattr(Config(), name))
    if not isinstance(value, kind):
        raise ConfigError(f"{file}: {name} is not {_KINDS[kind]}")
    if name == "public":
        _check_public(value, file)
    elif isinstance(value, dict) and not _is_of_texts(value):
        raise ConfigError(f"{file}: {name} has something that is not text in it")
    elif name == "max_age":
        try:
            seconds(str(value))
        except ValueError as error:
            raise ConfigError(f"{file}: max_age: {error}") from error


def _is_of_texts(value: dict[Any, Any]) -> bool:
    return all(isinstance(text, str) for pair in value.items() for text in pair)


def _check_public(value: Any, file: Path) -> None:
    try:
        places = convert(value, type=PublicPlaces)
        for pattern in (places.names, f"(?P<ref>{places.names})(?P<stack>)"):  # it becomes a part of another
            re.compile(pattern)
    except (ValidationError, re.error, OverflowError, RecursionError) as error:
        raise ConfigError(f"{file}: public: {error}") from error
    for name in value:
        if name not in PublicPlaces.__struct_fields__:
            known = ", ".join(PublicPlaces.__struct_fields__)
            raise ConfigError(f"{file}: public: there is no setting {name!r}; there are {known}")
    if places.mirror and "{name}" not in places.mirror:
        raise ConfigError(f"{file}: public: mirror has no {{name}} in it")
