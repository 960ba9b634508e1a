"""A user's machine with Spack's configuration, and mirrors on loopback, for end-to-end tests."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.config import config_file, load_config, site_config_file
from cachetui.refresh import Opened, Policy, open_catalog
from tests.refresh.files import hash_of, own_folders
from tests.servers.faults import Behaviour, Content, Exchange, Server

PUBLIC = """
public:
  directory: "{url}/list.json"
  prefixes: {{"s3://bucket/": "{url}/"}}
  mirror: "{url}/{{name}}"
"""
"""Settings that make a server the place of the public build caches."""


class World:
    """Folders below one temporary folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        own_folders(folder, monkeypatch)
        self.folder = folder
        self.scope = folder / "scope"
        self.spack_cache = folder / "user cache"
        for name, path in {
            "XDG_CONFIG_DIRS": folder / "system",
            "SPACK_SYSTEM_CONFIG_PATH": folder / "no system scope",
            "SPACK_USER_CONFIG_PATH": self.scope,
            "SPACK_USER_CACHE_PATH": self.spack_cache,
        }.items():
            monkeypatch.setenv(name, str(path))

    def mirrors(self, *lines: str) -> Path:
        """The lines of a mirrors.yaml below `mirrors:`."""
        text = "".join(f"  {line}\n" for line in lines)
        return _written(self.scope / "mirrors.yaml", f"mirrors:\n{text}" if lines else "mirrors: {}\n")

    def settings(self, text: str) -> Path:
        """The user's settings."""
        return _written(config_file(), text)

    def site_settings(self, text: str) -> Path:
        """Those of an administrator."""
        return _written(site_config_file(), text)

    def keep(self, key: str, content: bytes, age: float = 0.0, sha256: str = "") -> Path:
        """An index as Spack has downloaded it, under a key of its list."""
        folder = self.spack_cache / "cache" / "indices"
        listed = folder / "contents.json"
        entries = json.loads(listed.read_text()) if listed.exists() else {}
        file = _written(folder / f"{hashlib.sha256(key.encode()).hexdigest()[:10]}.json", "")
        file.write_bytes(content)
        written = file.stat().st_mtime - age
        os.utime(file, (written, written))
        entries[key] = {
            "index_hash": sha256 or hashlib.sha256(content).hexdigest(),
            "index_path": file.name,
            "etag": None,
        }
        _written(listed, json.dumps(entries))
        return file


def _written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def index(*numbers: int) -> bytes:
    """An index with a build of zlib for each number."""
    installs = {
        hash_of(n): {"spec": {"name": "zlib", "version": f"1.{n}", "hash": hash_of(n)}} for n in numbers
    }
    return json.dumps({"database": {"version": "8", "installs": installs}}).encode()


def etag_of(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:12]}"'


def v2(path: str, content: bytes) -> dict[str, Behaviour]:
    """A mirror of layout v2 at a path of a server."""
    return {f"{path}/build_cache/index.json": Content(content, etag_of(content))}


def v3(path: str, content: bytes, view: str = "", checksum: str = "") -> dict[str, Behaviour]:
    """A mirror of layout v3, or one view of it."""
    digest = checksum or hashlib.sha256(content).hexdigest()
    blob = {
        "contentLength": len(content),
        "mediaType": "application/vnd.spack.db.v8+json",
        "compression": "none",
        "checksumAlgorithm": "sha256",
        "checksum": digest,
    }
    manifest = json.dumps({"version": 3, "data": [blob]}).encode()
    folder = f"{path}/v3/manifests/index" + (f"/{view}" if view else "")
    return {
        f"{folder}/index.manifest.json": Content(manifest, etag_of(manifest)),
        f"{path}/blobs/sha256/{digest[:2]}/{digest}": Content(content),
    }


def forbidden(exchange: Exchange) -> None:
    """Fails the test: nobody may be asked here."""
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
    """The catalog of some locations, and what it tells; the catalog itself is closed."""
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


def kept_indexes() -> list[Path]:
    """The indexes that were downloaded."""
    return sorted(paths.downloads_dir().glob("*.json"))
