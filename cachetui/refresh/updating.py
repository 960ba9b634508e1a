"""Update the indexes of mirrors behind a network, or fall back to those that Spack has downloaded."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from cachetui.bounded import open_regular
from cachetui.fetch import Access, Address, IndexState, Network, Session, Store
from cachetui.locate import ResolvedLocation
from cachetui.refresh.asking import Ask, Asking
from cachetui.refresh.opened import stale_text
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import ProgressReporter
from cachetui.sources import MirrorSource, update_index
from cachetui.spack import CachedIndex, Mirror, SpackConfig, cached_indexes, read_config
from cachetui.text import age_text, redacted

CHUNK_BYTES = 1 << 20


def network_of(config: SpackConfig) -> Network:
    """Take the network settings of Spack's configuration."""
    return Network(
        connect_timeout=config.connect_timeout, verify=config.verify_ssl, ca_bundle=config.ssl_certs
    )


def access_of(address: Address, configured: Mirror | None, spack: SpackConfig) -> Access:
    """The credentials of a mirror: from its URL, else those configured for it or for its URL.

    Args:
        configured: the mirror of Spack's configuration that led to it.
        spack: the configuration with its secrets.
    """
    if address.access.user:
        return address.access
    same_url = [m for m in spack.mirrors if m.url == address.url and m.credentials]
    same_name = [m for m in same_url if configured is not None and m.name == configured.name]
    for mirror in (*same_name, *same_url):
        if known := mirror.credentials:
            return Access(
                known.user(os.environ),
                known.password(os.environ),
                known.session_token(os.environ),
                known.profile,
                known.endpoint_url,
            )
    return address.access


class MirrorUpdater:
    """Updates the indexes of mirrors as far as a policy asks for it.

    Args:
        asking: asks the mirrors that are due; what it has begun is not begun again.
        keeps_asking: mirrors that have not answered in time are waited for by the next refresh.

    Attributes:
        stale: the mirrors that did not answer, and whose last index is used, one line each.
    """

    def __init__(
        self,
        policy: Policy,
        store: Store,
        progress: ProgressReporter,
        asking: Asking,
        keeps_asking: bool = False,
    ) -> None:
        self._policy = policy
        self._store = store
        self._progress = progress
        self._asking = asking
        self._keeps_asking = keeps_asking
        self.notes: list[str] = []
        self.stale: list[str] = []

    @cached_property
    def _spack(self) -> SpackConfig:
        """The configuration read anew, as the remembered one holds no secrets."""
        return read_config(os.environ)

    @cached_property
    def _spack_indexes(self) -> Sequence[CachedIndex]:
        return cached_indexes(self._spack.misc_cache)[0]

    def update(self, sources: Sequence[tuple[ResolvedLocation, MirrorSource]], others: bool = False) -> None:
        """Ask the mirrors that are due; use Spack's indexes for those that fail or may not be asked.

        Args:
            others: there are other sources, so that one of these may stay without an index.
        """
        has_something = others or any(source.state.has_index for _, source in sources)
        if not self._asking.has_begun:
            self._begin(self._due(sources, has_something), has_something)
        if self._asking.is_going_on:
            self._progress.begin()
            self._asking.wait(self._policy.wait, has_something, self._progress.asked)
            if not self._keeps_asking:
                self._asking.close()
            for _, source in sources:
                self._take_answer(source)
            self.notes += self._asking.take_notes()
        for _, source in sources:
            if not source.state.has_index or source.state.failure or self._policy.offline:
                self._fall_back_to_spack(source)
                self._add_note(source)

    def _due(
        self, sources: Sequence[tuple[ResolvedLocation, MirrorSource]], has_something: bool
    ) -> Sequence[tuple[ResolvedLocation, MirrorSource]]:
        """The mirrors to ask; all of them if there is nothing else to show."""
        if self._policy.offline:
            return []
        return [
            (where, source)
            for where, source in sources
            if not has_something
            or self._policy.is_due(source.state)
            or (source.state.unanswered and self._keeps_asking)  # nothing waits for it
        ]

    def _begin(self, due: Sequence[tuple[ResolvedLocation, MirrorSource]], has_something: bool) -> None:
        if self._policy.wait == 0 and has_something:
            for _, source in due:
                source.state = replace(source.state, failure="not asked", unanswered=True)
        elif due:
            self._store.sweep()
            network = replace(network_of(self._spack), largest=self._policy.max_index)
            self._asking.begin(lambda tick: Session(network, tick))
            for location, source in due:
                self._asking.add(source.address.key, self._question(location, source))

    def _question(self, location: ResolvedLocation, source: MirrorSource) -> Ask:
        access = access_of(source.address, location.configured, self._spack)
        address = replace(source.address, access=access)
        fail_fast = bool(self._indexes_of(source))
        return self._asking.ask(
            source.name,
            source.label,
            lambda session, received: update_index(
                session, self._store, address, received, fail_fast, self._policy.afresh
            ),
        )

    def _take_answer(self, source: MirrorSource) -> None:
        """Use the new state of a mirror's index, or say why there is none."""
        key, now = source.address.key, time.time()
        ask = self._asking.take(key) or self._asking.find(key)
        if ask is None:
            return
        if ask.state is not None:
            source.state = ask.state
        elif ask.error is not None:
            of_mirror = ask.error.place.startswith((redacted(source.address.url), source.label))
            reason = ask.error.reason if of_mirror else str(ask.error)
            # Not read from the store again: where nothing can be written, it does not know of the failure.
            source.state = self._store.update(source.address, failed=now, failure=reason, unanswered=False)
        elif self._keeps_asking or (ask.is_useful and os.path.exists(self._store.part_file(source.address))):
            source.state = replace(source.reload(), failure=ask.why_missing, unanswered=True)
        else:
            changes = {"failed": now, "failure": ask.why_missing, "unanswered": True}
            source.state = self._store.update(source.address, **changes)

    def _add_note(self, source: MirrorSource) -> None:
        """Say which index is shown instead of the current one of the mirror."""
        state = source.state
        if text := stale_text(source.label, state):
            self.stale.append(text)
        elif state.by_spack and state.has_index:
            age = age_text(state.age())
            self.notes.append(f"{source.label}: showing the index that Spack downloaded {age} ago")

    def _fall_back_to_spack(self, source: MirrorSource) -> None:
        """Use the index that Spack itself has downloaded, if it is newer and undamaged."""
        state = source.state
        for index in self._indexes_of(source):
            if state.has_index and (index.modified <= state.checked or index.sha256 == state.sha256):
                return
            if _is_intact(index):
                source.state = self._store.update(source.address, **_spack_state(index, state))
                return
            self.notes.append(f"{source.label}: the index that Spack downloaded is damaged ({index.file})")

    def _indexes_of(self, source: MirrorSource) -> Sequence[CachedIndex]:
        """The indexes of a mirror that Spack has downloaded, newest layout first, then newest file."""
        wanted = source.address.url, source.address.view
        found = [index for index in self._spack_indexes if (index.url.rstrip("/"), index.view) == wanted]
        return sorted(found, key=lambda index: (index.layout, index.modified), reverse=True)


def _is_intact(index: CachedIndex) -> bool:
    """Whether the file still has the checksum that Spack noted."""
    digest = hashlib.sha256()
    try:
        with open_regular(index.file) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
    except OSError:
        return False
    return digest.hexdigest() == index.sha256


def _spack_state(index: CachedIndex, state: IndexState) -> dict[str, object]:
    """The fields of a state whose index is the file of Spack."""
    try:
        size = Path(index.file).stat().st_size
    except OSError:
        size = 0
    return {
        "layout": "oci" if index.url.startswith("oci") else f"v{index.layout}",
        "file": index.file,
        "sha256": index.sha256,
        "etag": index.etag,
        "size": size,
        "fetched": index.modified,
        "checked": index.modified,
        "by_spack": True,
        "records": -1,
        "note": "",
        "signed": False,
        "failed": state.failed,
        "failure": state.failure,
        "unanswered": state.unanswered,
    }
