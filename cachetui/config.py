"""The settings: a schema, and `config.yaml` in the configuration folders of the system and the user."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from msgspec import Meta, Struct, ValidationError, convert, field, json

from cachetui import code_cache, paths
from cachetui.bounded import SETTINGS, read_file
from cachetui.errors import ConfigError
from cachetui.text import redacted_text

if TYPE_CHECKING:
    from cachetui.yaml_text import Dialect


class PublicPlaces(Struct, frozen=True, forbid_unknown_fields=True):
    """Where public build caches are, and how their names become URLs."""

    directory: Annotated[
        str,
        Meta(
            description='URL of a JSON file that lists them: {ref: [{"label": stack, "url": of the index}]}'
        ),
    ] = ""
    prefixes: Annotated[
        Mapping[str, str],
        Meta(description="URL prefixes in the directory, and the readable URL that replaces each"),
    ] = field(default_factory=dict)
    mirror: Annotated[str, Meta(description="URL of the mirror {name}, which is ref or ref/stack")] = ""
    names: Annotated[str, Meta(description="Regular expression that matches a ref")] = ""


class HostSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """A host that builds shall run on, such as a compute node."""

    arch: Annotated[str, Meta(description="platform-os-target: linux-rhel9-zen4")]
    libc: Annotated[
        str, Meta(description="NAME@VERSION[:PATH], such as glibc@2.34; empty: that of the os")
    ] = ""


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The settings, each with its default; only `public` has other defaults in a shipped file."""

    theme: Annotated[
        str,
        Meta(
            description="cachetui-dark, cachetui-light or a theme of Textual; empty: by the background of the"
            " terminal. With NO_COLOR or 16 colours, the colours of the terminal"
        ),
    ] = ""
    mouse: Annotated[
        bool, Meta(description="Use the mouse; false leaves it to the terminal, for selecting text")
    ] = True
    ascii: Annotated[
        bool, Meta(description="Draw lines and marks in plain ASCII, as on terminals without UTF-8")
    ] = False
    aliases: Annotated[
        Mapping[str, str],
        Meta(description="Your names for packages in the package search: {qe: quantum-espresso}"),
    ] = field(default_factory=dict)
    keys: Annotated[
        Mapping[str, str],
        Meta(description="Keys for commands, by the id that the help screen shows: {copy-hash: c}"),
    ] = field(default_factory=dict)
    hosts: Annotated[
        Mapping[str, HostSettings],
        Meta(
            description="Hosts to ask for by name, as login and compute nodes differ:"
            " {gpu: {arch: linux-rhel9-zen4, libc: glibc@2.34}}"
        ),
    ] = field(default_factory=dict)
    host: Annotated[
        str,
        Meta(
            description="The host that builds are to run on: a name in `hosts`, platform-os-target, or a"
            " target; empty: this one"
        ),
    ] = ""
    catalog: Annotated[
        str,
        Meta(
            description="A compiled catalog to open when no location is given;"
            " `cachetui refresh --output` writes one"
        ),
    ] = ""
    code_cache: Annotated[
        bool,
        Meta(
            description="Keep the program's own code in one file, for a fast start on parallel file systems"
        ),
    ] = True
    offline: Annotated[bool, Meta(description="Do not use the network")] = False
    max_age: Annotated[
        str, Meta(description="Check a mirror again when its last answer is older: 90s, 10m, 12h, 7d")
    ] = "10m"
    wait: Annotated[
        str,
        Meta(
            description="How long a command waits for a mirror when others have answered, or its older index"
            " is here: 10s, 0, all"
        ),
    ] = "10s"
    max_index: Annotated[
        str,
        Meta(
            description="The largest index that is downloaded, as the mirror stores it and decompressed:"
            " 500M, 4G"
        ),
    ] = "4G"
    public: Annotated[PublicPlaces, Meta(description="Where public build caches are")] = PublicPlaces()


class Setting(Struct, frozen=True):
    """One setting of the schema.

    Args:
        name: as in the file, nested with dots: `public.mirror`.
        kind: the type in words.
    """

    name: str
    kind: str
    default: object
    description: str


_AGE = re.compile(r"(\d{1,9}(?:\.\d+)?)\s*([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> float:
    """Parse `90`, `90s`, `10m`, `12h` or `7d`. Raises ValueError."""
    match = _AGE.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 90s, 10m, 12h or 7d")
    return float(match[1]) * _SECONDS[match[2]]


def waiting(text: str) -> float | None:
    """Parse a duration, or `all`: None. Raises ValueError."""
    return None if text.strip().lower() == "all" else seconds(text)


_SIZE = re.compile(r"(\d{1,9})\s*([kmg]?)b?")
_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def size_in_bytes(text: str) -> int:
    """Parse `800k`, `500M` or `4G`. Raises ValueError."""
    match = _SIZE.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is not a size; write 500M or 4G")
    return int(match[1]) * _BYTES[match[2]]


def config_file() -> Path:
    """The user's configuration file."""
    return paths.config_dir() / "config.yaml"


def site_config_file() -> Path:
    """The administrator's configuration file."""
    return paths.site_config_dir() / "config.yaml"


def load_config() -> Config:
    """Merge the defaults, the administrator's and the user's settings; later ones win. Raises ConfigError."""
    given = merged(read_settings(site_config_file()), read_settings(config_file()))
    if not given:  # the usual start: nothing to convert
        return default_config()
    config = convert(merged({"public": _shipped_public()}, given), Config)
    code_cache.state.is_wanted = config.code_cache
    return config


def default_config() -> Config:
    """The settings without any configuration file."""
    return Config(public=PublicPlaces(**_shipped_public()))


def _shipped_public() -> dict[str, Any]:
    """Read the shipped file without checking it, which would take most of the time here; a test does."""
    shipped: dict[str, Any] = json.decode(paths.read_shipped(paths.public_file()))
    return shipped


def merged(lower: Mapping[str, Any], higher: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the settings of two files: mappings key by key; of other values the higher wins."""
    both = {
        name: {**lower[name], **value}
        for name, value in higher.items()
        if isinstance(value, dict) and name in lower
    }
    return {**lower, **higher, **both}


def read_settings(file: Path) -> dict[str, Any]:
    """Read and check the settings of a file; empty if there is none. Raises ConfigError."""
    text = _text(file)
    if text is None:
        return {}
    # Imported late: without a configuration file, the program starts without PyYAML.
    import yaml

    from cachetui.yaml_text import DUPLICATE, TOO_MUCH, YamlError, read_yaml

    place = str(file)
    try:
        read_yaml(text, _dialect())
    except YamlError as error:
        place = f"{file}:{error.line}"
        if error.reason in (DUPLICATE, TOO_MUCH):  # about all else PyYAML says more
            raise ConfigError(f"{place}: {error.reason}") from error
    try:
        content = yaml.safe_load(text)  # not `yaml_text`: settings have YAML's types, `true` and `600`
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # YAML's `2024-13-45` is a ValueError
        raise ConfigError(f"{place}: not YAML ({redacted_text(' '.join(str(error).split()))})") from error
    settings = {} if content is None else content
    if not isinstance(settings, dict):
        raise ConfigError(f"{file}: not a mapping of settings")
    settings = _normal(settings)
    try:
        _check(convert(settings, Config))
    except ValidationError as error:
        raise ConfigError(f"{file}: {_problem(str(error))}") from error
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from error
    return settings


def _text(file: Path) -> str | None:
    """Read a configuration file; None if there is none. Raises ConfigError."""
    try:
        content = read_file(file, SETTINGS)
    except (FileNotFoundError, NotADirectoryError):  # the latter with HOME=/dev/null
        return None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or 'cannot be read'}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}:{line}: not UTF-8") from error


def _dialect() -> Dialect:
    from cachetui.yaml_text import Dialect

    return Dialect(lambda text, line: text, is_full=True, on_duplicate=None, max_depth=50, max_values=20_000)


def list_settings() -> list[Setting]:
    """List every setting, in the order of the schema."""
    return list(_described(default_config()))


def _described(values: Struct, prefix: str = "") -> Iterator[Setting]:
    for name, hint in get_type_hints(type(values), include_extras=True).items():
        default = getattr(values, name)
        if isinstance(default, Struct):
            yield from _described(default, f"{prefix}{name}.")
        else:
            kind = _KINDS[type(default).__name__]
            yield Setting(prefix + name, kind, default, hint.__metadata__[0].description)


def _normal(content: dict[Any, Any]) -> dict[str, Any]:
    """Drop null, which means not set, and read a number as a duration in seconds."""
    given = {str(name): value for name, value in content.items() if value is not None}
    if isinstance(public := given.get("public"), dict):
        given["public"] = {str(name): value for name, value in public.items() if value is not None}
    for name in ("max_age", "wait"):
        if type(given.get(name)) in (int, float):
            given[name] = str(given[name])
    if type(size := given.get("max_index")) is int:
        given["max_index"] = str(size)
    return given


def _check(config: Config) -> None:
    """Check what types cannot. Raises ValueError."""
    try:
        seconds(config.max_age)
    except ValueError as error:
        raise ValueError(f"max_age: {error}") from error
    try:
        waiting(config.wait)
    except ValueError as error:
        raise ValueError(f"wait: {error}") from error
    try:
        size_in_bytes(config.max_index)
    except ValueError as error:
        raise ValueError(f"max_index: {error}") from error
    public = config.public
    try:
        re.compile(public.names)
        re.compile(f"(?P<ref>{public.names})(?P<stack>)")  # as it is used, inside another expression
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"public.names: {error}") from error
    if public.mirror and "{name}" not in public.mirror:
        raise ValueError("public.mirror: it does not contain {name}")
    for name, host in config.hosts.items():
        _check_host(f"hosts.{name}", host)


def _check_host(place: str, host: HostSettings) -> None:
    """Check the forms of a host; whether its target exists is asked when it is used. Raises ValueError."""
    from cachetui.host import parse_arch, parse_libc

    try:
        parse_arch(host.arch)
        if host.libc:
            parse_libc(host.libc)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


_KINDS = {"str": "text", "bool": "true or false", "dict": "a mapping", "object": "a mapping"}
"""Types in words, by Python's and msgspec's names."""

# Compiled only to report an error: each would cost every start 0.1 ms.
_UNKNOWN = r"(?s)Object contains unknown field `(?P<name>.*?)`(?: - at `\$\.(?P<path>.*)`)?"
_MISSING = r"Object missing required field `(?P<name>\w+)` - at `\$\.(?P<path>.*)`"
_MISTYPED = r"Expected `(?P<kind>\w+)`.*? - at (?P<key>`key` in )?`\$\.(?P<path>.*?)(?P<item>\[\.{3}\])?`"


def _problem(error: str) -> str:
    """Reword msgspec's message on a wrong value for the author of a YAML file."""
    if match := re.fullmatch(_UNKNOWN, error):
        path = match["path"] or ""
        schema = Config if not path else HostSettings if path.startswith("hosts") else PublicPlaces
        where = f"{_place(path)}: " if path else ""
        known = ", ".join(schema.__struct_fields__)
        return f"{where}there is no setting {match['name']!r}; there are {known}"
    if match := re.fullmatch(_MISSING, error):
        return f"{_place(match['path'])}: {match['name']} is missing"
    match = re.fullmatch(_MISTYPED, error)
    if match is None:  # another version of msgspec, with other messages
        return " ".join(error.split())
    if match["key"] or (match["item"] and match["kind"] == "str"):
        return f"every key and value in {match['path']} must be text"
    return f"{_place(match['path'] + (match['item'] or ''))} must be {_KINDS[match['kind']]}"


def _place(path: str) -> str:
    """A path of msgspec, which does not name the keys of mappings, for people: `hosts[...].arch`."""
    return path.replace("[...]", ".NAME")
