"""Fixtures for mirrors behind a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui.fetch import Network, Store
from tests.builders.mirrors import INDEX, served, v3_files
from tests.fetch.reader import Reader
from tests.servers.faults import Server, faulty

_STORED = re.compile(r"[0-9a-f]{16}(\.state|-[0-9a-f]{16}\.json|\.part|\.part\.json)")


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A reader whose store must not contain stray files after the test."""
    for name in ("REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "S3_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    reader = Reader(Store(tmp_path / "downloads"), Network(first_wait=0.01, read_timeout=10))
    yield reader
    assert [name for name in reader.left() if not _STORED.fullmatch(name)] == []


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of all waits before a retry, which return at once."""
    waits: list[float] = []
    monkeypatch.setattr("cachetui.fetch.transport.pause", lambda seconds, tick: waits.append(seconds))
    return waits


@pytest.fixture
def server() -> Iterator[Server]:
    """A mirror of layout v3 at `/m`."""
    with faulty(served(v3_files(INDEX))) as server:
        yield server
