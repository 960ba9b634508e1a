"""S3 and Google Cloud Storage, by the fsspec family; public buckets also without it, by HTTP."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from cachetui.errors import MissingError, TransferError
from cachetui.fetch.address import Access
from cachetui.fetch.transport import CHUNK, Network, Reply, Request
from cachetui.text import clean, without_password

EXTRAS = {"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gcs")}
"""Scheme to the package that reads it, and the extra that installs that."""

BLOCK = 4 << 20
"""Bytes that are asked for at once."""

_UNREACHABLE = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError")
_USER = re.compile(r"//[^/?#\s]*@")
_S3_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


class ObjectTransport:
    """Reads objects of one store."""

    def __init__(self, scheme: str, network: Network, access: Access) -> None:
        self._scheme = scheme
        self._network = network
        self._access = access

    @cached_property
    def _store(self) -> Any:
        if self._scheme == "s3":
            import s3fs

            return s3fs.S3FileSystem(skip_instance_cache=True, **_s3_options(self._access, self._network))
        import gcsfs

        endpoint = {"endpoint_url": self._access.endpoint_url} if self._access.endpoint_url else {}
        return gcsfs.GCSFileSystem(token=_gs_token(), skip_instance_cache=True, **endpoint)

    @contextmanager
    def open(self, request: Request) -> Iterator[Reply]:
        """See `Transport`."""
        place = without_password(request.url)
        with _told(place):
            path = unquote(request.url.partition("://")[2])
            found: Mapping[str, Any] = self._store.info(path, refresh=True)
        etag = str(found.get("ETag") or found.get("etag") or "")
        if request.etag and etag == request.etag:
            yield Reply(etag=etag, unchanged=True)
            return
        start = request.start if request.start and etag == request.same else 0
        with _told(place):
            stream = self._store.open(path, "rb", block_size=BLOCK, cache_type="readahead")
        with stream:
            yield Reply(etag, start, int(found["size"]), _chunks(stream, start, place), received=stream.tell)

    def close(self) -> None:
        """Nothing is held."""


def _chunks(stream: Any, start: int, place: str) -> Iterator[bytes]:
    with _told(place):
        stream.seek(start)
        while chunk := stream.read(CHUNK):
            yield chunk


@contextmanager
def _told(place: str) -> Iterator[None]:
    """The errors of many libraries as two of ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise MissingError(place, "there is no such object or bucket") from error
    except PermissionError as error:
        raise MissingError(place, f"it may not be read ({clean(str(error))})") from error
    except ImportError as error:
        raise TransferError(place, f"it cannot be read here: {clean(str(error))}") from error
    except (MissingError, TransferError, GeneratorExit):
        raise
    except Exception as error:
        # Below fsspec lie botocore, aiohttp and google-auth, whose errors have no root in common.
        kind = type(error).__name__
        shown = clean(_USER.sub("//", f"{kind}: {error}"))[:200]
        retryable, unreachable = isinstance(error, OSError), kind in _UNREACHABLE
        raise TransferError(place, shown, retryable=retryable, unreachable=unreachable) from error


def _s3_options(access: Access, network: Network) -> dict[str, Any]:
    client: dict[str, Any] = {"verify": (network.ca_bundle or True) if network.verify else False}
    endpoint = access.endpoint_url or os.environ.get("S3_ENDPOINT_URL", "")
    if endpoint:
        client["endpoint_url"] = endpoint if "://" in endpoint else f"https://{endpoint}"
    timeouts = {"connect_timeout": network.connect_timeout, "read_timeout": network.read_timeout}
    return {
        "key": access.user or None,
        "secret": access.password or None,
        "token": access.token or None,
        "profile": access.profile or None,
        "anon": not (access.user or _has_s3_credentials(access.profile)),
        "client_kwargs": client,
        "config_kwargs": {**timeouts, "retries": {"max_attempts": 1}},
    }


def _has_s3_credentials(profile: str) -> bool:
    """Whether the AWS configuration, the environment or the machine's role gives some."""
    import botocore.session

    with suppress(Exception):
        return botocore.session.Session(profile=profile or None).get_credentials() is not None
    return False


def _gs_token() -> str:
    """How gcsfs is to find credentials: not at all where there are none."""
    with suppress(Exception):
        import google.auth

        google.auth.default()
        return "google_default"
    return "anon"


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
