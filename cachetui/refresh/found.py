"""Find the sources at some locations, and the file of their catalog, without using the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zlib import crc32

import msgspec
from msgspec import Struct, field

from cachetui import __version__, paths
from cachetui.errors import UNFORESEEN, CachetuiError, ConfigError, LocationError, SourceError, unforeseen
from cachetui.fetch import scheme_of
from cachetui.keyed import checksum
from cachetui.locate import LocationResolver, ResolvedLocation
from cachetui.refresh.policy import Policy
from cachetui.refresh.read_report import ReadReport
from cachetui.secret import foreign
from cachetui.sources import Source
from cachetui.text import clean, redacted

if TYPE_CHECKING:
    from cachetui.sources import MirrorSource


NO_MIRROR = "no mirror is configured in Spack here to be read instead"


class Found(Struct):
    """The sources at some locations.

    Args:
        remote: the sources that are downloaded, each with the location that leads to it.
        errors: of the locations that cannot be resolved or have nothing that can be read.
        path: the file of their catalog.
    """

    locations: list[ResolvedLocation] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    remote: list[tuple[ResolvedLocation, MirrorSource]] = field(default_factory=list)
    errors: list[CachetuiError] = field(default_factory=list)
    path: Path = Path()

    def fingerprint(self, report: ReadReport) -> str:
        """Fingerprint the content of all sources; those that have none go to `report` and are dropped.

        It names the sources that cannot be read, but not why: the reason may be worded differently each time.

        Raises:
            CachetuiError: the first error, if no source can be read.
        """
        errors, readable, fingerprints = list(self.errors), [], []
        unanswered = {id(source) for _, source in self.remote if source.state.unanswered}
        for source in self.sources:
            try:
                fingerprints.append((source.name, source.fingerprint()))
                readable.append(source)
            except (SourceError, *UNFORESEEN) as raised:
                error = _known(source.name, raised)
                errors.append(error)
                if id(source) in unanswered:
                    report.unanswered.append(clean(f"{error}; its builds are left out"))
                else:
                    report.failures.append(clean(str(error)))
        if errors and not readable:
            first, *first.others = errors
            raise first
        self.sources = readable
        report.failures[:0] = [clean(str(error)) for error in self.errors]
        failing = [error.place if isinstance(error, SourceError) else clean(str(error)) for error in errors]
        return msgspec.json.encode([__version__, fingerprints, failing]).decode()

    def unread(self) -> tuple[str, ...]:
        """What of the configuration cannot be read, one line each."""
        return tuple(clean(str(error)) for error in self.errors if isinstance(error, ConfigError))

    def used_files(self) -> tuple[Path, ...]:
        """The files that would be missed: the catalog, and the states of the downloads."""
        return self.path, *(source.store.state_file(source.address) for _, source in self.remote)

    def was_replaced(self) -> bool:
        """Whether another process has downloaded newer indexes and deleted those that were to be read."""
        return any(not source.state.has_index and source.reload().has_index for _, source in self.remote)


def find_sources(locations: Sequence[str], policy: Policy) -> Found:
    """Find the sources at the locations, or those of the configuration if there are none."""
    resolver = LocationResolver(policy.public)
    found = Found()
    names: list[str] = []
    for location in locations:
        try:
            found.locations.append(resolver.resolve(location))
            names.append(found.locations[-1].identity)
        except LocationError as unknown:
            found.errors.append(unknown)
            # A URL may hold a secret; a path has the same name as while it could be read.
            names.append(checksum(location) if scheme_of(location) not in ("", "file") else location)
    if not locations:
        found.locations = resolver.resolve_defaults(found.errors, or_sample=not policy.unusable)
        if policy.unusable and not found.locations:
            found.errors.append(ConfigError(f"{policy.unusable}; {NO_MIRROR}"))
        names = [location.identity for location in found.locations]
    for resolved in found.locations:
        try:
            sources = resolver.open_sources(resolved)
        except (LocationError, SourceError, *UNFORESEEN) as raised:
            error = _known(redacted(clean(resolved.location)), raised)
            # The path alone does not say which mirror of the configuration is meant.
            named = f"{clean(resolved.location)} ({error})" if resolved.configured else ""
            found.errors.append(LocationError(named) if named else error)
            continue
        found.sources += sources
        if resolved.address is not None:
            found.remote += [(resolved, cast("MirrorSource", source)) for source in sources]
    found.sources += resolver.upstreams_of(found.sources)
    # First, as what else is wrong may follow from it.
    found.errors = [*resolver.unread(), *found.errors]
    found.path = _catalog_path(names)
    return found


def _known(place: str, error: Exception) -> CachetuiError:
    return error if isinstance(error, CachetuiError) else unforeseen(place, error, foreign(error))


def _catalog_path(names: Sequence[str]) -> Path:
    text = "\0".join(names).encode(errors="surrogateescape")
    # Two sets with the same name would only be compiled in turns; hashlib would load OpenSSL at each start.
    return paths.catalog_dir() / f"{crc32(text):08x}{crc32(text[::-1]):08x}.sqlite"
