"""Mirrors behind a network: asked when it is time to, and what is read where they cannot be."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from cachetui.errors import SourceError
from cachetui.fetch import Access, Address, IndexState, Network, Session, Store
from cachetui.locate import ResolvedLocation
from cachetui.refresh.opened import stale_text
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import ProgressReporter
from cachetui.sources import MirrorSource, update_index
from cachetui.spack import CachedIndex, Mirror, SpackConfig, cached_indexes, read_config
from cachetui.text import age_text, redacted

READ_AT_ONCE = 1 << 20
"""Bytes."""


def network_of(config: SpackConfig) -> Network:
    """How Spack is configured to use the network."""
    return Network(
        connect_timeout=config.connect_timeout, verify=config.verify_ssl, ca_bundle=config.ssl_certs
    )


class MirrorUpdater:
    """Brings what is kept of mirrors up to date, as far as a policy asks for it."""

    def __init__(self, policy: Policy, store: Store, advance: ProgressReporter) -> None:
        self._policy = policy
        self._store = store
        self._advance = advance
        self.notes: list[str] = []
        self.stale: list[str] = []

    @cached_property
    def _spack(self) -> SpackConfig:
        """Read anew: what is remembered has no secrets."""
        return read_config(os.environ)

    @cached_property
    def _indexes(self) -> Sequence[CachedIndex]:
        return cached_indexes(self._spack.misc_cache)[0]

    def update(self, sources: Sequence[tuple[ResolvedLocation, MirrorSource]], others: bool = False) -> None:
        """Ask those mirrors that it is time to ask; of the others, take what Spack keeps if that is newer.

        Args:
            others: there is something to show beside them.
        """
        if due := self._due(sources, others):
            self._store.sweep()
            with Session(network_of(self._spack), self._advance.wait) as session:
                for located, source in due:
                    self._ask(session, located, source)
                self.notes += session.notes
        for _, source in sources:
            if not source.state.has_index or source.state.failure or self._policy.offline:
                self._take_from_spack(source)
                self._tell(source)

    def _due(
        self, sources: Sequence[tuple[ResolvedLocation, MirrorSource]], others: bool
    ) -> Sequence[tuple[ResolvedLocation, MirrorSource]]:
        """The mirrors to ask; all of them where there is nothing else to show."""
        if self._policy.offline:
            return []
        nothing = not others and not any(source.state.has_index for _, source in sources)
        return [each for each in sources if nothing or self._policy.is_due(each[1].state)]

    def _ask(self, session: Session, located: ResolvedLocation, source: MirrorSource) -> None:
        self._advance.ask(source.name)
        address = source.address
        address = replace(address, access=self._access(address, located.configured))
        try:
            source.state = update_index(
                session,
                self._store,
                address,
                lambda done, total: self._advance.fetched(source.name, done, total),
                fail_fast=bool(self._alike(source)),
            )
        except SourceError as error:
            of_mirror = error.place.startswith(redacted(address.url))
            reason = error.reason if of_mirror else str(error)
            # Not looked up again: what is kept may not say so where nothing can be written.
            source.state = self._store.update(address, failed=time.time(), failure=reason)

    def _tell(self, source: MirrorSource) -> None:
        """Tell what is shown instead of what the mirror has now."""
        state = source.state
        if told := stale_text(source.label, state):
            self.stale.append(told)
        elif state.by_spack and state.has_index:
            age = age_text(state.age())
            self.notes.append(f"{source.label}: this is the index that Spack downloaded {age} ago")

    def _access(self, address: Address, configured: Mirror | None) -> Access:
        """What opens a mirror: what its URL tells, else what is configured for it or for the same URL."""
        if address.access.user:
            return address.access
        alike = [m for m in self._spack.mirrors if m.url == address.url and m.credentials]
        named = [m for m in alike if configured is not None and m.name == configured.name]
        for mirror in (*named, *alike):
            if known := mirror.credentials:
                return Access(
                    known.user(os.environ),
                    known.password(os.environ),
                    known.session_token(os.environ),
                    known.profile,
                    known.endpoint_url,
                )
        return address.access

    def _take_from_spack(self, source: MirrorSource) -> None:
        """Where the network is not there: the index that Spack itself has downloaded, if it is newer."""
        state = source.state
        for index in self._alike(source):
            if state.has_index and (index.modified <= state.checked or index.sha256 == state.sha256):
                return
            if _is_whole(index):
                source.state = self._store.update(source.address, **_by_spack(index, state))
                return
            self.notes.append(f"{source.label}: the index that Spack downloaded is damaged ({index.file})")

    def _alike(self, source: MirrorSource) -> Sequence[CachedIndex]:
        """The indexes of a mirror that Spack has downloaded, the best first."""
        here = source.address.url, source.address.view
        alike = [index for index in self._indexes if (index.url.rstrip("/"), index.view) == here]
        return sorted(alike, key=lambda index: (index.layout, index.modified), reverse=True)


def _is_whole(index: CachedIndex) -> bool:
    """Whether it is what Spack downloaded."""
    digest = hashlib.sha256()
    try:
        with open(index.file, "rb") as stream:
            while chunk := stream.read(READ_AT_ONCE):
                digest.update(chunk)
    except OSError:
        return False
    return digest.hexdigest() == index.sha256


def _by_spack(index: CachedIndex, state: IndexState) -> dict[str, object]:
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
    }
