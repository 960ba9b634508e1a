"""LocationResolver to sources, and to the file of their catalog; no network is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zlib import crc32

import msgspec
from msgspec import Struct, field

from cachetui import __version__, paths
from cachetui.errors import CachetuiError, LocationError, SourceError
from cachetui.locate import LocationResolver, ResolvedLocation
from cachetui.refresh.policy import Policy
from cachetui.refresh.read_report import ReadReport
from cachetui.sources import Source
from cachetui.text import clean

if TYPE_CHECKING:
    from cachetui.sources import MirrorSource


class Found(Struct):
    """The sources of some locations.

    Args:
        located: what the locations mean.
        path: where their catalog lies.
        errors: of locations that mean nothing, or lead to nothing that can be read.
    """

    located: list[ResolvedLocation] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    remote: list[tuple[ResolvedLocation, MirrorSource]] = field(default_factory=list)
    errors: list[CachetuiError] = field(default_factory=list)
    path: Path = Path()

    def prints(self, findings: ReadReport) -> str:
        """A text that changes with the content of the sources, or with which of them cannot be read.

        Why they cannot is no part of it: that may be put in other words at each try.

        Raises:
            CachetuiError: none of them can be read; the first error.
        """
        errors, readable, prints = list(self.errors), [], []
        for source in self.sources:
            try:
                prints.append((source.name, source.fingerprint()))
                readable.append(source)
            except SourceError as error:
                errors.append(error)
        if errors and not readable:
            raise errors[0]
        self.sources = readable
        findings.failures += [clean(str(error)) for error in errors]
        failing = [error.place if isinstance(error, SourceError) else clean(str(error)) for error in errors]
        return msgspec.json.encode([__version__, prints, failing]).decode()

    def was_replaced(self) -> bool:
        """Whether another process has fetched newer indexes, and let go of those that were to be read."""
        return any(not source.state.has_index and source.reload().has_index for _, source in self.remote)


def find_sources(locations: Sequence[str], policy: Policy) -> Found:
    """What the locations, or without any those of the configuration, lead to; no network is asked."""
    meanings = LocationResolver(policy.public)
    found = Found()
    names: list[str] = []
    for location in locations:
        try:
            found.located.append(meanings.locate(location))
            names.append(found.located[-1].identity)
        except LocationError as error:
            found.errors.append(error)
            names.append(location)
    if not locations:
        found.located = meanings.defaults(found.errors)
        names = [located.identity for located in found.located]
    for located in found.located:
        try:
            sources = meanings.open(located)
        except (LocationError, SourceError) as error:
            found.errors.append(error)
            continue
        found.sources += sources
        if located.address is not None:
            found.remote += [(located, cast("MirrorSource", each)) for each in sources]
    found.path = _path(names)
    return found


def _path(names: Sequence[str]) -> Path:
    """The file of the catalog of what has these names."""
    text = "\0".join(names).encode(errors="surrogateescape")
    # Two that had the same name would only compile by turns; hashlib would bring in OpenSSL at each start.
    return paths.catalog_dir() / f"{crc32(text):08x}{crc32(text[::-1]):08x}.sqlite"
