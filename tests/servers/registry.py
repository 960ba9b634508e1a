"""A real OCI registry, open or behind a password, and a function that pushes an index to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.asking import READER, Answer, Credentials, ask, signed_in
from tests.servers.oci import EMPTY_CONFIG, MANIFEST, TAG, digest_of, manifest_of
from tests.servers.processes import located, running, wait_until

# The registry takes no other scheme than bcrypt; this is the password of READER.
HASH = "$2b$04$cachetuicachetuicacheuLagZD/Va1SlHCnNPXeh/kThEjvSUVnW"


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Run a registry without a password and yield its URL (`http://...`)."""
    with _serving(folder, {}) as url:
        yield url


@contextmanager
def private_registry(folder: Path) -> Iterator[str]:
    """Run a registry that asks for the user and password of READER by Basic authentication."""
    folder.mkdir(parents=True, exist_ok=True)
    passwords = folder / "passwords"
    passwords.write_text(f"{READER[0]}:{HASH}\n")
    with _serving(folder, {"htpasswd": {"realm": "private", "path": str(passwords)}}) as url:
        yield url


def push_index(url: str, name: str, index: bytes, credentials: Credentials | None = None) -> str:
    """Push an index as Spack does, tagged `index.spack`; the digest of its manifest."""
    repository = f"{url}/v2/{name}"
    for blob in (index, EMPTY_CONFIG):
        _push_blob(repository, blob, credentials)
    manifest = manifest_of(index)
    headers = {"Content-Type": MANIFEST, **signed_in(credentials)}
    _expect(201, ask(f"{repository}/manifests/{TAG}", "PUT", manifest, headers))
    return digest_of(manifest)


def _push_blob(repository: str, blob: bytes, credentials: Credentials | None) -> None:
    opened = _expect(202, ask(f"{repository}/blobs/uploads/", "POST", b"", signed_in(credentials)))
    place = opened.headers["location"]
    place += f"{'&' if '?' in place else '?'}digest={digest_of(blob)}"
    headers = {"Content-Type": "application/octet-stream", **signed_in(credentials)}
    _expect(201, ask(place, "PUT", blob, headers))


def _expect(status: int, answer: Answer) -> Answer:
    assert answer.status == status, answer
    return answer


@contextmanager
def _serving(folder: Path, auth: dict[str, dict[str, str]]) -> Iterator[str]:
    program, log = located("docker-registry"), folder / "registry.log"
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "version": 0.1,
        "log": {"level": "info", "formatter": "json"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}, "delete": {"enabled": True}},
        "http": {"addr": "127.0.0.1:0", "secret": "of the tests"},
        **({"auth": auth} if auth else {}),
    }
    config = folder / "config.yml"
    config.write_text(json.dumps(settings))  # JSON is YAML too
    with running([program, "serve", str(config)], log) as process:
        yield wait_until(lambda: _announced(log), process, log)


def _announced(log: Path) -> str | None:
    """The URL in the log, with the port that the system chose."""
    found = re.search(r"listening on (127\.0\.0\.1:\d+)", log.read_text(errors="replace"))
    return f"http://{found[1]}" if found else None
