"""S3 and Google Cloud Storage, by the fsspec family; public buckets also without it, by HTTP."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from cachetui.errors import MissingError, TransferError
from cachetui.fetch.address import Access
from cachetui.fetch.transport import CHUNK, Network, Reply, Request
from cachetui.text import redacted, redacted_text

EXTRAS = {"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gcs")}
"""Scheme to the package that reads it, and the extra that installs that."""

BLOCK = 4 << 20
"""Bytes that are asked for at once."""

_LIBRARY_ERRORS = {
    "aiohttp": ("ClientError",),
    "asyncio": ("TimeoutError",),  # no OSError before Python 3.11
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "gcsfs.retry": ("ChecksumError", "HttpError"),
    "google.auth.exceptions": ("GoogleAuthError",),
}
"""The errors of what lies below fsspec, which have no root in common, by module."""

_TIMEOUTS = ("TimeoutError", "FSTimeoutError")
_UNREACHABLE = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError")
_NO_GOOGLE_CREDENTIALS = "default credentials were not found"
"""google-auth raises the same error for broken credentials, with another text."""

_S3_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


class ObjectTransport:
    """Reads objects of one store.

    Args:
        report: called with a note if the credentials of this machine cannot be used.
    """

    def __init__(self, scheme: str, network: Network, access: Access, report: Callable[[str], None]) -> None:
        self._scheme = scheme
        self._network = network
        self._access = access
        self._report = report
        self._note = ""

    @cached_property
    def _store(self) -> Any:
        if self._scheme == "s3":
            import s3fs

            options = {**_s3_options(self._access, self._network), **self._s3_login()}
            return s3fs.S3FileSystem(skip_instance_cache=True, **options)
        import gcsfs

        endpoint = {"endpoint_url": self._access.endpoint_url} if self._access.endpoint_url else {}
        return gcsfs.GCSFileSystem(token=self._gs_token(), skip_instance_cache=True, **endpoint)

    def _s3_login(self) -> Mapping[str, Any]:
        """What s3fs is to log in with: a key, the credentials of this machine, or nothing."""
        access = self._access
        if access.user:
            login = {"key": access.user, "secret": access.password or None, "token": access.token or None}
            return {**login, "profile": access.profile or None}
        try:
            return {"anon": not _has_s3_credentials(access.profile), "profile": access.profile or None}
        except _expected_errors() as error:
            self._go_on_anonymously("AWS", error)
            return {"anon": True, "session": _unconfigured_session()}

    def _gs_token(self) -> str:
        """How gcsfs is to find credentials: not at all where there are none."""
        try:
            return "google_default" if _has_google_credentials() else "anon"
        except _expected_errors() as error:
            self._go_on_anonymously("Google", error)
            return "anon"

    def _go_on_anonymously(self, company: str, error: Exception) -> None:
        self._note = f"asked without credentials, as those for {company} cannot be used ({_shown(error)})"
        self._report(self._note)

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        place = redacted(request.url)
        with _translated_errors(place):
            store = self._store
        with _translated_errors(place, self._note):
            path = unquote(request.url.partition("://")[2])
            found: Mapping[str, Any] = store.info(path, refresh=True)
        etag = str(found.get("ETag") or found.get("etag") or "")
        if request.etag and etag == request.etag:
            yield Reply(etag=etag, unchanged=True)
            return
        start = request.start if request.start and etag == request.same else 0
        with _translated_errors(place):
            stream = store.open(path, "rb", block_size=BLOCK, cache_type="readahead")
        with stream:
            yield Reply(etag, start, int(found["size"]), _chunks(stream, start, place), received=stream.tell)

    def close(self) -> None:
        """Nothing is held."""


def _chunks(stream: Any, start: int, place: str) -> Iterator[bytes]:
    with _translated_errors(place):
        stream.seek(start)
        while chunk := stream.read(CHUNK):
            yield chunk


@contextmanager
def _translated_errors(place: str, note: str = "") -> Iterator[None]:
    """Raise MissingError or TransferError for the errors of the libraries."""
    try:
        yield
    except FileNotFoundError as error:
        raise MissingError(place, "there is no such object or bucket") from error
    except PermissionError as error:
        why = f"; {note}" if note else ""
        raise MissingError(place, f"it may not be read ({redacted_text(str(error))}){why}") from error
    except KeyError as error:  # s3fs takes for granted that an answer has a Content-Length
        raise TransferError(place, f"the answer of the server lacks {redacted_text(str(error))}") from error
    except ImportError as error:
        raise TransferError(place, f"it cannot be read here: {redacted_text(str(error))}") from error
    except _expected_errors() as error:
        unreachable = type(error).__name__ in _UNREACHABLE
        retryable = isinstance(error, OSError) or type(error).__name__ in _TIMEOUTS
        raise TransferError(place, _shown(error), retryable=retryable, unreachable=unreachable) from error


def _expected_errors() -> tuple[type[Exception], ...]:
    """What the libraries that are loaded may raise; no other library can have raised anything."""
    loaded = tuple(
        getattr(sys.modules[module], name)
        for module, names in _LIBRARY_ERRORS.items()
        for name in names
        if hasattr(sys.modules.get(module), name)
    )
    # ValueError: so do s3fs and botocore refuse names and endpoints.
    return (OSError, ValueError, *loaded)


def _shown(error: Exception) -> str:
    """An error of a library in one line, without credentials."""
    return redacted_text(f"{type(error).__name__}: {' '.join(str(error).split())}")[:200]


def _s3_options(access: Access, network: Network) -> dict[str, Any]:
    client: dict[str, Any] = {"verify": (network.ca_bundle or True) if network.verify else False}
    endpoint = access.endpoint_url or os.environ.get("S3_ENDPOINT_URL", "")
    if endpoint:
        client["endpoint_url"] = endpoint if "://" in endpoint else f"https://{endpoint}"
    timeouts = {"connect_timeout": network.connect_timeout, "read_timeout": network.read_timeout}
    return {"client_kwargs": client, "config_kwargs": {**timeouts, "retries": {"max_attempts": 1}}}


def _has_s3_credentials(profile: str) -> bool:
    """Whether the AWS configuration, the environment or the machine's role gives some.

    Raises BotoCoreError, ClientError; OSError, ValueError: a program that provides them failed.
    """
    import botocore.session

    return botocore.session.Session(profile=profile or None).get_credentials() is not None


def _unconfigured_session() -> Any:
    """A session that reads no configuration: a broken one would also end what needs no credentials."""
    from aiobotocore.session import AioSession

    nowhere = (None, None, os.devnull, None)
    return AioSession(
        {"profile": (None, None, None, None), "config_file": nowhere, "credentials_file": nowhere}
    )


def _has_google_credentials() -> bool:
    """Whether this machine has some. Raises GoogleAuthError, OSError, ValueError if those are broken."""
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    try:
        google.auth.default()
    except DefaultCredentialsError as error:
        if _NO_GOOGLE_CREDENTIALS in str(error):
            return False
        raise
    return True


def are_credentials_given(scheme: str, access: Access) -> bool:
    """Whether there are credentials for a store, so that its objects may not be public."""
    told = any(os.environ.get(name) for name in _S3_CREDENTIALS) if scheme == "s3" else False
    return bool(access.user or access.profile or told)


def public_url(url: str, access: Access) -> str:
    """The same object by HTTP, for everybody."""
    parts = urlsplit(url)
    path = parts.path
    if parts.scheme == "gs":
        return f"{access.endpoint_url or 'https://storage.googleapis.com'}/{parts.netloc}{path}"
    endpoint = access.endpoint_url or os.environ.get("S3_ENDPOINT_URL", "")
    if endpoint:
        endpoint = endpoint if "://" in endpoint else f"https://{endpoint}"
        return f"{endpoint.rstrip('/')}/{parts.netloc}{path}"
    if "." in parts.netloc:  # the certificates are for one label
        return f"https://s3.amazonaws.com/{parts.netloc}{path}"
    return f"https://{parts.netloc}.s3.amazonaws.com{path}"


class PublicObjects:
    """Public objects by HTTP."""

    def __init__(self, inner: Any, access: Access) -> None:
        self._inner = inner
        self._access = access

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        with self._inner.open(replace(request, url=public_url(request.url, self._access))) as reply:
            yield reply

    def close(self) -> None:
        """Let go of all connections."""
        self._inner.close()
