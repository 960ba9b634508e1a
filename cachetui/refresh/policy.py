"""How sources are brought up to date: whether mirrors are asked, and how old their last answer may be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec import Struct

from cachetui.config import Config, PublicPlaces, seconds

if TYPE_CHECKING:
    from cachetui.fetch import IndexState

MAX_AGE = 600.0
"""Seconds; as long as Spack itself trusts an index."""


class Policy(Struct, frozen=True):
    """What a command asks for.

    Args:
        offline: the network is not used.
        max_age: seconds after which a mirror is asked again.
        catalog: a compiled catalog to open when no location is given; empty: there is none.
        force: mirrors are asked, however recent their last answer is.
    """

    offline: bool = False
    max_age: float = MAX_AGE
    catalog: str = ""
    public: PublicPlaces = PublicPlaces()
    force: bool = False

    @classmethod
    def of(cls, config: Config, offline: bool = False, max_age: float | None = None) -> Policy:
        """The policy of the settings, and of the options of a command.

        Args:
            max_age: in seconds; None: that of the settings.
        """
        return cls(
            offline=offline or config.offline,
            max_age=seconds(config.max_age) if max_age is None else max_age,
            catalog=config.catalog,
            public=config.public,
        )

    def is_due(self, state: IndexState) -> bool:
        """Whether it is time to ask a mirror again; one that has failed is left in peace as long."""
        age = time.time() - max(state.checked if state.has_index else 0.0, state.failed)
        return self.force or not 0 <= age < self.max_age  # a clock may have been put back
