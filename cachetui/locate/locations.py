"""Resolve what is named on the command line, or what Spack is configured with, to sources."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cachetui import paths
from cachetui.bounded import open_regular
from cachetui.errors import CachetuiError, ConfigError, LocationError, UnknownLocationError
from cachetui.fetch import Address, address_of, scheme_of
from cachetui.files import kind_of
from cachetui.sources import SAMPLE, IndexFile, Source, local_path, open_path, root_of
from cachetui.spec import INSTALLED, Place
from cachetui.text import redacted, show_as_written

if TYPE_CHECKING:
    from cachetui.config import PublicPlaces
    from cachetui.fetch import Store
    from cachetui.spack import Mirror, SpackConfig

_UNKNOWN = -1
"""Of a location of which is not known what is there."""

_SQLITE = b"SQLite format 3\0"


class ResolvedLocation(Struct, frozen=True):
    """What a location stands for: a mirror behind a network, or a path.

    Args:
        location: as it was typed or configured.
        path: empty for a mirror behind a network.
        place: the mirror and view of the builds at a path, as far as they are known.
        address: of a mirror behind a network.
        configured: the mirror of Spack's configuration that it names.
    """

    location: str
    path: str = ""
    place: Place = Place()
    address: Address | None = None
    configured: Mirror | None = None

    def __repr__(self) -> str:
        """Leave out what may hold a secret."""
        return f"ResolvedLocation({redacted(self.location)!r}, {self.address!r})"

    @property
    def identity(self) -> str:
        """A key of the catalog: the same for each spelling of a path and from each working folder."""
        if self.address is not None:
            return self.address.identity
        place = "" if self.place == Place() else f"\0{self.place.mirror}\0{self.place.view}"
        if self.path in (INSTALLED, SAMPLE) or "://" in self.path:
            return self.path + place
        return os.path.abspath(os.path.expanduser(self.path)) + place


class LocationResolver:
    """Resolves locations without using the network."""

    def __init__(self, public: PublicPlaces) -> None:
        self._public = public

    @cached_property
    def store(self) -> Store:
        """The downloaded indexes."""
        # Imported late, as everything that a path is opened without.
        from cachetui.fetch import Store

        return Store(paths.downloads_dir())

    @cached_property
    def spack(self) -> SpackConfig:
        """Spack's configuration, remembered from an earlier start if none of its files has changed."""
        from cachetui.spack import remembered_config

        return remembered_config(os.environ, paths.cache_dir() / "spack.json")

    def resolve_defaults(self, errors: list[CachetuiError], or_sample: bool = True) -> list[ResolvedLocation]:
        """Return what no location stands for: the mirrors of Spack's configuration, else the sample.

        There is no sample where a part of the configuration cannot be read, be it the URL of the only mirror.

        Args:
            errors: collects those of mirrors that cannot be read.
            or_sample: False if there is none either where no mirror is configured.
        """
        found: list[ResolvedLocation] = []
        unread: list[CachetuiError] = []
        for mirror in self.spack.mirrors:
            try:
                found += [self.resolve_mirror(mirror)] if mirror.binary else []
            except LocationError as error:
                unread.append(error)
        errors += unread
        if not (found or unread or self.spack.failures) and or_sample:
            return [ResolvedLocation(SAMPLE, SAMPLE)]
        return found

    def unread(self) -> list[ConfigError]:
        """What cannot be read of the configuration, if a location depends on it."""
        if "spack" not in self.__dict__:
            return []
        return [ConfigError(line) for line in self.spack.failures]

    def resolve(self, location: str) -> ResolvedLocation:
        """Resolve a path, a URL, or the name of a configured or public mirror. Raises LocationError."""
        scheme = scheme_of(location)
        if scheme and scheme != "file":
            return ResolvedLocation(location, address=self._address(location))
        kind = _UNKNOWN if scheme or location in (INSTALLED, SAMPLE) else _kind(location)
        if kind:
            if kind in (stat.S_IFREG, _UNKNOWN) and is_catalog(location):
                raise LocationError(
                    f"{redacted(location)}: a compiled catalog cannot be combined with other locations"
                )
            return ResolvedLocation(location, location)
        for mirror in self.spack.mirrors:
            if mirror.name == location:
                return self.resolve_mirror(mirror)
        from cachetui.locate.public import find_public

        if public := find_public(location, self._public):
            return ResolvedLocation(location, address=address_of(public.url, public.place))
        known = "cachetui mirrors lists those of Spack, with --public the public ones"
        raise UnknownLocationError(
            f"{redacted(location)[:200]}: no such file or folder, and no mirror of that name", known, location
        )

    def resolve_mirror(self, mirror: Mirror) -> ResolvedLocation:
        """Resolve a mirror of Spack's configuration. Raises LocationError."""
        scheme = scheme_of(mirror.url)
        if scheme and scheme != "file":
            address = self._address(mirror.url, mirror.name, mirror.view)
            if mirror.written:
                show_as_written(address.url, mirror.written)  # another spelling of the URL
            login = mirror.name if mirror.has_credentials and scheme in ("s3", "gs") else ""
            return ResolvedLocation(mirror.name, address=replace(address, login=login), configured=mirror)
        place = Place(mirror=mirror.name, view=mirror.view)
        return ResolvedLocation(mirror.name, mirror.url, place, configured=mirror)

    def _address(self, url: str, name: str = "", view: str = "") -> Address:
        from cachetui.locate.public import public_place

        address = address_of(url)
        place = public_place(address.url, self._public) or address.place
        return replace(address, place=replace(place, mirror=name or place.mirror, view=view or address.view))

    def open_sources(self, location: ResolvedLocation) -> list[Source]:
        """Return the sources at a location. Raises LocationError, SourceError."""
        if location.address is not None:
            from cachetui.sources import MirrorSource

            return [MirrorSource(location.address, self.store)]
        if location.path == INSTALLED and location.configured is None:
            # Imported late: few starts ask for it.
            from cachetui.locate.installed import installed_sources

            return installed_sources(self.spack)
        return open_path(location.path, location.place)

    def upstreams_of(self, sources: Iterable[Source]) -> list[Source]:
        """Return the upstreams of the install trees among some sources that are not among them."""
        trees = [each for each in sources if isinstance(each, IndexFile) and each.place.is_installed]
        if not trees:
            return []
        from cachetui.locate.installed import upstream_sources

        return upstream_sources([str(root_of(tree)) for tree in trees], self.spack)


def _kind(location: str) -> int:
    """What is at a path, 0 if nothing is there."""
    try:
        return kind_of(local_path(location))
    except (OSError, ValueError, RuntimeError):
        return _UNKNOWN  # opening it says what is wrong


def is_catalog(location: str) -> bool:
    """Whether a location is the path of a compiled catalog."""
    try:
        path = local_path(location)
        if scheme_of(location) not in ("", "file") or not path.is_file():
            return False
        with open_regular(path) as stream:
            return stream.read(len(_SQLITE)) == _SQLITE
    except (OSError, ValueError, RuntimeError):
        return False
