"""How sources are brought up to date: what may be asked, and how old an answer may be."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from cachetui.sources import Kept

MAX_AGE = 600.0
"""Seconds; as long as Spack itself trusts an index."""


class Public(Struct, frozen=True):
    """The public build caches: a directory of mirrors, and how their names become URLs.

    Args:
        directory: URL of a JSON file, `{ref: [{"label": stack, "url": of the index}]}`.
        prefixes: beginnings of the URLs there to what everybody can read.
        mirror: URL of the mirror `{name}`: a ref, or `ref/stack`.
        names: a regular expression for refs.
    """

    directory: str = ""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    mirror: str = ""
    names: str = ""


class Policy(Struct, frozen=True):
    """What somebody asked for.

    Args:
        offline: nothing is asked of a network.
        max_age: seconds for which the last answer of a mirror is good enough.
        catalog: a compiled catalog that is opened where no location is given; empty: there is none.
        sure: mirrors are asked however short ago that was done.
    """

    offline: bool = False
    max_age: float = MAX_AGE
    catalog: str = ""
    public: Public = Public()
    sure: bool = False

    def is_due(self, kept: Kept) -> bool:
        """Whether it is time to ask a mirror again; one that has failed is left in peace as long."""
        age = time.time() - max(kept.checked if kept.is_there else 0.0, kept.failed)
        return self.sure or not 0 <= age < self.max_age  # a clock may have been put back
