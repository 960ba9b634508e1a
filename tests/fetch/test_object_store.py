"""Mirrors in object stores: an S3 server on this machine, and public objects by HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cachetui.errors import MissingError, TransferError
from cachetui.fetch import Access, Network
from cachetui.fetch import session as session_module
from cachetui.fetch.object_store import has_credentials, public_url
from cachetui.fetch.signed import GoogleTransport, S3Transport
from cachetui.fetch.transport import Request
from cachetui.secret import Secret
from tests.builders.mirrors import INDEX, OTHER, V2, V3, blob_path, digest, packed, served, v2_files, v3_files
from tests.fetch.reader import Reader, text
from tests.servers.asking import ask
from tests.servers.endless import Endless
from tests.servers.faults import (
    ACCESS_DENIED,
    Behaviour,
    Content,
    Exchange,
    NeedsToken,
    Reply,
    Server,
    Silent,
    Status,
    Tokens,
    faulty,
)
from tests.servers.moto_server import make_bucket, put, s3_server

KEY = Access("id", Secret("s3cret"))


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the credentials of this machine, and ask no metadata server for any."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The endpoint of an S3 server with a private and a public bucket."""
    with s3_server() as endpoint:
        make_bucket(endpoint, "private")
        make_bucket(endpoint, "public", public=True)
        yield endpoint


def fill(endpoint: str, bucket: str, prefix: str, files: dict[str, bytes]) -> str:
    """Upload a mirror to a bucket; return its URL."""
    for name, content in files.items():
        put(endpoint, bucket, f"{prefix}/{name}", content)
    return f"s3://{bucket}/{prefix}"


def key(endpoint: str) -> Access:
    return Access("id", Secret("s3cret"), endpoint_url=endpoint)


@pytest.mark.parametrize("layout", ["v2", "v3"])
def test_mirror_with_a_key(reader: Reader, store: str, layout: str) -> None:
    url = fill(store, "private", f"a/{layout}", v2_files(INDEX) if layout == "v2" else v3_files(INDEX))
    state = reader.update(url, key(store))
    assert (state.layout, state.sha256, text(state)) == (layout, digest(INDEX), INDEX)
    assert reader.progress == sorted(reader.progress)
    assert reader.progress[-1] == (len(INDEX), len(INDEX))
    again = reader.update(url, key(store))
    assert (again.fetched, again.checked > state.checked, reader.progress) == (state.fetched, True, [])


def test_new_index_replaces_the_old_one(reader: Reader, store: str) -> None:
    url = fill(store, "private", "b", v2_files(INDEX))
    reader.update(url, key(store))
    login = {"Authorization": "AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/s3/aws4_request"}
    assert ask(f"{store}/private/b/{V2}", "PUT", OTHER, login).status == 200
    assert text(reader.update(url, key(store))) == OTHER


def test_compressed_blob(reader: Reader, store: str) -> None:
    url = fill(store, "private", "c", v3_files(packed(INDEX), compression="gzip"))
    assert text(reader.update(url, key(store))) == INDEX


def test_key_of_the_environment(reader: Reader, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    monkeypatch.setenv("S3_ENDPOINT_URL", store)
    assert text(reader.update(fill(store, "private", "d", v3_files(INDEX)))) == INDEX


@pytest.mark.parametrize("has_botocore", [True, False])
def test_public_mirror_without_a_key(
    reader: Reader, store: str, monkeypatch: pytest.MonkeyPatch, has_botocore: bool
) -> None:
    url = fill(store, "public", "e", v3_files(INDEX))
    make_public(store, "public")
    if not has_botocore:
        monkeypatch.setattr(session_module, "find_spec", lambda name: None)
    state = reader.update(url, Access(endpoint_url=store))
    assert (state.layout, text(state)) == ("v3", INDEX)


def make_public(endpoint: str, bucket: str) -> None:
    assert ask(f"{endpoint}/{bucket}?acl", "PUT", b"", {"x-amz-acl": "public-read"}).status == 200


@pytest.mark.parametrize(
    ("url", "files"), [("s3://private/nowhere", {}), ("s3://no-such-bucket/a", {}), ("s3://private", {})]
)
def test_empty_mirror(reader: Reader, store: str, url: str, files: dict[str, bytes]) -> None:
    error = reader.refusal(url, key(store))
    assert isinstance(error, MissingError)
    assert f"{url}/{V3}: " in error.reason and f"{url}/{V2}: " in error.reason
    assert "s3cret" not in str(error)


def test_prefix_with_a_space(reader: Reader, store: str) -> None:
    fill(store, "private", "my mirror+@", v3_files(INDEX))
    assert text(reader.update("s3://private/my mirror+@/", key(store))) == INDEX


def test_unreachable_store(reader: Reader) -> None:
    reader.network = Network(connect_timeout=1, read_timeout=1, tries=1)
    error = reader.refusal("s3://bucket/m", key("http://127.0.0.1:1"))
    assert isinstance(error, TransferError) and error.unreachable
    error = reader.refusal("s3://bucket/m", key("http://me:pr0xy@127.0.0.1:1"))
    assert isinstance(error, TransferError)
    assert "pr0xy" not in str(error) and "s3cret" not in str(error)


@pytest.mark.parametrize("endpoint", ["http://[", "http://", "ftp://127.0.0.1", "http://127.0.0.1:x"])
def test_invalid_endpoint(reader: Reader, endpoint: str) -> None:
    reader.network = Network(connect_timeout=1, read_timeout=1, tries=1)
    assert isinstance(reader.refusal("s3://bucket/m", key(endpoint)), TransferError)


def test_unknown_profile(reader: Reader, store: str) -> None:
    assert reader.refusal("s3://private/a", Access(profile="nobody", endpoint_url=store))


@pytest.mark.parametrize("signed", [True, False])
def test_answers_are_bounded(reader: Reader, signed: bool) -> None:
    """Of an endless answer, a refusal too, no more is read than its kind may have."""
    access = key if signed else (lambda endpoint: Access(endpoint_url=endpoint))
    for head in ("HTTP/1.1 200 OK", "HTTP/1.1 403 Forbidden", "HTTP/1.1 500 Oops", "HTTP/1.1 301 Moved"):
        answer = Endless(b'{"version":', b" " * (1 << 20), head)
        with faulty({}, otherwise=refusing_head(answer)) as server:
            reader.network = Network(first_wait=0.01, read_timeout=10, tries=1)
            assert reader.refusal("s3://b/m", access(server.url))
            assert answer.sent < 32 << 20


def refusing_head(behaviour: Behaviour) -> Behaviour:
    """Refuse requests that have no body in their answer."""
    return lambda exchange: (ACCESS_DENIED if exchange.request.method == "HEAD" else behaviour)(exchange)


def test_blob_is_read_within_its_length(reader: Reader) -> None:
    with faulty({path.replace("/m/", "/b/m/"): it for path, it in served(v3_files(INDEX)).items()}) as server:
        server.table[f"/b/m/{blob_path(INDEX)}"] = answer = Endless(INDEX, b" " * (1 << 20))
        error = reader.refusal("s3://b/m", key(server.url))
        assert f"longer than {len(INDEX):,} bytes" in error.reason
        assert answer.sent < 32 << 20 and not any(name.endswith(".part") for name in reader.left())


def test_requests_are_signed_and_nothing_of_it_is_told(reader: Reader, objects: Server) -> None:
    access = Access("id", Secret("s3cret"), Secret("t0ken"), endpoint_url=objects.url)
    state = reader.update("s3://b/m", access)
    assert (state.url, text(state)) == ("s3://b/m", INDEX)
    assert all("X-Amz-Signature=" in request.path for request in objects.requests)
    assert not any("s3cret" in request.path for request in objects.requests)
    objects.table, objects.otherwise = {}, ACCESS_DENIED
    told = str(reader.refusal("s3://b/m", access))
    assert "s3://b/m/" in told and "X-Amz" not in told and "t0ken" not in told


def test_bucket_of_another_region(reader: Reader, objects: Server) -> None:
    """A store that refuses a signature for a region names the right one."""
    table = dict(objects.table)
    objects.table = {}
    objects.otherwise = InRegion(table, "eu-south-2")
    assert text(reader.update("s3://b/m", key(objects.url))) == INDEX
    asked = [request.path for request in objects.requests if request.method == "HEAD"]
    assert set(asked) == {"/b"}


@dataclass(frozen=True)
class InRegion:
    """Answers only what is signed for a region."""

    table: Mapping[str, Behaviour]
    region: str

    def __call__(self, exchange: Exchange) -> None:
        path = exchange.request.path
        if self.region in path:
            return self.table[urlsplit(path).path](exchange)
        exchange.send(Reply(400, b"<Error/>", {"x-amz-bucket-region": self.region}))


# Broken credentials


def broken_profile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    return "nobody"


def broken_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (folder / "config").write_text("no section\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    return "ConfigParseError"


def half_a_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    return "PartialCredentialsError"


def program_that_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (folder / "config").write_text(f"[default]\ncredential_process = {folder}/gone\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    return "FileNotFoundError"


BROKEN = (broken_profile, broken_file, half_a_key, program_that_is_gone)


@pytest.mark.parametrize("break_it", BROKEN)
def test_broken_credentials_are_reported_and_public_objects_are_read(
    reader: Reader,
    store: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    break_it: Callable[[Path, pytest.MonkeyPatch], str],
) -> None:
    url = fill(store, "public", "broken", v3_files(INDEX))
    make_public(store, "public")
    why = break_it(tmp_path, monkeypatch)
    assert text(reader.update(url, Access(endpoint_url=store))) == INDEX
    (note,) = reader.notes
    assert note.startswith(f"{url}: read anonymously: the AWS credentials cannot be used (")
    assert why in note


def test_broken_profile_of_one_mirror_is_reported(reader: Reader, store: str) -> None:
    url = fill(store, "public", "profile", v3_files(INDEX))
    make_public(store, "public")
    assert text(reader.update(url, Access(profile="nobody", endpoint_url=store))) == INDEX
    (note,) = reader.notes
    assert "nobody" in note


def test_error_mentions_broken_credentials(
    reader: Reader, objects: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    objects.table, objects.otherwise = {}, ACCESS_DENIED
    error = reader.refusal("s3://b/m", Access(endpoint_url=objects.url))
    assert isinstance(error, MissingError)
    assert "403 Forbidden" in error.reason and "nobody" in error.reason


def test_missing_credentials_are_not_reported(reader: Reader, store: str) -> None:
    url = fill(store, "public", "none", v3_files(INDEX))
    make_public(store, "public")
    reader.update(url, Access(endpoint_url=store))
    assert reader.notes == []


GOOGLE = "google.auth"


@dataclass
class GoogleCredentials:
    """Credentials of google-auth whose token is asked for at a URL."""

    url: str
    token: str = ""

    @property
    def valid(self) -> bool:
        return bool(self.token)

    def refresh(self, request: Callable[..., Any]) -> None:
        from google.auth.exceptions import RefreshError

        answer = request(url=self.url, method="POST", body=b"", headers={}, timeout=0.5)
        if answer.status != 200:
            raise RefreshError(answer.data.decode())
        self.token = json.loads(answer.data)["token"]

    def apply(self, headers: MutableMapping[str, str]) -> None:
        headers["authorization"] = f"Bearer {self.token}"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """Return a function that sets the credentials that google-auth finds, or its error."""
    auth = pytest.importorskip(GOOGLE)

    def machine(found: object) -> None:
        def default(**_: object) -> tuple[object, None]:
            if isinstance(found, Exception):
                raise found
            return found, None

        monkeypatch.setattr(auth, "default", default)

    return machine


def google_error(name: str, text: str) -> Exception:
    exceptions = pytest.importorskip(f"{GOOGLE}.exceptions")
    error: Exception = getattr(exceptions, name)(text)
    return error


@pytest.fixture
def private_objects() -> Iterator[Server]:
    """Objects in a bucket `b` for those with a token, which is issued at /token."""
    table = {path.replace("/m/", "/b/m/"): it for path, it in served(v3_files(INDEX)).items()}
    guarded: dict[str, Behaviour] = {path: NeedsToken(it, "t0ken") for path, it in table.items()}
    with faulty({**guarded, "/token": Tokens("t0ken")}) as server:
        yield server


def test_mirror_with_google_credentials(
    reader: Reader, private_objects: Server, google: Callable[[object], None]
) -> None:
    google(GoogleCredentials(f"{private_objects.url}/token"))
    access = Access(endpoint_url=private_objects.url)
    state = reader.update("gs://b/m", access)
    assert (state.layout, text(state), reader.notes) == ("v3", INDEX, [])
    assert reader.update("gs://b/m", access).fetched == state.fetched


def test_service_account(
    reader: Reader, private_objects: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(GOOGLE)
    private_objects.table["/token"] = Tokens("t0ken", key="access_token")
    file = tmp_path / "key.json"
    file.write_text(json.dumps(service_account(f"{private_objects.url}/token")))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    state = reader.update("gs://b/m", Access(endpoint_url=private_objects.url))
    assert (text(state), reader.notes) == (INDEX, [])


def service_account(token_url: str) -> dict[str, str]:
    """The key file of a service account, with a key of its own."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    about = {"type": "service_account", "client_email": "a@b", "token_uri": token_url}
    return {**about, "private_key": pem, "private_key_id": "1", "project_id": "p"}


@pytest.mark.parametrize("end", ["refused", "endless", "broken"])
def test_token_that_cannot_be_had(
    reader: Reader, private_objects: Server, google: Callable[[object], None], end: str
) -> None:
    endless = Content(b'{"token":"' + b"x" * 200_000)
    ends: dict[str, Behaviour] = {
        "refused": Status(400, b"invalid_grant"),
        "endless": endless,
        "broken": Content(b"}"),
    }
    private_objects.table["/token"] = ends[end]
    google(GoogleCredentials(f"{private_objects.url}/token"))
    error = reader.refusal("gs://b/m", Access(endpoint_url=private_objects.url))
    reasons = {"refused": "invalid_grant", "endless": "longer than 65,536 bytes", "broken": "JSONDecodeError"}
    assert reasons[end] in error.reason


def test_google_waits_no_longer_than_it_says(
    reader: Reader, private_objects: Server, google: Callable[[object], None]
) -> None:
    """Where there is no metadata server, google-auth tries to connect for a short time of its own."""
    private_objects.table["/token"] = Silent()
    reader.network = Network(read_timeout=60, tries=1)
    google(GoogleCredentials(f"{private_objects.url}/token"))
    error = reader.refusal("gs://b/m", Access(endpoint_url=private_objects.url))
    assert "timed out" in error.reason


@pytest.mark.parametrize(
    ("kind", "reason", "note"),
    [
        ("DefaultCredentialsError", "Your default credentials were not found. To set up ...", ""),
        ("DefaultCredentialsError", "File key.json is not a valid json file.", "key.json"),
        ("RefreshError", "invalid_grant: Bad Request", "invalid_grant"),
        ("", "Permission denied", "Permission denied"),
    ],
)
def test_public_mirror_without_google_credentials(
    reader: Reader, objects: Server, google: Callable[[object], None], kind: str, reason: str, note: str
) -> None:
    google(google_error(kind, reason) if kind else PermissionError(13, reason))
    access = Access(endpoint_url=objects.url)
    assert text(reader.update("gs://b/m", access)) == INDEX
    assert [note in each for each in reader.notes] == [True] * bool(note)
    objects.table, objects.otherwise = {}, ACCESS_DENIED
    assert note in reader.refusal("gs://b/m", access).reason


def test_a_bug_is_not_reported_as_broken_credentials(google: Callable[[object], None]) -> None:
    google(TypeError("a bug"))
    transport = GoogleTransport(Network(), Access(), print)
    with pytest.raises(TypeError), transport.open(Request("gs://b/m")):
        pass


@pytest.mark.parametrize("bug", [TypeError, AttributeError, AssertionError])
def test_a_bug_is_not_reported_as_a_transfer_error(
    reader: Reader, store: str, monkeypatch: pytest.MonkeyPatch, bug: type[Exception]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise bug("a bug")

    monkeypatch.setattr(S3Transport, "_client", broken)
    with pytest.raises(bug):
        reader.update("s3://private/a", key(store))


# Without the extras


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that neither botocore nor google-auth is installed."""
    monkeypatch.setattr(session_module, "find_spec", lambda name: None)


@pytest.fixture
def objects() -> Iterator[Server]:
    """Public objects in a bucket `b`."""
    with faulty({path.replace("/m/", "/b/m/"): it for path, it in served(v3_files(INDEX)).items()}) as server:
        yield server


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_public_objects_by_http(reader: Reader, objects: Server, scheme: str) -> None:
    access = Access(endpoint_url=objects.url)
    state = reader.update(f"{scheme}://b/m", access)
    assert (state.layout, state.url, text(state)) == ("v3", f"{scheme}://b/m", INDEX)
    objects.requests.clear()
    assert reader.update(f"{scheme}://b/m", access).fetched == state.fetched
    assert [request.path for request in objects.requests] == [f"/b/m/{V3}"]


@pytest.mark.usefixtures("plain")
def test_private_objects_by_http(reader: Reader, objects: Server) -> None:
    objects.table, objects.otherwise = {}, ACCESS_DENIED
    error = reader.refusal("s3://b/m", Access(endpoint_url=objects.url))
    assert isinstance(error, MissingError) and error.reason.count("403 Forbidden") == 2


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("scheme", "access", "extra"),
    [
        ("s3", KEY, "s3"),
        ("s3", Access(profile="site"), "s3"),
        ("gs", KEY, "gcs"),
    ],
)
def test_key_without_the_extra(reader: Reader, scheme: str, access: Access, extra: str) -> None:
    error = reader.refusal(f"{scheme}://b/m", access)
    assert f"pip install 'cachetui[{extra}]'" in error.reason
    assert "s3cret" not in str(error)


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"])
def test_key_in_the_environment_without_the_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not has_credentials("s3", Access())
    monkeypatch.setenv(name, "x")
    assert has_credentials("s3", Access())
    assert not has_credentials("gs", Access())


@pytest.mark.parametrize(
    ("url", "endpoint", "public"),
    [
        ("s3://b/m/i", "", "https://b.s3.amazonaws.com/m/i"),
        ("s3://b.c/m/i", "", "https://s3.amazonaws.com/b.c/m/i"),
        ("s3://b/m%20n/i", "", "https://b.s3.amazonaws.com/m%20n/i"),
        ("s3://b/m/i", "http://h:9/", "http://h:9/b/m/i"),
        ("s3://b/m/i", "h:9", "https://h:9/b/m/i"),
        ("gs://b/m/i", "", "https://storage.googleapis.com/b/m/i"),
        ("gs://b/m/i", "http://h:9", "http://h:9/b/m/i"),
    ],
)
def test_public_url(url: str, endpoint: str, public: str) -> None:
    assert public_url(url, Access(endpoint_url=endpoint)) == public


def test_endpoint_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_ENDPOINT_URL", "minio:9000")
    assert public_url("s3://b/m", Access()) == "https://minio:9000/b/m"
    assert public_url("gs://b/m", Access()) == "https://storage.googleapis.com/b/m"
