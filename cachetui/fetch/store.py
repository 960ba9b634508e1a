"""The local copies of mirrors' indexes: plain files, each with a record of when and how it was downloaded."""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cachetui.fetch.address import Address
from cachetui.files import read_own, remove_abandoned, replace_file
from cachetui.text import redacted

FORMAT = 1
"""Incremented with each change of `IndexState`; files with another number are ignored."""

NEVER_DOWNLOADED = "never downloaded; connect once to fetch it"


class IndexState(Struct, frozen=True):
    """The state of the local copy of a mirror's index; times are in seconds since 1970.

    Args:
        url: redacted.
        layout: v2, v3, oci or file; empty if it was never downloaded.
        file: the copy, as a plain file; empty if there is none.
        sha256: of the index as the mirror stores it.
        etag: of the file that is requested first: the manifest, or the index.
        size: of the file, in bytes.
        fetched: when it was downloaded.
        checked: when the mirror last confirmed that it is up to date.
        failed, failure: when and why the last check failed, if any did since `checked`.
        unanswered: it has not failed, but it was not waited for any longer.
        by_spack: the file belongs to the cache of Spack.
        note: a remark for the user.
        records: number of builds; -1 if not counted yet.
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
    unanswered: bool = False
    by_spack: bool = False
    note: str = ""
    records: int = -1
    signed: bool = False
    format: int = FORMAT

    @property
    def has_index(self) -> bool:
        """Whether the file exists and still has the size of the download."""
        with suppress(OSError, ValueError):
            return os.path.isfile(self.file) and self.size in (0, os.path.getsize(self.file))
        return False

    def age(self) -> float:
        """Return the seconds since the mirror last confirmed that the copy is up to date."""
        return max(time.time() - self.checked, 0.0)


_NO_STATE = (errno.ENOENT, errno.ENOTDIR, errno.EPERM, errno.ELOOP)
"""Errors of a state that is not there, or that is not believed, as another user may have written it."""

_STATE_DECODER = msgspec.json.Decoder(IndexState)


class Store:
    """The folder of all local copies, with one state file per mirror; it need not be writable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, address: Address) -> IndexState:
        """Return the state of a mirror; an empty one if there is none that can be read."""
        with suppress(OSError):
            return self._known(address)
        return IndexState(url=redacted(address.url))

    def _known(self, address: Address) -> IndexState:
        """See `read`. Raises OSError if there may be a state that cannot be read just now."""
        try:
            state = _STATE_DECODER.decode(read_own(self.state_file(address)))
            if state.format == FORMAT:
                return state
        except OSError as error:
            if error.errno not in _NO_STATE:
                raise
        except (ValueError, RecursionError):
            pass  # damaged
        return IndexState(url=redacted(address.url))

    def write(self, address: Address, state: IndexState) -> None:
        """Store a state and remove the file of the one before. Raises OSError."""
        before = self.read(address)
        replace_file(self.state_file(address), msgspec.json.encode(state))
        if before.file and before.file != state.file and self.owns(before):
            with suppress(OSError):
                os.unlink(before.file)

    def update(self, address: Address, **changes: object) -> IndexState:
        """Change the state of a mirror; a change that cannot be written is lost.

        Nothing is written if the state cannot be read just now: it says which index was downloaded.
        """
        with suppress(OSError):
            state = replace(self._known(address), **changes)
            with suppress(OSError):
                self.write(address, state)
            return state
        return replace(IndexState(url=redacted(address.url)), **changes)

    def sweep(self) -> None:
        """Remove the temporary files of processes that were killed."""
        for pattern in ("*.part.*", "*.state.*"):
            found = self.folder.glob(pattern)
            remove_abandoned(file for file in found if file.suffix != ".json")

    def owns(self, state: IndexState) -> bool:
        """Whether the file is in this folder."""
        return not state.by_spack and Path(state.file).parent == self.folder

    def index_file(self, address: Address, sha256: str) -> Path:
        """Return the path for an index with a checksum; a new index does not overwrite the old one."""
        return self.folder / f"{address.key}-{sha256[:16]}.json"

    def part_file(self, address: Address) -> Path:
        """Return the path for an incomplete download."""
        return self.folder / f"{address.key}.part"

    def state_file(self, address: Address) -> Path:
        """Return the path for the state of a mirror."""
        return self.folder / f"{address.key}.state"
