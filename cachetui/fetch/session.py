"""Who fetches: the ways to mirrors that are used during one refresh."""

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
from cachetui.fetch.object_store import EXTRAS, ObjectTransport, PublicObjects, are_credentials_given
from cachetui.fetch.registry import docker_login, registry_host
from cachetui.fetch.transport import Interruptible, Network, Patient, Tick, Transport
from cachetui.text import redacted

if TYPE_CHECKING:
    from typing_extensions import Self


Report = Callable[[str], None]


class ClosingTransport(Transport, Protocol):
    """A transport that holds connections."""

    def close(self) -> None:
        """Let go of them."""


class Session:
    """Connects to mirrors; use it as a context manager.

    Args:
        tick: called often while something is waited for; may raise to stop.

    Attributes:
        notes: what a person should know of the connections, one line each.
    """

    def __init__(self, network: Network, tick: Tick) -> None:
        self._network = network
        self._tick = tick
        self.notes: list[str] = []
        self._transports: list[ClosingTransport] = []
        self._unreachable: dict[str, TransferError] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transport in self._transports:
            transport.close()

    @contextmanager
    def connected(self, address: Address, fail_fast: bool = False) -> Iterator[Patient]:
        """The way to a mirror; a host that did not answer once is not asked again.

        Args:
            fail_fast: who does not answer at all is asked only once.

        Raises:
            TransferError: what reads such a URL is not installed, or the host did not answer before.
        """
        host = _host(address)
        if known := self._unreachable.get(host):
            raise TransferError(redacted(address.url), known.reason, unreachable=True)
        transport = transport_to(address, self._network, self._report(address))
        self._transports.append(transport)
        network = replace(self._network, fail_fast=fail_fast)
        try:
            yield Patient(Interruptible(transport, network, self._tick), network, self._tick)
        except TransferError as error:
            if error.unreachable:
                self._unreachable[host] = error
            raise

    def _report(self, address: Address) -> Report:
        place = redacted(address.url)
        return lambda note: self.notes.append(f"{place}: {note}")

    def fetch(self, address: Address, limit: int) -> bytes:
        """Something small at a URL. Raises SourceError."""
        with self.connected(address) as transport:
            return transport.small(address.url, limit)[0] or b""


def _host(address: Address) -> str:
    return f"{address.scheme} {urlsplit(address.url).netloc} {address.access.endpoint_url}"


def transport_to(address: Address, network: Network, report: Report) -> ClosingTransport:
    """What reads the URLs of a mirror; notes go to `report`. Raises TransferError if it is not installed."""
    from cachetui.fetch.http import HttpTransport, basic_auth  # brings in httpx

    if address.scheme.startswith("oci"):
        from cachetui.fetch.registry_auth import RegistryAuth

        access = address.access
        if not access.user:
            access = docker_login(registry_host(address.url), os.environ)
        return HttpTransport(network, RegistryAuth(access))
    if address.scheme in EXTRAS:
        package, extra = EXTRAS[address.scheme]
        if find_spec(package):
            return ObjectTransport(address.scheme, network, address.access, report)
        if are_credentials_given(address.scheme, address.access):
            way_out = f"with credentials it needs more: pip install 'cachetui[{extra}]'"
            raise TransferError(redacted(address.url), way_out)
        return PublicObjects(HttpTransport(network), Access(endpoint_url=address.access.endpoint_url))
    return HttpTransport(network, basic_auth(address.access))
