"""The Spack that install lines are for: what its release understands, which mirrors it has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from cachetui.spack import Mirror

Release = tuple[int, int]
"""Major and minor version."""

RELEASES: tuple[Release, ...] = ((1, 2), (1, 0), (0, 23), (0, 21))
"""One of each form that the lines can have, newest first."""


class TargetSpack(Struct, frozen=True):
    """A Spack, as far as install lines depend on it.

    Args:
        mirrors: those of its configuration.
        is_here: it was found on this machine.
    """

    release: Release = RELEASES[0]
    mirrors: tuple[Mirror, ...] = ()
    is_here: bool = False

    @property
    def name(self) -> str:
        """As it is written in comments: `Spack 0.23`."""
        return f"Spack {release_text(self.release)}"

    @property
    def finds_hashes(self) -> bool:
        """Whether `spack install /hash` looks into build caches."""
        return self.release >= (0, 20)

    @property
    def reads_registries(self) -> bool:
        """Whether it reads mirrors of layout OCI."""
        return self.release >= (0, 21)

    @property
    def has_unsigned(self) -> bool:
        """Whether a mirror can be added as unsigned."""
        return self.release >= (0, 22)

    @property
    def verifies_registries(self) -> bool:
        """Whether it wants signatures from registries, which have none, unless it is told otherwise."""
        return self.release < (1, 0)

    @property
    def reads_v3(self) -> bool:
        """Whether it reads mirrors of layout v3."""
        return self.release >= (1, 0)

    @property
    def has_views(self) -> bool:
        """Whether a mirror can have a view."""
        return self.release >= (1, 2)

    @property
    def newest_format(self) -> int:
        """The newest format of specs that it reads in an index."""
        return 6 if self.release >= (1, 3) else 5 if self.release >= (1, 0) else 4


NEWEST = TargetSpack()
"""Where nothing is known of a Spack."""


def release_of(version: str) -> Release | None:
    """The release that a version belongs to; None if it is no version."""
    match = re.match(r"v?(\d{1,4})(?:\.(\d{1,4}))?(?:[.\-+].*)?$", version.strip())
    return (int(match[1]), int(match[2] or 0)) if match else None


def release_text(release: Release) -> str:
    """A release as Spack writes it: `0.23`."""
    return f"{release[0]}.{release[1]}"
