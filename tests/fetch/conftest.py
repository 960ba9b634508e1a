"""What tests of mirrors behind a network share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui.fetch import Network, Store
from tests.sources.mirrors import Reader

_KEPT = re.compile(r"[0-9a-f]{16}(\.state|-[0-9a-f]{16}\.json|\.part|\.part\.json)")


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Reads mirrors; in the end nothing lies about that is not kept on purpose."""
    for name in ("REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "S3_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    reader = Reader(Store(tmp_path / "downloads"), Network(first_wait=0.01, read_timeout=10))
    yield reader
    assert [name for name in reader.left() if not _KEPT.fullmatch(name)] == []


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of all waits before another try; none of them is waited."""
    waits: list[float] = []
    monkeypatch.setattr("cachetui.fetch.transport.pause", lambda seconds, tick: waits.append(seconds))
    return waits
