"""The `mirrors` section of Spack's configuration, in the forms of all versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cachetui.secret import Secret
from cachetui.spack.machine import InvalidEntry, Machine
from cachetui.spack.marked import Text, Tree, item, parse_bool
from cachetui.spack.texts import Login, plain_text, without_login
from cachetui.spack.values import Credentials, Mirror
from cachetui.spack.variables import Expanded, Paths
from cachetui.text import redacted, show_as_written

SCHEMES = {"file", "http", "https", "sftp", "ftp", "s3", "gs", "oci", "oci+http", "ssh", "scp"}
"""Anything without one of these schemes is a path."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def read_mirrors(
    machine: Machine, paths: Paths, section: dict[Text, Tree], scopes: Mapping[str, str]
) -> tuple[Mirror, ...]:
    """Read the mirrors of the merged section in order; invalid ones are noted.

    Args:
        scopes: the names of the scopes, by file.
    """
    reader = _Reader(machine, paths, scopes)
    found: list[Mirror] = []
    for name, value in section.items():
        try:
            found.append(reader.mirror(name, value))
        except InvalidEntry as error:
            machine.broken(error.place, error.reason)
    return tuple(found)


class _Reader:
    def __init__(self, machine: Machine, paths: Paths, scopes: Mapping[str, str]) -> None:
        self._machine = machine
        self._paths = paths
        self._scopes = scopes

    def mirror(self, name: Text, value: Tree) -> Mirror:
        """Read a mirror. Raises InvalidEntry."""
        if not isinstance(value, Text | dict):
            raise _problem(name, "is neither a URL nor a mapping")
        top: dict[Text, Tree] = value if isinstance(value, dict) else {}
        fetch = value if isinstance(value, Text) else item(top, "fetch")[1]
        if not isinstance(fetch, Text | dict | None):
            raise _problem(name, "has a 'fetch' that is neither a URL nor a mapping")
        inner = fetch if isinstance(fetch, dict) else {}
        written = fetch if isinstance(fetch, Text) else _attribute(top, inner, "url")
        if not isinstance(written, Text) or not written.strip():
            raise _problem(name, "has no URL to fetch from")
        login = self._resolved(name, written)
        credentials = _credentials(top, inner, login)
        return Mirror(
            name=redacted(name) if "://" in name else plain_text(name),
            url=plain_text(login.url),
            view=plain_text(_text(_attribute(top, inner, "view"))),
            binary=self._is_binary(name, top),
            signed=parse_bool(item(top, "signed")[1]),
            place=name.place,
            scope=self._scopes.get(name.file, ""),
            has_credentials=credentials is not None,
            credentials=credentials,
            written=plain_text(login.written),
        )

    def _note(self, name: Text, reason: str) -> None:
        self._machine.note(name.place, _problem(name, reason).reason)

    def _is_binary(self, name: Text, top: dict[Text, Tree]) -> bool:
        key, value = item(top, "binary")
        binary = parse_bool(value)
        if key is not None and binary is None:
            self._note(name, "has a 'binary' that is neither true nor false")
        return binary is not False

    def _resolved(self, name: Text, written: Text) -> Login:
        """Resolve a URL as Spack does: make paths absolute, replace variables except in other URLs."""
        # The login goes first: an unknown scheme makes it a path, which may still hold a password.
        login = without_login(written.strip())
        scheme = _scheme(login.url)
        if scheme and scheme != "file":
            return _trimmed(login)
        bare = Text(login.url, written.file, written.line)
        found = self._paths.expanded(bare)
        if _scheme(found.text) in SCHEMES - {"file"}:
            return self._of_variables(bare, found)
        if not scheme:
            found = self._paths.path(bare)
        if found.unknown:
            self._note(name, f"has a path with {', '.join(found.unknown)}, which is not defined here")
        return _trimmed(login._replace(url=found.text))

    def _of_variables(self, written: str, found: Expanded) -> Login:
        """A URL that stands in variables, or partly; from now on it is shown as it is written."""
        login = _trimmed(without_login(found.text))
        if not found.replaced:
            return login
        for name in found.replaced:
            Secret(self._machine.variable(name) or "")  # a crash report knows it as such
        show_as_written(login.url, written)
        return login._replace(written=str(written))


def _problem(name: Text, reason: str) -> InvalidEntry:
    return InvalidEntry(name.place, f"mirror {redacted(name)!r} {reason}")


def _scheme(url: str) -> str:
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match else ""
    return scheme if scheme in SCHEMES else ""


def _trimmed(login: Login) -> Login:
    short = login.url.rstrip("/")
    return login if not short or short.endswith(":") else login._replace(url=short)


def _attribute(top: dict[Text, Tree], inner: dict[Text, Tree], name: str) -> Tree:
    """An attribute of the fetch connection, else of the mirror."""
    key, value = item(inner, name)
    return value if key is not None else item(top, name)[1]


def _text(value: Tree) -> str:
    return str(value) if isinstance(value, Text) else ""


def _credentials(top: dict[Text, Tree], inner: dict[Text, Tree], login: Login) -> Credentials | None:
    def text(name: str) -> str:
        return _text(_attribute(top, inner, name))

    found = Credentials(
        token=Secret(text("access_token")),
        token_variable=text("access_token_variable"),
        profile=text("profile"),
        endpoint_url=text("endpoint_url"),
        **_pair(_attribute(top, inner, "access_pair")),
    )
    if login.user and not (found.id or found.id_variable):
        found = replace(found, id=login.user, secret=found.secret or login.password)
    return None if found == Credentials() else found


def _pair(value: Tree) -> dict[str, Any]:
    """Read an access pair: a list of two, or a mapping."""
    if isinstance(value, list) and len(value) == 2:
        return {"id": _text(value[0]), "secret": Secret(_text(value[1]))}
    if isinstance(value, dict):
        found: dict[str, Any] = {
            name: _text(item(value, name)[1]) for name in ("id", "id_variable", "secret_variable")
        }
        return {**found, "secret": Secret(_text(item(value, "secret")[1]))}
    return {}
