"""The connections to mirrors during one refresh."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from msgspec.structs import replace

from cachetui.errors import TransferError
from cachetui.fetch.address import Access, Address
from cachetui.fetch.object_store import EXTRAS, PublicObjectTransport, has_credentials
from cachetui.fetch.registry import docker_login, registry_host
from cachetui.fetch.transport import InterruptibleTransport, Network, RetryingTransport, Tick, Transport
from cachetui.text import redacted

if TYPE_CHECKING:
    from typing_extensions import Self


AddNote = Callable[[str], None]


class ClosingTransport(Transport, Protocol):
    """A transport that holds connections."""

    def close(self) -> None:
        """Close them."""


class Session:
    """Connects to mirrors; use it as a context manager.

    Args:
        tick: called regularly during a wait; may raise to stop.

    Attributes:
        notes: remarks about the connections for the user, one line each.
    """

    def __init__(self, network: Network, tick: Tick) -> None:
        self._network = network
        self._tick = tick
        self.notes: list[str] = []
        self._transports: list[ClosingTransport] = []
        # By host: several mirrors of one host, or several files of one mirror, wait for its timeout once.
        self._unreachable: dict[str, TransferError] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transport in self._transports:
            transport.close()

    @contextmanager
    def connect(self, address: Address, fail_fast: bool = False) -> Iterator[RetryingTransport]:
        """Yield the transport to a mirror; a host that did not answer before is not asked again.

        Args:
            fail_fast: who does not answer at all is asked only once.

        Raises:
            TransferError: the package that reads such a URL is not installed, or the host did not answer.
        """
        host = _host(address)
        if known := self._unreachable.get(host):
            raise TransferError(redacted(address.url), known.reason, unreachable=True)
        transport = transport_to(address, self._network, self._note_adder(address))
        self._transports.append(transport)
        network = replace(self._network, fail_fast=fail_fast)
        try:
            yield RetryingTransport(
                InterruptibleTransport(transport, network, self._tick), network, self._tick
            )
        except TransferError as error:
            if error.unreachable:
                self._unreachable[host] = error
            raise

    def _note_adder(self, address: Address) -> AddNote:
        place = redacted(address.url)
        return lambda note: self.notes.append(f"{place}: {note}")

    def fetch(self, address: Address, limit: int) -> bytes:
        """Return the content of a small file. Raises SourceError."""
        with self.connect(address) as transport:
            return transport.read_small(address.url, limit)[0] or b""


def _host(address: Address) -> str:
    # With the endpoint: the host of an s3:// URL is a bucket, which many servers may have.
    return f"{address.scheme} {urlsplit(address.url).netloc} {address.access.endpoint_url}"


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # not even its parent is
        return False


def transport_to(address: Address, network: Network, add_note: AddNote) -> ClosingTransport:
    """Return the transport for the URL of a mirror. Raises TransferError if its package is not installed."""
    from cachetui.fetch.http import HttpTransport, basic_auth  # brings in httpx

    if address.scheme.startswith("oci"):
        from cachetui.fetch.registry_auth import RegistryAuth

        access = address.access
        by_docker = not access.user
        if by_docker:
            access = docker_login(registry_host(address.url), os.environ)
        auth = RegistryAuth(access, any_realm=by_docker)
        return HttpTransport(network, auth, auth.advice)
    if address.scheme in EXTRAS:
        package, extra = EXTRAS[address.scheme]
        if _is_installed(package):
            from cachetui.fetch.signed import GoogleTransport, S3Transport

            kind = S3Transport if address.scheme == "s3" else GoogleTransport
            return kind(network, address.access, add_note)
        if has_credentials(address.scheme, address.access):
            reason = f"reading it with credentials requires pip install 'cachetui[{extra}]'"
            raise TransferError(redacted(address.url), reason)
        return PublicObjectTransport(HttpTransport(network), Access(endpoint_url=address.access.endpoint_url))
    return HttpTransport(network, basic_auth(address.access))
