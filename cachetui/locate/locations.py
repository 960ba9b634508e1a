"""What was named on the command line, or nothing, to sources."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cachetui import paths
from cachetui.errors import CachetuiError, LocationError, SourceError
from cachetui.fetch import Address, address_of, scheme_of
from cachetui.sources import SAMPLE, Source, local_path, open_path
from cachetui.spec import Place
from cachetui.text import clean, redacted

if TYPE_CHECKING:
    from cachetui.config import PublicPlaces
    from cachetui.fetch import Store
    from cachetui.spack import Mirror, SpackConfig

_SQLITE = b"SQLite format 3\0"


class ResolvedLocation(Struct, frozen=True):
    """A location, and what it means: a mirror behind a network, or a path.

    Args:
        path: empty for a mirror behind a network.
        place: how the builds at a path are told, as far as it is known.
        configured: the mirror of Spack's configuration that it is.
    """

    location: str
    path: str = ""
    place: Place = Place()
    address: Address | None = None
    configured: Mirror | None = None

    def __repr__(self) -> str:
        """Without what may be a secret."""
        return f"ResolvedLocation({redacted(self.location)!r}, {self.address!r})"

    @property
    def identity(self) -> str:
        """The same from whatever folder it is named; differs for what is another catalog."""
        if self.address is not None:
            return self.address.identity
        named = "" if self.place == Place() else f"\0{self.place.mirror}\0{self.place.view}"
        if self.path == SAMPLE or "://" in self.path:
            return self.path + named
        return os.path.abspath(os.path.expanduser(self.path)) + named


class LocationResolver:
    """Finds out what locations mean, without a network."""

    def __init__(self, public: PublicPlaces) -> None:
        self._public = public

    @cached_property
    def store(self) -> Store:
        """What is kept of mirrors behind a network."""
        # Not at the top, as with all that a path is opened without.
        from cachetui.fetch import Store

        return Store(paths.downloads_dir())

    @cached_property
    def spack(self) -> SpackConfig:
        """What Spack's configuration says, as it was last read if no file of it has changed."""
        from cachetui.spack import remembered_config

        return remembered_config(os.environ, paths.cache_dir() / "spack.json")

    def defaults(self, errors: list[CachetuiError]) -> list[ResolvedLocation]:
        """What is meant by no location: the mirrors of Spack's configuration, else the sample.

        Args:
            errors: takes up those of mirrors that cannot be read by this program.
        """
        found: list[ResolvedLocation] = []
        for mirror in self.spack.mirrors:
            try:
                found += [self.of_mirror(mirror)] if mirror.binary else []
            except LocationError as error:
                errors.append(error)
        return found or [ResolvedLocation(SAMPLE, SAMPLE)]

    def locate(self, location: str) -> ResolvedLocation:
        """What a location means. Raises LocationError."""
        scheme = scheme_of(location)
        if scheme and scheme != "file":
            return ResolvedLocation(location, address=self._address(location))
        if location == SAMPLE or scheme or _exists(location):
            if is_catalog(location):
                raise LocationError(f"{redacted(location)}: a compiled catalog is opened alone")
            return ResolvedLocation(location, location)
        for mirror in self.spack.mirrors:
            if mirror.name == location:
                return self.of_mirror(mirror)
        from cachetui.locate.public import find_public

        if public := find_public(location, self._public):
            return ResolvedLocation(location, address=address_of(public.url, public.place))
        known = "cachetui mirrors tells those of Spack, with --public the public ones"
        raise LocationError(
            f"{redacted(location)[:200]}: no such file or folder, and no mirror of that name; {known}"
        )

    def of_mirror(self, mirror: Mirror) -> ResolvedLocation:
        """A mirror of Spack's configuration. Raises LocationError."""
        scheme = scheme_of(mirror.url)
        if scheme and scheme != "file":
            address = self._address(mirror.url, mirror.name, mirror.view)
            login = mirror.name if mirror.has_credentials and scheme in ("s3", "gs") else ""
            return ResolvedLocation(mirror.name, address=replace(address, login=login), configured=mirror)
        place = Place(mirror=mirror.name, view=mirror.view)
        return ResolvedLocation(mirror.name, mirror.url, place, configured=mirror)

    def _address(self, url: str, name: str = "", view: str = "") -> Address:
        from cachetui.locate.public import public_place

        address = address_of(url)
        place = public_place(address.url, self._public) or address.place
        return replace(address, place=replace(place, mirror=name or place.mirror, view=view or address.view))

    def open(self, located: ResolvedLocation) -> list[Source]:
        """The sources that it leads to. Raises LocationError, SourceError."""
        if located.address is not None:
            from cachetui.sources import MirrorSource

            return [MirrorSource(located.address, self.store)]
        try:
            return open_path(located.path, located.place)
        except (LocationError, SourceError) as error:
            if located.configured is not None:
                raise LocationError(f"{clean(located.location)} ({error})") from error
            raise


def _exists(location: str) -> bool:
    try:
        return local_path(location).exists()
    except (OSError, ValueError, RuntimeError):
        return True  # opening it tells what is wrong


def is_catalog(location: str) -> bool:
    """Whether there is a compiled catalog at a path."""
    try:
        path = local_path(location)
        if scheme_of(location) not in ("", "file") or not path.is_file():
            return False
        with path.open("rb") as stream:
            return stream.read(len(_SQLITE)) == _SQLITE
    except (OSError, ValueError, RuntimeError):
        return False
