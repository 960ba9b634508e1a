"""Report on every mirror without asking it: where it is configured, its layout, state, age and size."""

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
from cachetui.sources import IndexFile, MirrorSource, Source, layout_of, local_path, root_of, shown_location
from cachetui.spack import CachedIndex, Mirror, Upstream, cached_indexes
from cachetui.spec import INSTALLED
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
        layout: v2, v3, oci, file or pages; empty: unknown.
        state: one of the states.
        reason: why it failed, or another note about it.
        checked: when the mirror last confirmed its cached index, or when a local file was written, in seconds
            since 1970; None: never.
        records: the builds in its index; None: unknown.
        binary: whether Spack looks for builds in it.
        where: the file and line that configure it, or how else it was found.
        scope: the scope of Spack's configuration.
        location: what opens it, where its name does not; it may hold a secret and is not shown.
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

    def __repr__(self) -> str:
        """Leave out what may hold a secret."""
        return f"MirrorStatus({self.name!r}, {self.url!r}, {self.state!r})"

    @property
    def age(self) -> float | None:
        """Seconds since `checked`."""
        return None if self.checked is None else max(time.time() - self.checked, 0.0)


class SpackReport(Struct, frozen=True, kw_only=True):
    """Spack on this machine and its mirrors.

    Args:
        root, version: of the Spack installation; empty if there is none.
        notes: what could not be used, one line each.
        failures: those of the notes about what cannot be read.
    """

    mirrors: tuple[MirrorStatus, ...] = ()
    root: str = ""
    version: str = ""
    scopes: tuple[str, ...] = ()
    misc_cache: str = ""
    install_trees: tuple[str, ...] = ()
    upstreams: tuple[Upstream, ...] = ()
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def mirrors_report(locations: Sequence[str], public: PublicPlaces, max_age: float) -> SpackReport:
    """Report on the mirrors of Spack's configuration and of some locations, without using the network.

    Args:
        max_age: seconds after which an index counts as older.
    """
    reporter = _Reporter(LocationResolver(public), max_age)
    spack = reporter.resolver.spack
    found = [reporter.of_configured(mirror) for mirror in spack.mirrors]
    found += [status for location in locations for status in reporter.of_location(location)]
    indexes, notes = cached_indexes(spack.misc_cache) if spack.misc_cache else ([], [])
    known = {(_comparable(mirror.url), mirror.view) for mirror in found}
    found += [_unconfigured(index) for index in indexes if (_comparable(index.url), index.view) not in known]
    return SpackReport(
        mirrors=tuple(found),
        root=spack.root,
        version=spack.version,
        scopes=tuple(f"{scope.name} {scope.path}" for scope in spack.scopes),
        misc_cache=spack.misc_cache,
        install_trees=spack.install_trees,
        upstreams=spack.upstreams,
        notes=(*spack.notes, *notes),
        failures=spack.failures,
    )


def _comparable(url: str) -> str:
    """A URL or path, the same however it is written."""
    path = str(local_path(url)) if scheme_of(url) == "file" else url
    return redacted(path.rstrip("/"))


def _unconfigured(index: CachedIndex) -> MirrorStatus:
    """The status of a mirror that is known only by an index that Spack downloaded."""
    shown = redacted(index.url)
    return MirrorStatus(
        name=shown.rstrip("/").rpartition("/")[2],
        url=shown,
        location=index.url,
        layout=f"v{index.layout}",
        view=index.view,
        state=OLDER,
        reason="no mirror is configured for it; Spack has its index",
        checked=index.modified,
        where=clean(index.file),
    )


class _Reporter(Struct, frozen=True):
    """Finds the status of single mirrors."""

    resolver: LocationResolver
    max_age: float

    def of_configured(self, mirror: Mirror) -> MirrorStatus:
        """The status of a mirror of Spack's configuration."""
        shown = redacted(mirror.url)
        unread = MirrorStatus(
            name=mirror.name, url=shown, view=mirror.view, where=mirror.place, scope=mirror.scope
        )
        if not mirror.binary:
            return replace(unread, state=SOURCE_ONLY, binary=False)
        try:
            return self._status(self.resolver.resolve_mirror(mirror))
        except (CachetuiError, OSError) as error:
            reason = error.reason if isinstance(error, SourceError) else str(error)
            return replace(unread, state=FAILED, reason=clean(reason.removeprefix(f"{shown}: ")))

    def of_location(self, location: str) -> list[MirrorStatus]:
        """The status of what a location leads to; for `installed`, that of each install tree."""
        try:
            resolved = self.resolver.resolve(location)
            sources = self.resolver.open_sources(resolved)
            if resolved.path == INSTALLED:
                return [_of_tree(source) for source in sources if isinstance(source, IndexFile)]
            upstreams = self.resolver.upstreams_of(sources)
            status = self._of_source(sources[0], resolved)
        except (CachetuiError, OSError) as error:
            shown = redacted(location)
            reason = clean(str(error))
            status = MirrorStatus(name=shown, url=shown, state=FAILED, reason=reason, where="named")
            return [replace(status, location=location)]
        return [
            replace(status, location=location),
            *(_of_tree(source) for source in upstreams if isinstance(source, IndexFile)),
        ]

    def _status(self, location: ResolvedLocation) -> MirrorStatus:
        return self._of_source(self.resolver.open_sources(location)[0], location)

    def _of_source(self, source: Source, location: ResolvedLocation) -> MirrorStatus:
        count = cached_count(source)
        status = self._remote(source) if isinstance(source, MirrorSource) else _local(source, location)
        configured = location.configured
        return replace(
            status,
            records=count if count >= 0 else None,
            where=configured.place if configured else "named",
            scope=configured.scope if configured else "",
        )

    def _remote(self, source: MirrorSource) -> MirrorStatus:
        index, place = source.state, source.address.place
        if index.failure:
            state = FAILED
        elif not index.has_index:
            state = NEVER
        else:
            state = OLDER if index.age() >= self.max_age else FRESH
        return MirrorStatus(
            name=place.mirror,
            url=redacted(source.address.url),
            layout=index.layout,
            view=place.view,
            state=state,
            reason=index.failure or index.note,
            checked=index.checked or None,
            tag=place.tag,
            stack=place.stack,
        )


def _of_tree(source: IndexFile) -> MirrorStatus:
    root = str(root_of(source))
    unread = MirrorStatus(
        name=source.name, url=shown_location(root), layout=INSTALLED, location=root, where="named"
    )
    try:
        written = os.stat(source.file).st_mtime
    except OSError as error:
        return replace(unread, state=FAILED, reason=error.strerror or "cannot be read")
    count = cached_count(source)
    return replace(unread, state=HERE, checked=written, records=count if count >= 0 else None)


def _local(source: Source, location: ResolvedLocation) -> MirrorStatus:
    file = getattr(source, "file", None)
    return MirrorStatus(
        name=source.name,
        url=shown_location(location.path),
        layout=layout_of(source),
        view=location.place.view,
        state=HERE,
        checked=os.stat(file).st_mtime if file else None,
    )
