"""The mirrors that the builds of a catalog come from, as the catalog stores them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

_KEY = "mirrors"


class MirrorInfo(Struct, frozen=True, omit_defaults=True):
    """What a command that installs a build has to know of a mirror.

    Args:
        name: as in the places of builds; of pages, their tags.
        url: never with a secret; an absolute path for a mirror on this machine.
        layout: v3, v2, oci, file or pages.
        view: the named index that was read; empty: the default one.
        signed: whether its binaries are signed; None: not known.
    """

    name: str
    url: str = ""
    layout: str = ""
    view: str = ""
    signed: bool | None = None


def mirrors_entry(mirrors: Iterable[MirrorInfo]) -> dict[str, str]:
    """The entry of the catalog's meta that `mirrors_of` reads."""
    return {_KEY: msgspec.json.encode(list(dict.fromkeys(mirrors))).decode()}


def mirrors_of(meta: Mapping[str, str]) -> tuple[MirrorInfo, ...]:
    """The mirrors in the meta of a catalog; none if it was compiled from specs alone."""
    return msgspec.json.decode(meta.get(_KEY, "[]"), type=tuple[MirrorInfo, ...])
