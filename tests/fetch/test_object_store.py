"""Mirrors in object stores: an S3 server on this machine, and public objects by HTTP."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from cachetui.errors import MissingError, TransferError
from cachetui.fetch import Access, Network
from cachetui.fetch import session as session_module
from cachetui.fetch.object_store import ObjectTransport, has_credentials, public_url
from cachetui.fetch.transport import Request
from cachetui.secret import Secret
from tests.builders.mirrors import INDEX, OTHER, V2, V3, digest, packed, served, v2_files, v3_files
from tests.fetch.reader import Reader, text
from tests.servers.asking import ask
from tests.servers.faults import ACCESS_DENIED, Server, faulty
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


@pytest.mark.parametrize("has_s3fs", [True, False])
def test_public_mirror_without_a_key(
    reader: Reader, store: str, monkeypatch: pytest.MonkeyPatch, has_s3fs: bool
) -> None:
    url = fill(store, "public", "e", v3_files(INDEX))
    make_public(store, "public")
    if not has_s3fs:
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


def test_answer_without_a_length(reader: Reader, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs

    def info(*_: object, **__: object) -> None:
        raise KeyError("ContentLength")  # as s3fs does

    monkeypatch.setattr(s3fs.S3FileSystem, "info", info)
    error = reader.refusal("s3://b/m", key(store))
    assert error.reason == "the server's answer has no 'ContentLength'"


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
    assert "permission denied" in error.reason and "nobody" in error.reason


def test_missing_credentials_are_not_reported(reader: Reader, store: str) -> None:
    url = fill(store, "public", "none", v3_files(INDEX))
    make_public(store, "public")
    reader.update(url, Access(endpoint_url=store))
    assert reader.notes == []


class GoogleError(Exception):
    """Stands in for that of google-auth, which is not installed for tests."""


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Exception | None], ObjectTransport]]:
    """Return a function that sets the answer of google-auth and returns a transport that adds to `notes`."""
    for module in ("google", "google.auth", "google.auth.exceptions", "gcsfs"):
        monkeypatch.setitem(sys.modules, module, ModuleType(module))
    exceptions = vars(sys.modules["google.auth.exceptions"])
    exceptions["GoogleAuthError"] = exceptions["DefaultCredentialsError"] = GoogleError

    def machine(error: Exception | None) -> ObjectTransport:
        def default() -> None:
            if error:
                raise error

        vars(sys.modules["google.auth"])["default"] = default
        vars(sys.modules["google"])["auth"] = sys.modules["google.auth"]
        vars(sys.modules["gcsfs"])["GCSFileSystem"] = lambda token, skip_instance_cache: token
        return ObjectTransport("gs", Network(), Access(), notes.append)

    notes.clear()
    yield machine


notes: list[str] = []


@pytest.mark.parametrize(
    ("error", "token", "note"),
    [
        (None, "google_default", ""),
        (GoogleError("Your default credentials were not found. To set up ..."), "anon", ""),
        (GoogleError("File key.json is not a valid json file."), "anon", "key.json"),
        (GoogleError("token: invalid_grant"), "anon", "invalid_grant"),
        (PermissionError(13, "Permission denied"), "anon", "Permission denied"),
    ],
)
def test_credentials_for_google(
    google: Callable[[Exception | None], ObjectTransport], error: Exception | None, token: str, note: str
) -> None:
    assert google(error)._store == token
    assert len(notes) == bool(note)
    assert note in "".join(notes)


def test_a_bug_is_not_reported_as_broken_credentials(
    google: Callable[[Exception | None], ObjectTransport],
) -> None:
    with pytest.raises(TypeError), google(TypeError("a bug")).open(Request("gs://b/m")):
        pass


@pytest.mark.parametrize("bug", [TypeError, AttributeError, AssertionError])
def test_a_bug_is_not_reported_as_a_transfer_error(
    reader: Reader, store: str, monkeypatch: pytest.MonkeyPatch, bug: type[Exception]
) -> None:
    import s3fs

    def broken(*_: object, **__: object) -> None:
        raise bug("a bug")

    monkeypatch.setattr(s3fs.S3FileSystem, "info", broken)
    with pytest.raises(bug):
        reader.update("s3://private/a", key(store))


# Without the extras


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that neither s3fs nor gcsfs is installed."""
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
