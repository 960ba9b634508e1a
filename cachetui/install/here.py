"""The Spack of this machine as the target of install lines, and the names of public mirrors."""

from __future__ import annotations

import os
import time
from functools import lru_cache

from msgspec.structs import replace

from cachetui import paths
from cachetui.catalog import MirrorInfo
from cachetui.config import load_config
from cachetui.install.target import NEWEST, TargetSpack, release_of
from cachetui.locate import find_public, public_place
from cachetui.spack import remembered_config
from cachetui.spec import Place

_SECONDS = 10
"""How long what was read is good for: texts are made again with each move of the cursor."""


def spack_here() -> TargetSpack:
    """The Spack of this machine; the newest, with the mirrors that are configured, if there is none."""
    return _spack_here(frozenset(os.environ.items()), time.monotonic() // _SECONDS)


@lru_cache(maxsize=1)
def _spack_here(environ: frozenset[tuple[str, str]], moment: float) -> TargetSpack:
    config = remembered_config(dict(environ), paths.cache_dir() / "spack.json")
    release = release_of(config.version)
    target = replace(NEWEST, mirrors=config.mirrors)
    return replace(target, release=release, is_here=True) if release else target


@lru_cache(maxsize=64)
def public_mirror(place: Place) -> MirrorInfo | None:
    """The public mirror that a tag and a stack on a page name; None if they name none."""
    name = f"{place.tag}/{place.stack}" if place.stack else place.tag
    found = find_public(name, load_config().public) if name else None
    return MirrorInfo(found.name, found.url, signed=True) if found else None


@lru_cache(maxsize=64)
def is_public(url: str) -> bool:
    """Whether a URL is that of a public mirror, whose binaries are signed."""
    return public_place(url, load_config().public) is not None
