"""What is kept of a mirror between two starts: its index as a plain file, and when and how it came."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cachetui.fetch.address import Address
from cachetui.files import remove_abandoned, replace_file
from cachetui.text import redacted

FORMAT = 1
"""Counts up with any change of `IndexState`; what has another number is not read."""


class IndexState(Struct, frozen=True):
    """What is known of the index of a mirror.

    Args:
        url: redacted.
        layout: v2, v3, oci or file; empty if it was never read.
        file: where its plain text lies; empty if it does not.
        sha256: of the index as the mirror stores it.
        etag: of what is asked for first: the manifest, or the index.
        size: bytes of the file.
        fetched: when it came, in seconds since 1970.
        checked: when the mirror last said that it is this.
        failed, failure: when it last could not be read after that, and why.
        by_spack: the file is one that Spack keeps.
        note: what a person should know of it.
        records: builds in it; -1 if they were not counted yet.
        signed: its manifest carries a signature.
    """

    url: str = ""
    layout: str = ""
    file: str = ""
    sha256: str = ""
    etag: str = ""
    size: int = 0
    fetched: float = 0.0
    checked: float = 0.0
    failed: float = 0.0
    failure: str = ""
    by_spack: bool = False
    note: str = ""
    records: int = -1
    signed: bool = False
    format: int = FORMAT

    @property
    def has_index(self) -> bool:
        """Whether the index can be read, and nothing has cut it or written to it since it came."""
        with suppress(OSError, ValueError):
            return os.path.isfile(self.file) and self.size in (0, os.path.getsize(self.file))
        return False

    def age(self) -> float:
        """Seconds since the mirror said that this is its index."""
        return max(time.time() - self.checked, 0.0)


_STATE_DECODER = msgspec.json.Decoder(IndexState)


class Store:
    """The folder of all that is kept, one state for each mirror; it need not be writable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, address: Address) -> IndexState:
        """What is kept of a mirror; nothing, if that cannot be read."""
        with suppress(OSError, ValueError, RecursionError):
            state = _STATE_DECODER.decode(self._state_file(address).read_bytes())
            if state.format == FORMAT:
                return state
        return IndexState(url=redacted(address.url))

    def write(self, address: Address, state: IndexState) -> None:
        """Keep it, and let go of the file that was kept before. Raises OSError."""
        before = self.read(address)
        replace_file(self._state_file(address), msgspec.json.encode(state))
        if before.file and before.file != state.file and self.owns(before):
            with suppress(OSError):
                os.unlink(before.file)

    def update(self, address: Address, **changes: object) -> IndexState:
        """Change what is kept of a mirror; what cannot be written is lost."""
        state = replace(self.read(address), **changes)
        with suppress(OSError):
            self.write(address, state)
        return state

    def sweep(self) -> None:
        """Remove what processes have left that were killed while they wrote."""
        found = (*self.folder.glob("*.part.*"), *self.folder.glob("*.state.*"))
        remove_abandoned(file for file in found if file.suffix != ".json")

    def owns(self, state: IndexState) -> bool:
        """Whether the file lies here."""
        return not state.by_spack and Path(state.file).parent == self.folder

    def index_file(self, address: Address, sha256: str) -> Path:
        """Where the index with a checksum is kept: another one does not overwrite it."""
        return self.folder / f"{address.key}-{sha256[:16]}.json"

    def part_file(self, address: Address) -> Path:
        """Where an index is kept that broke off."""
        return self.folder / f"{address.key}.part"

    def _state_file(self, address: Address) -> Path:
        return self.folder / f"{address.key}.state"
