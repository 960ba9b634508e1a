"""Mirrors behind a network: asked when it is time to, and what is read where they cannot be."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from cachetui.errors import SourceError
from cachetui.refresh.locations import Located
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import Advance
from cachetui.sources import Access, Address, Kept, MirrorSource, Network, Session, Store
from cachetui.spack import CachedIndex, Mirror, SpackConfig, cached_indexes, read_config

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def network_of(config: SpackConfig) -> Network:
    """How Spack is configured to use the network."""
    return Network(
        connect_timeout=config.connect_timeout, verify=config.verify_ssl, ca_bundle=config.ssl_certs
    )


class Updating:
    """Brings what is kept of mirrors up to date, as far as a policy asks for it."""

    def __init__(self, policy: Policy, store: Store, advance: Advance) -> None:
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

    def update(self, sources: Sequence[tuple[Located, MirrorSource]]) -> None:
        """Ask those mirrors that it is time to ask; of the others, take what Spack keeps if that is newer."""
        due = [(located, source) for located, source in sources if self._is_due(source.kept)]
        if due and not self._policy.offline:
            with Session(self._store, network_of(self._spack), self._advance.wait) as session:
                for located, source in due:
                    self._ask(session, located, source)
        for _, source in sources:
            if not source.look_again().is_there or source.kept.failure or self._policy.offline:
                self._take_from_spack(source)

    def _is_due(self, kept: Kept) -> bool:
        return not kept.is_there or self._policy.is_due(kept)

    def _ask(self, session: Session, located: Located, source: MirrorSource) -> None:
        self._advance.ask(source.name)
        address = source.address
        address = replace(address, access=self._access(address, located.configured))
        try:
            session.update(address, lambda done, total: self._advance.fetched(source.name, done, total))
        except SourceError as error:
            self._tell_failure(source, error)

    def _tell_failure(self, source: MirrorSource, error: SourceError) -> None:
        if source.look_again().is_there:
            since = f"its index of {age_text(source.kept.age())} ago is shown"
            self.stale.append(f"{source.label}: {error.reason}; {since}")

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
        kept, url = source.kept, source.address.url
        alike = [i for i in self._indexes if (i.url.rstrip("/"), i.view) == (url, source.address.view)]
        newest = max(alike, key=lambda index: (index.layout, index.modified), default=None)
        if newest is None or (kept.is_there and newest.modified <= kept.fetched):
            return
        if kept.by_spack and kept.sha256 == newest.sha256:
            return
        self._store.update(source.address, **_by_spack(newest, kept))
        source.look_again()
        age = age_text(time.time() - newest.modified)
        self.notes.append(f"{source.label}: this is the index that Spack downloaded {age} ago")


def _by_spack(index: CachedIndex, kept: Kept) -> dict[str, object]:
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
        "failure": kept.failure,
    }


def age_text(seconds: float) -> str:
    """`3 minutes`, `2 hours`, `5 days`."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit:
            number = int(seconds // unit)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return "less than a minute"
