"""S3 and Google Cloud Storage: the URLs of public objects, which are read by HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from cachetui.fetch.address import Access
from cachetui.fetch.transport import Reply, Request

EXTRAS = {"s3": ("botocore", "s3"), "gs": ("google.auth", "gcs")}
"""Scheme to the package that signs its requests, and the extra of cachetui that installs that package."""

_S3_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


def has_credentials(scheme: str, access: Access) -> bool:
    """Whether credentials for a store are configured, so that its objects may not be public."""
    in_environment = scheme == "s3" and any(os.environ.get(name) for name in _S3_CREDENTIALS)
    return bool(access.user or access.profile or in_environment)


def s3_endpoint(access: Access) -> str:
    """Return the URL of an S3 server other than that of AWS."""
    endpoint = access.endpoint_url or os.environ.get("S3_ENDPOINT_URL", "")
    return f"https://{endpoint}" if endpoint and "://" not in endpoint else endpoint


def public_url(url: str, access: Access) -> str:
    """Return the HTTP URL of a public object."""
    parts = urlsplit(url)
    path = parts.path
    if parts.scheme == "gs":
        return f"{access.endpoint_url or 'https://storage.googleapis.com'}/{parts.netloc}{path}"
    if endpoint := s3_endpoint(access):
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
