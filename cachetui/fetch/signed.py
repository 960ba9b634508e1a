"""Objects that only those with credentials may read: requests are signed by botocore and google-auth.

The libraries ask nobody but those who give out credentials, and AWS for the region of a bucket; all content
is read by `HttpTransport`, within its limits.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property, partial
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from msgspec.structs import replace

from cachetui.errors import MissingError, SourceError, TransferError
from cachetui.fetch.address import Access
from cachetui.fetch.http import HttpTransport
from cachetui.fetch.object_store import public_url, s3_endpoint
from cachetui.fetch.transport import Network, Reply, Request
from cachetui.secret import foreign
from cachetui.text import redacted

VALID_SECONDS = 900
"""Seconds that a signature is valid: as long as clocks may differ. Each request has a new one."""

NOT_FOUND = "404"
"""What the reason begins with where there is no such object; those who may not list a bucket get 403."""

_LIBRARY_ERRORS = {
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "google.auth.exceptions": ("GoogleAuthError",),
}
"""The errors of the libraries, by module; they have no common base class."""

_NO_GOOGLE_CREDENTIALS = "default credentials were not found"
"""Part of the message for missing credentials: google-auth raises the same error for broken ones."""

_READ_ONLY = "https://www.googleapis.com/auth/devstorage.read_only"

_AWS = (".amazonaws.com", ".amazonaws.com.cn")

AddNote = Callable[[str], None]
"""Receives a note if the credentials of this machine cannot be used."""


class _Unsigned(httpx.Auth):
    """Adds nothing, not even what ~/.netrc says of a host."""


class S3Transport:
    """Reads objects by URLs that botocore signs."""

    def __init__(self, network: Network, access: Access, add_note: AddNote) -> None:
        self._network = network
        self._access = access
        self._add_note = add_note
        self._note = ""
        self._http = HttpTransport(network, _Unsigned())
        self._clients: dict[str, Any] = {}
        self._regions: dict[str, str] = {}
        self._lock = Lock()

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        place = redacted(request.url)
        parts = urlsplit(request.url)
        bucket, key = parts.netloc, unquote(parts.path).lstrip("/")
        with ExitStack() as stack:
            try:
                reply = stack.enter_context(self._http.open(self._signed(request, place, bucket, key)))
            except (MissingError, TransferError) as error:
                if not _may_be_elsewhere(error) or not self._finds_region(bucket):
                    raise _explained(error, self._note) from error
                reply = stack.enter_context(self._http.open(self._signed(request, place, bucket, key)))
            yield reply

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def _signed(self, request: Request, place: str, bucket: str, key: str) -> Request:
        method = "head_object" if request.head else "get_object"
        with _translated_errors(place):
            url = self._client(bucket).generate_presigned_url(
                method, Params={"Bucket": bucket, "Key": key}, ExpiresIn=VALID_SECONDS
            )
        return replace(request, url=url, shown=request.url)

    def _finds_region(self, bucket: str) -> bool:
        """Ask once where a bucket is; whether it is not where it was looked for."""
        from botocore.exceptions import BotoCoreError, ClientError

        if bucket in self._regions:
            return False
        answer: Any = {}
        with suppress(BotoCoreError, OSError, ValueError):
            try:
                answer = self._client(bucket).head_bucket(Bucket=bucket)
            except ClientError as error:
                answer = error.response
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        region = self._regions[bucket] = headers.get("x-amz-bucket-region", "")
        return bool(region) and region != self._client("").meta.region_name

    def _client(self, bucket: str) -> Any:
        """Return the client for the region of a bucket, as far as that is known."""
        with self._lock:  # botocore makes no two clients at once
            region = self._regions.get(bucket, "") or self._login["region_name"]
            styles = ["auto"] if not bucket or "." in bucket else ["auto", "virtual"]
            for style in styles:
                client = self._clients.get(f"{region} {style}") or self._new_client(region, style)
                self._clients[f"{region} {style}"] = client
                # Only AWS has a host for each bucket, with its region in the name; not for names with dots.
                if not str(urlsplit(client.meta.endpoint_url).hostname).endswith(_AWS):
                    break
            return client

    def _new_client(self, region: str, style: str) -> Any:
        from botocore.config import Config

        network, login = self._network, dict(self._login)
        timeouts = {"connect_timeout": network.connect_timeout, "read_timeout": network.read_timeout}
        config = Config(
            signature_version=login.pop("signature_version"),
            s3={"addressing_style": style} if style != "auto" else None,
            retries={"total_max_attempts": 1},
            **timeouts,
        )
        verify = (network.ca_bundle or True) if network.verify else False
        endpoint = s3_endpoint(self._access) or None
        session = login.pop("session")
        options = {**login, "region_name": region, "endpoint_url": endpoint, "verify": verify}
        return session.create_client("s3", config=config, **options)

    @cached_property
    def _login(self) -> dict[str, Any]:
        """The session of botocore with a key, the credentials of this machine, or no signature at all."""
        import botocore.session
        from botocore import UNSIGNED

        access = self._access
        signed: dict[str, Any] = {"signature_version": "s3v4"}
        if access.user:
            secret, token = access.password.reveal(), access.token.reveal()
            signed |= {"aws_access_key_id": access.user, "aws_secret_access_key": secret}
            signed |= {"aws_session_token": token or None}
        session = botocore.session.Session(profile=access.profile or None)
        try:
            has_credentials = bool(access.user) or session.get_credentials() is not None
            region = session.get_config_variable("region")
        except _expected_errors() as error:
            self._note = _anonymous("AWS", error, self._add_note)
            session, has_credentials, region = _unconfigured_session(), False, ""
        login = signed if has_credentials else {"signature_version": UNSIGNED}
        return {**login, "session": session, "region_name": region or "us-east-1"}


def _may_be_elsewhere(error: SourceError) -> bool:
    """Whether a store may have refused a request because the bucket is in another region."""
    return not error.transient and not error.reason.startswith(NOT_FOUND)


def _unconfigured_session() -> Any:
    """Return a session that reads no configuration: a broken one would make anonymous access fail too."""
    from botocore.session import Session

    nowhere = (None, None, os.devnull, None)
    return Session({"profile": (None, None, None, None), "config_file": nowhere, "credentials_file": nowhere})


class GoogleTransport:
    """Reads objects with a token that google-auth finds on this machine, or without any."""

    def __init__(self, network: Network, access: Access, add_note: AddNote) -> None:
        self._access = access
        self._add_note = add_note
        self._note = ""
        self._asking = HttpTransport(network, _Unsigned())
        self._http = HttpTransport(network, _Bearer(lambda: self._credentials))

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        with _translated_errors(redacted(request.url)):
            if self._credentials and not self._credentials.valid:
                self._credentials.refresh(partial(_answer, self._asking))
        wanted = replace(request, url=public_url(request.url, self._access), shown=request.url)
        with ExitStack() as stack:
            try:
                reply = stack.enter_context(self._http.open(wanted))
            except (MissingError, TransferError) as error:
                raise _explained(error, self._note) from error
            yield reply

    def close(self) -> None:
        """Close all connections."""
        self._http.close()
        self._asking.close()

    @cached_property
    def _credentials(self) -> Any:
        """The credentials of this machine; None if there are none that can be used."""
        import google.auth
        from google.auth.exceptions import DefaultCredentialsError

        try:
            credentials, _ = google.auth.default(scopes=[_READ_ONLY], request=partial(_answer, self._asking))
        except DefaultCredentialsError as error:
            if _NO_GOOGLE_CREDENTIALS not in str(error):
                self._note = _anonymous("Google", error, self._add_note)
            return None
        except _expected_errors() as error:
            self._note = _anonymous("Google", error, self._add_note)
            return None
        return credentials


class _Bearer(httpx.Auth):
    """Adds the token of some credentials."""

    def __init__(self, credentials: Callable[[], Any]) -> None:
        self._credentials = credentials

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        """See `httpx.Auth`."""
        if credentials := self._credentials():
            credentials.apply(request.headers)
        yield request


class _Answer:
    """The answer of a token server, as google-auth wants it."""

    def __init__(self, status: int, headers: Any, data: bytes) -> None:
        self.status = status
        self.headers = headers
        self.data = data


def _answer(
    http: HttpTransport,
    url: str,
    method: str = "GET",
    body: Any = None,
    headers: Any = None,
    timeout: Any = None,
    **_: Any,
) -> _Answer:
    """Ask on behalf of google-auth, which takes any function of these arguments."""
    from google.auth.exceptions import TransportError

    seconds = float(timeout) if isinstance(timeout, (int, float)) else None
    try:
        return _Answer(*http.ask(method, url, body, headers or {}, seconds))
    except SourceError as error:
        raise TransportError(error.reason) from error


def _anonymous(company: str, error: Exception, add_note: AddNote) -> str:
    note = f"read anonymously: the {company} credentials cannot be used ({_one_line(error)})"
    add_note(note)
    return note


def _explained(error: SourceError, note: str) -> SourceError:
    """Return an error of a transport with the note on the credentials, if what was wanted is refused."""
    if note and isinstance(error, MissingError) and not error.reason.startswith(NOT_FOUND):
        return MissingError(error.place, f"{error.reason}; {note}")
    return error


@contextmanager
def _translated_errors(place: str) -> Iterator[None]:
    """Turn the errors of the libraries into TransferError."""
    try:
        yield
    except ImportError as error:
        raise TransferError(place, f"cannot import its reader: {foreign(error)}") from error
    except _expected_errors() as error:
        raise TransferError(place, _one_line(error), retryable=isinstance(error, OSError)) from error


def _expected_errors() -> tuple[type[Exception], ...]:
    """Return the error classes of the libraries that are loaded; the others cannot have raised anything."""
    loaded = tuple(
        getattr(sys.modules[module], name)
        for module, names in _LIBRARY_ERRORS.items()
        for name in names
        if hasattr(sys.modules.get(module), name)
    )
    # ValueError: how botocore refuses names and endpoints.
    return (OSError, ValueError, *loaded)


def _one_line(error: Exception) -> str:
    """Return an error of a library in one line, without credentials."""
    return foreign(f"{type(error).__name__}: {error}")
