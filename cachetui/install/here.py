"""The Spack of this machine as the target of install lines, and the names of public mirrors."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from msgspec.structs import replace

from cachetui import paths
from cachetui.caching import lru_cached_method
from cachetui.catalog import MirrorInfo
from cachetui.config import PublicPlaces, load_config
from cachetui.install.target import NEWEST, TargetSpack, release_of
from cachetui.locate import PublicMirror, cached_directory, find_public, public_place
from cachetui.spack import remembered_config
from cachetui.spec import Place

_SECONDS = 10
"""How long what was read is good for: texts are made again with each move of the cursor."""


class _Read:
    """All that install lines take from files, as it was when it was read.

    Args:
        moment: when it was.
    """

    def __init__(self, environ: frozenset[tuple[str, str]], moment: float) -> None:
        self.environ = environ
        self.moment = moment
        self.spack = _spack_of(dict(environ))
        self._public: PublicPlaces = load_config().public
        self._directory: Sequence[PublicMirror] = cached_directory(self._public)

    @lru_cached_method(maxsize=64)
    def public_mirror(self, place: Place) -> MirrorInfo | None:
        """The public mirror that a tag and a stack on a page name; None if they name none."""
        name = f"{place.tag}/{place.stack}" if place.stack else place.tag
        found = find_public(name, self._public, self._directory) if name else None
        return MirrorInfo(found.name, found.url, signed=True) if found else None

    @lru_cached_method(maxsize=64)
    def is_public(self, url: str) -> bool:
        """Whether a URL is that of a public mirror."""
        return public_place(url, self._public) is not None


_last: list[_Read] = []
"""What was read last, if anything was."""


def _spack_of(environ: dict[str, str]) -> TargetSpack:
    config = remembered_config(environ, paths.cache_dir() / "spack.json")
    release = release_of(config.version)
    target = replace(NEWEST, mirrors=config.mirrors)
    return replace(target, release=release, is_here=True) if release else target


def _known() -> _Read | None:
    return next((read for read in _last if read.environ == frozenset(os.environ.items())), None)


def is_fresh() -> bool:
    """Whether `spack_here` would read nothing."""
    known = _known()
    return known is not None and time.monotonic() - known.moment < _SECONDS


def known_spack() -> TargetSpack | None:
    """What `spack_here` found last, however old; None if it found nothing yet. Reads no file.

    From then on, no install line reads one either.
    """
    known = _known()
    return known.spack if known is not None else None


def spack_here() -> TargetSpack:
    """The Spack of this machine; the newest, with the mirrors that are configured, if there is none.

    It looks at many files, which may be far away.
    """
    known = _known()
    if known is None or not is_fresh():
        known = _Read(frozenset(os.environ.items()), time.monotonic())
        _last[:] = [known]
    return known.spack


def _read() -> _Read:
    known = _known()
    if known is None:
        spack_here()
        known = _last[0]
    return known


def public_mirror(place: Place) -> MirrorInfo | None:
    """The public mirror that a tag and a stack on a page name; None if they name none."""
    return _read().public_mirror(place)


def is_public(url: str) -> bool:
    """Whether a URL is that of a public mirror, whose binaries are signed."""
    return _read().is_public(url)
