"""The command line that was meant where a spec or a host was given in place of a location."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from contextlib import suppress

from cachetui.errors import (
    CachetuiError,
    HashError,
    LocationError,
    QuerySyntaxError,
    TerminalError,
    UnknownLocationError,
)
from cachetui.text import redacted

_WITH_QUERY = ("browse", "list", "packages", "pick", "coverage")
COMMANDS = (*_WITH_QUERY, "check", "diff", "show", "refresh", "mirrors", "doctor", "paths", "code-cache")
_WITH_VALUE = ("--by", "--format", "--limit", "--sort", "--max-age", "--print", "--output")
_QUERIES = ("-q", "--query", "-s", "--search")

_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d{1,5})?|localhost:\d{1,5}", re.IGNORECASE
)
_REGISTRY = re.compile(
    r"(?:ghcr\.io|quay\.io|docker\.io|nvcr\.io|(?:.+\.)?gcr\.io|.+\.azurecr\.io|.+\.pkg\.dev|public\.ecr\.aws"
    r"|.+\.dkr\.ecr\..+\.amazonaws\.com|registry[.\-].+|.+\.registry\..+|harbor\..+)(?::\d+)?",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:json|gz|ya?ml|lock|md|txt|sqlite|spack|py|sh)$", re.IGNORECASE)
_WHOLE_HASH = re.compile(r"[a-z2-7]{7}|[a-z2-7]{32}")
_LIKE_HASH = re.compile(r"(?:[\w.\-]+)?/?[a-z2-7]{1,32}", re.ASCII)


def meant_line(arguments: Sequence[str], error: CachetuiError) -> str:
    """The command line that was probably meant, quoted for a shell; empty if none would be understood."""
    if any(redacted(each) != each or not each.isprintable() for each in arguments):
        return ""  # it would show a secret
    command, given = _split(arguments)
    if isinstance(error, TerminalError):
        return _with_location(command, given, _unknown(error.locations))
    if isinstance(error, UnknownLocationError):
        return _with_location(command, given, error.location)
    if isinstance(error, HashError | LocationError) and command == "show":
        return _of_show(given)
    return ""


def _split(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """(the command, what follows it); no command means to browse."""
    if arguments and arguments[0] in COMMANDS:
        return arguments[0], list(arguments[1:])
    return "", list(arguments)


def _unknown(locations: Iterable[str]) -> str:
    """The first location that is none; empty if all are, or nobody knows."""
    from cachetui.config import load_config
    from cachetui.locate import LocationResolver

    try:
        resolver = LocationResolver(load_config().public)
        for location in locations:
            resolver.resolve(location)
    except UnknownLocationError as error:
        return error.location
    except (CachetuiError, OSError):
        pass
    return ""


def _with_location(command: str, given: list[str], location: str) -> str:
    if location not in given:
        return ""
    if not command and given[0] == location == "find":  # as in `spack find hdf5`
        return _of_find(given[1:])
    if url := _with_scheme(location):
        return _line(command, [url if each == location else each for each in given])
    if command == "show":
        return _of_show(given)
    if command not in ("", *_WITH_QUERY):
        return ""
    words = _words(given, location)
    start, end = given.index(location), given.index(location) + len(words)
    if start > 1 and given[start - 2] in _QUERIES:  # `-q hdf5 +mpi` without quotes
        start -= 2
        words = [given[start + 1], *words]
    rest = [*given[:start], *given[end:]]
    text = " ".join(words)
    option = _option(text)
    if not option or any(each.split("=")[0] in _QUERIES for each in rest):
        return ""
    return _line(command, [*rest, option, text])


def _of_find(given: list[str]) -> str:
    """`list installed` with the words of a `spack find`."""
    words = _words(given, given[0]) if given else []
    option = _option(" ".join(words))
    if given and not option:
        return ""
    return _line("list", ["installed", *given[len(words) :], *([option, " ".join(words)] if words else [])])


def _line(command: str, arguments: Sequence[str]) -> str:
    return shlex.join(filter(None, ("cachetui", command, *arguments)))


def _with_scheme(location: str) -> str:
    """The URL of what begins with a host; empty for anything else."""
    from cachetui.fetch import address_of

    host, slash, path = location.partition("/")
    if not _HOST.fullmatch(host) or not (slash or host.count(".") > 1) or (not slash and _FILE.search(host)):
        return ""
    if host.count(".") == 1 and _WHOLE_HASH.fullmatch(path) and not _REGISTRY.fullmatch(host):
        return ""  # `builtin.zlib/abcdefg`
    is_registry = bool(_REGISTRY.fullmatch(host)) and bool(path)
    scheme = "oci" if is_registry else "http" if host.startswith("localhost") else "https"
    with suppress(LocationError):
        address_of(f"{scheme}://{location}")
        return f"{scheme}://{location}"
    return ""


def _words(given: Sequence[str], location: str) -> list[str]:
    """The location and the arguments that follow it up to an option: `hdf5 mpi zen3`."""
    words: list[str] = []
    for each in given[given.index(location) :]:
        if each.startswith("-") or "://" in each or (words and _is_path(each)):
            break
        words.append(each)
    return words


def _is_path(text: str) -> bool:
    from cachetui.sources import SAMPLE, local_path
    from cachetui.spec import INSTALLED

    if text in (INSTALLED, SAMPLE) or text.startswith((".", "/", "~", "\\")) or "\\" in text:
        return True
    try:
        return local_path(text).exists()
    except (OSError, ValueError, RuntimeError):
        return True


def _option(text: str) -> str:
    """The option that understands a text; empty if none does."""
    from cachetui.search import check_query, is_searchable

    if _is_path(text) or not text.isprintable() or _FILE.search(text):
        return ""
    try:
        check_query(text)
        return "-q"
    except QuerySyntaxError:
        return "-s" if is_searchable(text) else ""


def _of_show(given: list[str]) -> str:
    """`show` with the hash behind the location, or with a spec in place of the hash."""
    behind = [i + 1 for i, each in enumerate(given) if each in _WITH_VALUE]
    places = [i for i, each in enumerate(given) if not each.startswith("-") and i not in behind]
    hashes = [i for i in places if _LIKE_HASH.fullmatch(given[i]) and not _is_path(given[i].lstrip("/"))]
    if len(places) == 2 and hashes == [places[1]]:
        first, second = places
        swapped = list(given)
        swapped[first], swapped[second] = given[second], given[first]
        return _line("show", swapped)
    if places and "@" in given[places[0]] and (option := _option(given[places[0]])):
        rest = [given[i] for i in places[1:]]
        return _line("list", [*rest, option, given[places[0]]])
    return ""
