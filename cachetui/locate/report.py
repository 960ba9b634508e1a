"""What is known of every mirror: where it is configured, its layout, state, age and size."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from cachetui.config import PublicPlaces
from cachetui.errors import CachetuiError, SourceError
from cachetui.fetch import scheme_of
from cachetui.locate.counts import cached_count
from cachetui.locate.locations import LocationResolver, ResolvedLocation
from cachetui.sources import MirrorSource, Source, layout_of, local_path, shown_location
from cachetui.spack import Mirror, Upstream, cached_indexes
from cachetui.text import clean, redacted

FRESH, OLDER, FAILED, NEVER, SOURCE_ONLY, HERE = (
    "up to date",
    "older",
    "failed",
    "never read",
    "source only",
    "on this machine",
)
"""The states of a mirror."""


class MirrorStatus(Struct, frozen=True, kw_only=True):
    """What is known of one mirror.

    Args:
        layout: v2, v3, oci or file; empty: not known.
        state: one of the states.
        reason: why it failed, or what else should be known of it.
        checked: when the mirror said that its index is the one that is kept, or when a file was last written,
            in seconds since 1970; None: never.
        records: builds in its index; None: not counted yet.
        binary: whether Spack looks for builds in it.
        where: the file and line of the configuration; else where it was found.
        scope: the scope of Spack's configuration.
    """

    name: str
    url: str
    layout: str = ""
    view: str = ""
    state: str = NEVER
    reason: str = ""
    checked: float | None = None
    records: int | None = None
    binary: bool = True
    tag: str = ""
    stack: str = ""
    where: str = ""
    scope: str = ""
    location: str = ""
    """What opens it, where that is not its name; it may hold a secret and is not shown."""

    def __repr__(self) -> str:
        """Without what is not shown."""
        return f"MirrorStatus({self.name!r}, {self.url!r}, {self.state!r})"

    @property
    def age(self) -> float | None:
        """Seconds since then."""
        return None if self.checked is None else max(time.time() - self.checked, 0.0)


class SpackReport(Struct, frozen=True, kw_only=True):
    """What was found of Spack on this machine.

    Args:
        root, version: of Spack itself; empty if there is none.
        notes: what was found and not understood, one line each.
    """

    mirrors: tuple[MirrorStatus, ...] = ()
    root: str = ""
    version: str = ""
    scopes: tuple[str, ...] = ()
    misc_cache: str = ""
    install_trees: tuple[str, ...] = ()
    upstreams: tuple[Upstream, ...] = ()
    notes: tuple[str, ...] = ()


def mirrors_report(locations: Sequence[str], public: PublicPlaces, max_age: float) -> SpackReport:
    """What is known of all mirrors of Spack's configuration, and of some locations; nobody is asked."""
    meanings = LocationResolver(public)
    spack = meanings.spack
    told = [_configured(mirror, meanings, max_age) for mirror in spack.mirrors]
    told += [replace(_named(location, meanings, max_age), location=location) for location in locations]
    indexes, notes = cached_indexes(spack.misc_cache) if spack.misc_cache else ([], [])
    known = {(_plain(mirror.url), mirror.view) for mirror in told}
    for index in indexes:
        if (_plain(index.url), index.view) not in known:
            told.append(_left_by_spack(index.url, f"v{index.layout}", index.view, index.modified, index.file))
    return SpackReport(
        mirrors=tuple(told),
        root=spack.root,
        version=spack.version,
        scopes=tuple(f"{scope.name} {scope.path}" for scope in spack.scopes),
        misc_cache=spack.misc_cache,
        install_trees=spack.install_trees,
        upstreams=spack.upstreams,
        notes=(*spack.notes, *notes),
    )


def _plain(url: str) -> str:
    """The same for a path however it is written."""
    path = str(local_path(url)) if scheme_of(url) == "file" else url
    return redacted(path.rstrip("/"))


def _left_by_spack(url: str, layout: str, view: str, modified: float, file: str) -> MirrorStatus:
    shown = redacted(url)
    return MirrorStatus(
        name=shown.rstrip("/").rpartition("/")[2],
        url=shown,
        location=url,
        layout=layout,
        view=view,
        state=OLDER,
        reason="no mirror is configured for it; Spack has its index",
        checked=modified,
        where=clean(file),
    )


def _configured(mirror: Mirror, meanings: LocationResolver, max_age: float) -> MirrorStatus:
    shown = redacted(mirror.url)
    if not mirror.binary:
        return MirrorStatus(
            name=mirror.name,
            url=shown,
            view=mirror.view,
            state=SOURCE_ONLY,
            binary=False,
            where=mirror.place,
            scope=mirror.scope,
        )
    try:
        located = meanings.of_mirror(mirror)
        return _told(located, meanings.open(located), max_age)
    except (CachetuiError, OSError) as error:
        reason = error.reason if isinstance(error, SourceError) else str(error)
        return MirrorStatus(
            name=mirror.name,
            url=shown,
            view=mirror.view,
            state=FAILED,
            reason=clean(reason),
            where=mirror.place,
            scope=mirror.scope,
        )


def _named(location: str, meanings: LocationResolver, max_age: float) -> MirrorStatus:
    try:
        located = meanings.locate(location)
        return _told(located, meanings.open(located), max_age)
    except (CachetuiError, OSError) as error:
        shown = redacted(location)
        return MirrorStatus(name=shown, url=shown, state=FAILED, reason=clean(str(error)), where="named")


def _told(located: ResolvedLocation, sources: Sequence[Source], max_age: float) -> MirrorStatus:
    configured = located.configured
    where = configured.place if configured else "named"
    scope = configured.scope if configured else ""
    source = sources[0]
    count = cached_count(source)
    if isinstance(source, MirrorSource):
        return _behind_network(source, count, max_age, where, scope)
    file = getattr(source, "file", None)
    return MirrorStatus(
        name=source.name,
        url=shown_location(located.path),
        layout=layout_of(source),
        view=located.place.view,
        state=HERE,
        checked=os.stat(file).st_mtime if file else None,
        records=count if count >= 0 else None,
        where=where,
        scope=scope,
    )


def _behind_network(source: MirrorSource, count: int, max_age: float, where: str, scope: str) -> MirrorStatus:
    index, place = source.state, source.address.place
    if index.failure:
        state = FAILED
    elif not index.has_index:
        state = NEVER
    else:
        state = OLDER if index.age() >= max_age else FRESH
    return MirrorStatus(
        name=place.mirror,
        url=redacted(source.address.url),
        layout=index.layout,
        view=place.view,
        state=state,
        reason=index.failure or index.note,
        checked=index.checked or None,
        records=count if count >= 0 else None,
        tag=place.tag,
        stack=place.stack,
        where=where,
        scope=scope,
    )
