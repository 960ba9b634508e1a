"""Servers in trouble, and what is opened from mirrors, for tests of the whole way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cachetui import paths
from cachetui.config import load_config
from cachetui.refresh import Opened, Policy, open_catalog
from tests.servers.faults import Exchange, Server

PUBLIC = """
public:
  directory: "{url}/list.json"
  prefixes: {{"s3://bucket/": "{url}/"}}
  mirror: "{url}/{{name}}"
"""
"""Settings that make a server the place of the public build caches."""


def forbidden(exchange: Exchange) -> None:
    """Fails the test: no server may be contacted here."""
    raise AssertionError(f"{exchange.request.path} was asked for")


def asked(server: Server) -> list[str]:
    """The paths that were asked for since the last call."""
    found = [request.path for request in server.requests]
    server.requests.clear()
    return found


def gone(server: Server) -> None:
    """From now on the server is in trouble."""
    server.table.clear()
    server.otherwise = _broken


def _broken(exchange: Exchange) -> None:
    from tests.servers.faults import Status

    Status(500)(exchange)


def configured(offline: bool = False, max_age: float | None = None) -> Policy:
    """The policy of a command."""
    return Policy.of(load_config(), offline, max_age)


def opened(*locations: str, policy: Policy | None = None) -> Opened:
    """The catalog of some locations, and its messages; the catalog itself is closed."""
    result = open_catalog(locations, policy=policy or configured())
    result.catalog.close()
    return result


def numbers(*locations: str, policy: Policy | None = None) -> set[int]:
    """The numbers of the builds at some locations."""
    return set(places(*locations, policy=policy))


def places(*locations: str, policy: Policy | None = None) -> Mapping[int, set[tuple[str, str, str, str]]]:
    """Where each build is: mirror, tag, stack, view."""
    result = open_catalog(locations, policy=policy or configured())
    specs = [result.catalog.spec(row) for row in range(len(result.catalog))]
    result.catalog.close()
    return {
        int(spec.version.removeprefix("1.")): {(p.mirror, p.tag, p.stack, p.view) for p in spec.places}
        for spec in specs
    }


def everything_below(folder: Path) -> bytes:
    """The content of all files, one after the other."""
    return b"\0".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def downloaded_indexes() -> list[Path]:
    """The indexes that were downloaded."""
    return sorted(paths.downloads_dir().glob("*.json"))
