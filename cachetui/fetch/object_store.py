"""S3 and Google Cloud Storage, through s3fs and gcsfs; public buckets are also read without them, by HTTP."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from cachetui.errors import MissingError, TransferError
from cachetui.fetch.address import Access
from cachetui.fetch.transport import CHUNK, Network, Reply, Request
from cachetui.text import redacted, redacted_text

EXTRAS = {"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gcs")}
"""Scheme to the package that reads it, and the extra of cachetui that installs that package."""

BLOCK = 4 << 20
"""Bytes per request."""

_LIBRARY_ERRORS = {
    "aiohttp": ("ClientError",),
    "asyncio": ("TimeoutError",),  # no OSError before Python 3.11
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "gcsfs.retry": ("ChecksumError", "HttpError"),
    "google.auth.exceptions": ("GoogleAuthError",),
}
"""The errors of the libraries below fsspec, by module; they have no common base class."""

_TIMEOUTS = ("TimeoutError", "FSTimeoutError")
_UNREACHABLE = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError")
_NO_GOOGLE_CREDENTIALS = "default credentials were not found"
"""Part of the message for missing credentials: google-auth raises the same error for broken ones."""

_S3_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


class ObjectTransport:
    """Reads the objects of one store.

    Args:
        add_note: receives a note if the credentials of this machine cannot be used.
    """

    def __init__(
        self, scheme: str, network: Network, access: Access, add_note: Callable[[str], None]
    ) -> None:
        self._scheme = scheme
        self._network = network
        self._access = access
        self._add_note = add_note
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
        """Return the options of s3fs for a key, the credentials of this machine, or anonymous access."""
        access = self._access
        if access.user:
            secret, token = access.password.reveal(), access.token.reveal()
            login = {"key": access.user, "secret": secret or None, "token": token or None}
            return {**login, "profile": access.profile or None}
        try:
            return {"anon": not _has_s3_credentials(access.profile), "profile": access.profile or None}
        except _expected_errors() as error:
            self._fall_back_to_anonymous("AWS", error)
            return {"anon": True, "session": _unconfigured_session()}

    def _gs_token(self) -> str:
        """Return how gcsfs finds credentials: `anon` if this machine has none."""
        try:
            return "google_default" if _has_google_credentials() else "anon"
        except _expected_errors() as error:
            self._fall_back_to_anonymous("Google", error)
            return "anon"

    def _fall_back_to_anonymous(self, company: str, error: Exception) -> None:
        self._note = f"read anonymously: the {company} credentials cannot be used ({_one_line(error)})"
        self._add_note(self._note)

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
        modified = _modified(found)
        if request.head:
            yield Reply(etag, total=int(found["size"]), modified=modified)
            return
        offset = request.offset if request.offset and etag == request.resume_etag else 0
        with _translated_errors(place):
            stream = store.open(path, "rb", block_size=BLOCK, cache_type="readahead")
        with stream:
            chunks = _chunks(stream, offset, place)
            yield Reply(etag, offset, int(found["size"]), chunks, received=stream.tell, modified=modified)

    def close(self) -> None:
        """Do nothing: fsspec closes its connections itself."""


def _modified(found: Mapping[str, Any]) -> float:
    """Return when an object was written, as s3fs or gcsfs has it; 0 if it does not say so."""
    value = found.get("LastModified") or found.get("mtime")
    return float(value.timestamp()) if isinstance(value, datetime) else 0.0


def _chunks(stream: Any, offset: int, place: str) -> Iterator[bytes]:
    with _translated_errors(place):
        stream.seek(offset)
        while chunk := stream.read(CHUNK):
            yield chunk


@contextmanager
def _translated_errors(place: str, note: str = "") -> Iterator[None]:
    """Turn the errors of the libraries into MissingError and TransferError."""
    try:
        yield
    except FileNotFoundError as error:
        raise MissingError(place, "no such object or bucket") from error
    except PermissionError as error:
        why = f"; {note}" if note else ""
        raise MissingError(place, f"permission denied ({redacted_text(str(error))}){why}") from error
    except KeyError as error:  # s3fs relies on a Content-Length in every answer
        raise TransferError(place, f"the server's answer has no {redacted_text(str(error))}") from error
    except ImportError as error:
        raise TransferError(place, f"cannot import its reader: {redacted_text(str(error))}") from error
    except _expected_errors() as error:
        unreachable = type(error).__name__ in _UNREACHABLE
        retryable = isinstance(error, OSError) or type(error).__name__ in _TIMEOUTS
        raise TransferError(place, _one_line(error), retryable=retryable, unreachable=unreachable) from error


def _expected_errors() -> tuple[type[Exception], ...]:
    """Return the error classes of the libraries that are loaded; the others cannot have raised anything."""
    loaded = tuple(
        getattr(sys.modules[module], name)
        for module, names in _LIBRARY_ERRORS.items()
        for name in names
        if hasattr(sys.modules.get(module), name)
    )
    # ValueError: how s3fs and botocore refuse names and endpoints.
    return (OSError, ValueError, *loaded)


def _one_line(error: Exception) -> str:
    """Return an error of a library in one line, without credentials."""
    return redacted_text(f"{type(error).__name__}: {' '.join(str(error).split())}")[:200]


def _s3_options(access: Access, network: Network) -> dict[str, Any]:
    client: dict[str, Any] = {"verify": (network.ca_bundle or True) if network.verify else False}
    endpoint = access.endpoint_url or os.environ.get("S3_ENDPOINT_URL", "")
    if endpoint:
        client["endpoint_url"] = endpoint if "://" in endpoint else f"https://{endpoint}"
    timeouts = {"connect_timeout": network.connect_timeout, "read_timeout": network.read_timeout}
    return {"client_kwargs": client, "config_kwargs": {**timeouts, "retries": {"max_attempts": 1}}}


def _has_s3_credentials(profile: str) -> bool:
    """Whether the AWS configuration, the environment or the role of the machine provides credentials.

    Raises BotoCoreError, ClientError; OSError, ValueError: a program that provides them failed.
    """
    import botocore.session

    return botocore.session.Session(profile=profile or None).get_credentials() is not None


def _unconfigured_session() -> Any:
    """Return a session that reads no configuration: a broken one would make anonymous access fail too."""
    from aiobotocore.session import AioSession

    nowhere = (None, None, os.devnull, None)
    return AioSession(
        {"profile": (None, None, None, None), "config_file": nowhere, "credentials_file": nowhere}
    )


def _has_google_credentials() -> bool:
    """Whether this machine has credentials. Raises GoogleAuthError, OSError, ValueError if they are bad."""
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    try:
        google.auth.default()
    except DefaultCredentialsError as error:
        if _NO_GOOGLE_CREDENTIALS in str(error):
            return False
        raise
    return True


def has_credentials(scheme: str, access: Access) -> bool:
    """Whether credentials for a store are configured, so that its objects may not be public."""
    in_environment = scheme == "s3" and any(os.environ.get(name) for name in _S3_CREDENTIALS)
    return bool(access.user or access.profile or in_environment)


def public_url(url: str, access: Access) -> str:
    """Return the HTTP URL of a public object."""
    parts = urlsplit(url)
    path = parts.path
    if parts.scheme == "gs":
        return f"{access.endpoint_url or 'https://storage.googleapis.com'}/{parts.netloc}{path}"
    endpoint = access.endpoint_url or os.environ.get("S3_ENDPOINT_URL", "")
    if endpoint:
        endpoint = endpoint if "://" in endpoint else f"https://{endpoint}"
        return f"{endpoint.rstrip('/')}/{parts.netloc}{path}"
    if "." in parts.netloc:  # the certificate of *.s3.amazonaws.com does not cover such a name
        return f"https://s3.amazonaws.com/{parts.netloc}{path}"
    return f"https://{parts.netloc}.s3.amazonaws.com{path}"


class PublicObjectTransport:
    """Reads public objects by HTTP."""

    def __init__(self, inner: Any, access: Access) -> None:
        self._inner = inner
        self._access = access

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        with self._inner.open(replace(request, url=public_url(request.url, self._access))) as reply:
            yield reply

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()
