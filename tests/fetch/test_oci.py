"""Mirrors in OCI registries: a real one, and one that behaves as others do."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachetui.errors import MissingError, SourceError, TransferError
from cachetui.fetch import Access
from cachetui.fetch.registry import (
    docker_login,
    layer_digest,
    manifest_url,
    registry_host,
    token_of,
    token_url,
)
from cachetui.secret import Secret
from tests.builders.mirrors import INDEX, OTHER, digest
from tests.fetch.reader import Reader, text
from tests.servers.asking import READER, basic
from tests.servers.faults import (
    Behaviour,
    Content,
    Html,
    NeedsToken,
    Redirect,
    Server,
    Status,
    Tokens,
    faulty,
    image,
)
from tests.servers.oci import digest_of
from tests.servers.registry import private_registry, push_index, registry

USER = Access(READER[0], Secret(READER[1]))
MANIFEST = "/v2/cache/manifests/index.spack"
BLOB = f"/v2/cache/blobs/{digest_of(INDEX)}"


def mirror(url: str, name: str = "cache") -> str:
    return f"{url.replace('http', 'oci+http', 1)}/{name}"


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A public registry."""
    with registry(tmp_path_factory.mktemp("registry")) as url:
        yield url


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry for one user, with an index."""
    with private_registry(tmp_path_factory.mktemp("private")) as url:
        push_index(url, "cache", INDEX, READER)
        yield url


@pytest.fixture
def server() -> Iterator[Server]:
    """A fake registry with an index."""
    with faulty(image("cache", INDEX)) as server:
        yield server


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which `docker login` stores passwords."""
    folder = tmp_path / "docker"
    folder.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    return folder / "config.json"


def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A program `docker-credential-x` on the PATH."""
    program = tmp_path / "bin" / "docker-credential-x"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")


def auth(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


# A real registry


def test_index_of_a_registry(reader: Reader, everybody: str) -> None:
    push_index(everybody, "site/cache", INDEX)
    state = reader.update(mirror(everybody, "site/cache"))
    assert (state.layout, state.sha256, text(state)) == ("oci", digest(INDEX), INDEX)
    again = reader.update(mirror(everybody, "Site/Cache/"))
    assert again.sha256 == state.sha256
    push_index(everybody, "site/cache", OTHER)
    assert text(reader.update(mirror(everybody, "site/cache"))) == OTHER


def test_tag_that_is_missing(reader: Reader, everybody: str) -> None:
    error = reader.refusal(mirror(everybody, "nothing"))
    assert isinstance(error, MissingError) and "404" in error.reason


def test_user_of_a_registry(reader: Reader, private: str) -> None:
    assert text(reader.update(mirror(private), USER)) == INDEX
    assert text(reader.update(mirror(private).replace("//", "//reader:s3cret@"))) == INDEX


@pytest.mark.parametrize("access", [Access(), Access("reader", Secret("wrong"))])
def test_wrong_user(reader: Reader, private: str, access: Access) -> None:
    assert "401 Unauthorized" in reader.refusal(mirror(private), access).reason


@pytest.mark.parametrize("prefix", ["", "http://"])
def test_docker_login(reader: Reader, private: str, docker: Path, prefix: str) -> None:
    host = private.removeprefix("http://")
    docker.write_text(json.dumps({"auths": {f"{prefix}{host}": {"auth": auth(*READER)}}}))
    assert text(reader.update(mirror(private))) == INDEX


def test_docker_credential_helper(
    reader: Reader, private: str, docker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = private.removeprefix("http://")
    answer = json.dumps({"ServerURL": host, "Username": READER[0], "Secret": READER[1]})
    script = f"""[ "$1" = get ] && read host && [ "$host" = {host} ] && echo '{answer}'"""
    helper(tmp_path, monkeypatch, script.replace("read host &&", "{ read host || true; } &&"))
    docker.write_text(json.dumps({"credHelpers": {host: "x"}}))
    assert text(reader.update(mirror(private))) == INDEX
    docker.write_text(json.dumps({"credsStore": "x", "auths": {host: {}}}))
    assert docker_login(host, {"DOCKER_CONFIG": str(docker.parent)}) == USER


# Credentials of Docker and Podman


@pytest.mark.parametrize(
    "config",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"auths":' + b"[" * 100_000,
        b'{"auths": {"h": {"auth": "?"}}}',
        b'{"auths": {"h": {"auth": "/////w=="}}}',
        b'{"auths": {"h": {"auth": 7}}}',
        b'{"credHelpers": {"h": "nowhere-to-be-found"}}',
        b'{"credHelpers": {"h": "../x"}}',
        b'{"credsStore": "x", "auths": {"elsewhere": {}}}',
        b'{"credHelpers": {"h": "x"}}',
    ],
)
def test_configuration_without_a_password(
    config: bytes, docker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(tmp_path, monkeypatch, "echo 'credentials not found'; exit 1")
    docker.write_bytes(config)
    assert docker_login("h", {"DOCKER_CONFIG": str(docker.parent)}) == Access()


@pytest.mark.parametrize("answer", ["", "what", "[]", '{"Username": 7}'])
def test_credential_helper_without_an_answer(
    answer: str, docker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(tmp_path, monkeypatch, f"echo '{answer}'")
    docker.write_text('{"credHelpers": {"h": "x"}}')
    assert docker_login("h", {"DOCKER_CONFIG": str(docker.parent)}) == Access()


def test_podman_login(tmp_path: Path) -> None:
    for name, where in (("a", "REGISTRY_AUTH_FILE"), ("b", "XDG_RUNTIME_DIR"), ("c", "XDG_CONFIG_HOME")):
        folder = tmp_path / name / "containers"
        folder.mkdir(parents=True)
        (folder / "auth.json").write_text(json.dumps({"auths": {"h": {"auth": auth(name, "p:w")}}}))
        value = folder / "auth.json" if name == "a" else tmp_path / name
        assert docker_login("h", {where: str(value)}) == Access(name, Secret("p:w"))


def test_user_and_password_in_separate_fields(docker: Path) -> None:
    docker.write_text('{"auths": {"https://h/v1/": {"username": "me", "password": "pw"}}}')
    assert docker_login("h", {"DOCKER_CONFIG": str(docker.parent)}) == Access("me", Secret("pw"))


# Image names


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        ("oci://ghcr.io/spack/Cache", "ghcr.io", "spack/cache"),
        ("oci://localhost/a", "localhost", "a"),
        ("oci://host:5000/a/b/c", "host:5000", "a/b/c"),
        ("oci://cache", "index.docker.io", "library/cache"),
        ("oci://me/cache", "index.docker.io", "me/cache"),
    ],
)
def test_image_names(url: str, host: str, name: str) -> None:
    assert registry_host(url) == host
    assert manifest_url(url) == f"https://{host}/v2/{name}/manifests/index.spack"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not an image manifest"),
        (b"<html>", "not an image manifest"),
        (b'{"layers":' + b"[" * 100_000, "not an image manifest"),
        (b"{}", "no layer"),
        (b'{"layers": []}', "no layer"),
        (b'{"layers": [{}]}', "not a sha256 digest"),
        (b'{"layers": [{"digest": "sha256:../x"}]}', "not a sha256 digest"),
        (b'{"layers": [{"digest": "sha512:%b"}]}' % (b"0" * 128), "not a sha256 digest"),
        (b'{"layers": [{"digest": "\\u001b[31m"}]}', "not a sha256 digest"),
    ],
)
def test_malformed_manifest(text: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        layer_digest(text, "here")
    assert str(caught.value).isprintable()


# Answers of other registries


def test_unchanged_by_the_digest(reader: Reader, server: Server) -> None:
    server.table[MANIFEST] = Content(json.dumps({"layers": [{"digest": digest_of(INDEX)}]}).encode())
    before = reader.update(mirror(server.url))
    server.requests.clear()
    state = reader.update(mirror(server.url))
    assert [request.path for request in server.requests] == [MANIFEST]
    assert (state.fetched, state.checked > before.checked) == (before.fetched, True)
    assert "oci.image.manifest" in server.requests[0].headers["accept"]


@pytest.mark.parametrize(
    ("path", "behaviour", "reason"),
    [
        (MANIFEST, Html(), "not an image manifest"),
        (MANIFEST, Content(b"{}"), "no layer"),
        (BLOB, Content(OTHER), "checksum"),
        (BLOB, Status(404), "404"),
        (MANIFEST, Status(401), "401"),
        (MANIFEST, Status(401, headers={"WWW-Authenticate": "what?"}), "401"),
        (MANIFEST, Status(401, headers={"WWW-Authenticate": 'Bearer realm="ftp://x"'}), "401"),
        (
            MANIFEST,
            Status(401, headers={"WWW-Authenticate": 'Bearer realm="http://a:b/"'}),
            "invalid URL",
        ),
    ],
)
def test_registry_without_a_usable_index(
    reader: Reader, server: Server, path: str, behaviour: Behaviour, reason: str
) -> None:
    server.table[path] = behaviour
    assert reason in reader.refusal(mirror(server.url), USER).reason


def with_tokens(server: Server, tokens: Behaviour, token: str = "t0ken") -> None:
    server.table = {
        **{path: NeedsToken(behaviour, token) for path, behaviour in image("cache", INDEX).items()},
        "/token": tokens,
    }


@pytest.mark.parametrize("key", ["token", "access_token"])
def test_anonymous_token(reader: Reader, server: Server, key: str) -> None:
    with_tokens(server, Tokens("t0ken", key=key))
    assert text(reader.update(mirror(server.url))) == INDEX
    asked = [request.path for request in server.requests]
    assert len(asked) == 4  # challenge, token, manifest, blob
    assert "service=registry" in asked[1] and "scope=repository%3Acache%3Apull" in asked[1]


def test_token_for_a_user(reader: Reader, server: Server) -> None:
    with_tokens(server, Tokens("t0ken", *READER))
    assert "401" in reader.refusal(mirror(server.url)).reason
    assert text(reader.update(mirror(server.url), USER)) == INDEX
    sent = [request.headers.get("authorization") for request in server.requests[-4:]]
    assert sent == [None, basic(READER), "Bearer t0ken", "Bearer t0ken"]


def test_anonymous_token_if_the_user_is_refused(reader: Reader, server: Server) -> None:
    with_tokens(server, Tokens("other", *READER, anonymous="t0ken"))
    assert text(reader.update(mirror(server.url), Access("reader", Secret("outdated")))) == INDEX


def test_expired_token(reader: Reader, server: Server) -> None:
    with_tokens(server, Tokens("t0ken"))
    server.table[BLOB] = NeedsToken(Content(INDEX), "t1ken", realm="/other")
    server.table["/other"] = Tokens("t1ken")
    assert text(reader.update(mirror(server.url))) == INDEX


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b'{"token": ""}', b'{"token": "a\\nb"}', b'{"token": "\\u00e9"}']
)
def test_invalid_token(reader: Reader, server: Server, answer: bytes) -> None:
    assert not token_of(answer)
    with_tokens(server, Content(answer))
    assert "401" in reader.refusal(mirror(server.url)).reason


def test_blob_on_another_host(reader: Reader, server: Server) -> None:
    with_tokens(server, Tokens("t0ken", *READER))
    with faulty({"/cdn": Content(INDEX)}) as elsewhere:
        server.table[BLOB] = NeedsToken(Redirect(f"{elsewhere.url}/cdn"), "t0ken")
        assert text(reader.update(mirror(server.url), USER)) == INDEX
        assert "authorization" not in elsewhere.requests[0].headers


def test_the_host_of_a_blob_gets_no_password(reader: Reader, server: Server) -> None:
    with_tokens(server, Tokens("t0ken", *READER))
    with faulty({"/cdn": NeedsToken(Content(INDEX), "mine"), "/token": Tokens("mine")}) as elsewhere:
        server.table[BLOB] = NeedsToken(Redirect(f"{elsewhere.url}/cdn"), "t0ken")
        assert isinstance(reader.refusal(mirror(server.url), USER), TransferError)
        assert [request.path for request in elsewhere.requests] == ["/cdn"]


@pytest.mark.parametrize(
    ("challenge", "open_url", "secure_url"),
    [
        ('Bearer realm="https://t/a"', "https://t/a?client_id=cachetui", "https://t/a?client_id=cachetui"),
        ('bearer realm="http://t/a"', "http://t/a?client_id=cachetui", ""),
        (
            'Bearer realm="https://t/a?b=c",service="s",scope="x y"',
            "https://t/a?b=c&service=s&scope=x+y&client_id=cachetui",
            "https://t/a?b=c&service=s&scope=x+y&client_id=cachetui",
        ),
        ('Basic realm="https://t"', "", ""),
        ('Bearer realm="file:///etc/passwd"', "", ""),
        ("Bearer", "", ""),
        ("", "", ""),
    ],
)
def test_token_url(challenge: str, open_url: str, secure_url: str) -> None:
    assert token_url(challenge, registry_is_plain=True) == open_url
    assert token_url(challenge, registry_is_plain=False) == secure_url


def test_long_words_of_a_challenge_take_no_time() -> None:
    assert token_url(f'Bearer {"x" * 1_000_000} realm="https://h/t"', registry_is_plain=False)
