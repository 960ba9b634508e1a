"""Who fetches: the ways to mirrors that are used during one refresh."""

from __future__ import annotations

import os
import time
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from msgspec.structs import replace

from cachetui.errors import SourceError, TransferError
from cachetui.sources.address import Access, Address
from cachetui.sources.download import OnBytes
from cachetui.sources.kept import Kept, Store
from cachetui.sources.layouts import Exchange, update_index
from cachetui.sources.object_store import EXTRAS, ObjectTransport, PublicObjects, are_credentials_given
from cachetui.sources.oci import docker_login, registry_host
from cachetui.sources.transport import Interruptible, Network, Patient, Tick, Transport
from cachetui.text import without_password

if TYPE_CHECKING:
    from typing_extensions import Self


class ClosingTransport(Transport, Protocol):
    """A transport that holds connections."""

    def close(self) -> None:
        """Let go of them."""


class Session:
    """Brings what is kept of mirrors up to date; use it as a context manager.

    Args:
        tick: called often while something is waited for; may raise to stop.
    """

    def __init__(self, store: Store, network: Network, tick: Tick) -> None:
        self._store = store
        self._network = network
        self._tick = tick
        self._transports: list[ClosingTransport] = []
        self._unreachable: dict[str, TransferError] = {}

    def __enter__(self) -> Self:
        self._store.sweep()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transport in self._transports:
            transport.close()

    def update(self, address: Address, on_bytes: OnBytes, hasty: bool = False) -> Kept:
        """Ask a mirror whether what is kept is its index, and fetch it if not.

        Args:
            hasty: there is something to show in its place, as where something is kept: who does not answer
                at all is not asked again.

        Raises:
            SourceError: it cannot be had; what is kept stays, with the reason.
        """
        kept = self._store.read(address)
        try:
            transport = self._patient(address, hasty or kept.is_there)
            return update_index(Exchange(transport, address, self._store, kept, on_bytes))
        except SourceError as error:
            if isinstance(error, TransferError) and error.unreachable:
                self._unreachable[_host(address)] = error
            self._store.update(address, failed=time.time(), failure=error.reason)
            raise

    def fetch(self, address: Address, limit: int) -> bytes:
        """Something small at a URL. Raises SourceError."""
        transport = self._patient(address, hasty=False)
        exchange = Exchange(transport, address, self._store, Kept(), lambda done, total: None)
        return exchange.small(address.url, limit)[0] or b""

    def _patient(self, address: Address, hasty: bool) -> Patient:
        """The way to a mirror; who did not answer once is not asked again. Raises TransferError."""
        if known := self._unreachable.get(_host(address)):
            raise TransferError(without_password(address.url), known.reason, unreachable=True)
        transport = transport_to(address, self._network)
        self._transports.append(transport)
        network = replace(self._network, hasty=hasty)
        return Patient(Interruptible(transport, network, self._tick), network, self._tick)


def _host(address: Address) -> str:
    return f"{address.scheme} {urlsplit(address.url).netloc} {address.access.endpoint_url}"


def transport_to(address: Address, network: Network) -> ClosingTransport:
    """What reads the URLs of a mirror. Raises TransferError if that is not installed."""
    from cachetui.sources.http import HttpTransport, basic_auth  # brings in httpx

    if address.scheme.startswith("oci"):
        from cachetui.sources.registry_auth import RegistryAuth

        access = address.access
        if not access.user:
            access = docker_login(registry_host(address.url), os.environ)
        return HttpTransport(network, RegistryAuth(access))
    if address.scheme in EXTRAS:
        package, extra = EXTRAS[address.scheme]
        if find_spec(package):
            return ObjectTransport(address.scheme, network, address.access)
        if are_credentials_given(address.scheme, address.access):
            way_out = f"with credentials it needs more: pip install 'cachetui[{extra}]'"
            raise TransferError(without_password(address.url), way_out)
        return PublicObjects(HttpTransport(network), Access(endpoint_url=address.access.endpoint_url))
    return HttpTransport(network, basic_auth(address.access))
