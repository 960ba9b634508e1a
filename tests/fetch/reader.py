"""A reader of mirrors behind a network, which keeps its store and what was reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cachetui.errors import SourceError
from cachetui.fetch import Access, Address, IndexState, Network, Session, Store, address_of
from cachetui.sources import update_index
from cachetui.spec import Place
from tests.builders.mirrors import digest
from tests.servers.faults import Exchange

ADDRESS = address_of("https://host/mirror")


@dataclass(frozen=True)
class Raw:
    """Sends bytes as they are and closes the connection."""

    data: bytes

    def __call__(self, exchange: Exchange) -> None:
        exchange.write(self.data)
        exchange.cut()


def nothing() -> None:
    """Tick of a transfer that is never stopped."""


class Stopped(Exception):
    """Raised by a tick to stop a transfer."""


@dataclass
class Reader:
    """Updates the cached indexes of mirrors, each time in a new session."""

    store: Store
    network: Network
    progress: list[tuple[int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def update(
        self,
        url: str,
        access: Access | None = None,
        place: Place | None = None,
        tick: Callable[[], None] = nothing,
    ) -> IndexState:
        self.progress.clear()
        self.store.sweep()
        with Session(self.network, tick) as session:
            address = address_of(url, place, access)
            self.notes = session.notes
            state = update_index(
                session, self.store, address, lambda done, total: self.progress.append((done, total))
            )
        assert state == self.store.read(address_of(url, place, access))
        return state

    def refusal(self, url: str, access: Access | None = None, place: Place | None = None) -> SourceError:
        """Return the error of a mirror that cannot be read; its reason is stored as well."""
        with pytest.raises(SourceError) as caught:
            self.update(url, access, place)
        assert str(caught.value).isprintable()
        state = self.store.read(address_of(url, place, access))
        assert state.failure == caught.value.reason and state.failed
        return caught.value

    def left(self) -> list[str]:
        """The names of all files in the store."""
        folder = self.store.folder
        return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []

    def part(self) -> bytes:
        """The bytes of the partial download."""
        (name,) = [name for name in self.left() if name.endswith(".part")]
        return (self.store.folder / name).read_bytes()


def text(state: IndexState) -> bytes:
    return Path(state.file).read_bytes()


def store_copy(store: Store, content: bytes, address: Address = ADDRESS) -> IndexState:
    """Store an index as a download does."""
    store.folder.mkdir(exist_ok=True)
    file = store.index_file(address, digest(content))
    file.write_bytes(content)
    state = IndexState(
        url=address.url, layout="v2", file=str(file), sha256=digest(content), size=len(content)
    )
    store.write(address, state)
    return state
