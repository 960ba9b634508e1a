"""When mirrors are asked for changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec import Struct

from cachetui.bounded import INDEX
from cachetui.config import Config, PublicPlaces, seconds, size_in_bytes

if TYPE_CHECKING:
    from cachetui.fetch import IndexState

MAX_AGE = 600.0
"""Seconds, as in Spack itself."""


class Policy(Struct, frozen=True):
    """When mirrors are asked for changes, and where public ones are.

    Args:
        offline: never use the network.
        max_age: seconds after which a mirror is asked again.
        catalog: the compiled catalog to open when no location is given; empty: none.
        unusable: why the catalog of the configuration cannot be opened; empty: it was, or there is none.
        max_index: bytes of an index, at most.
        force: mirrors are asked, however recent their last answer is, and the catalog is verified.
        afresh: nothing is taken for granted: indexes are downloaded, read and compiled again.
        wait: seconds that mirrors are waited for where there is something to show without them; None: until
            each has answered or failed.
    """

    offline: bool = False
    max_age: float = MAX_AGE
    catalog: str = ""
    public: PublicPlaces = PublicPlaces()
    max_index: int = INDEX
    force: bool = False
    afresh: bool = False
    wait: float | None = None
    unusable: str = ""

    @classmethod
    def of(
        cls,
        config: Config,
        offline: bool = False,
        max_age: float | None = None,
        wait: float | None = None,
    ) -> Policy:
        """Combine the settings with the options of a command.

        Args:
            max_age: in seconds; None: take it from the settings.
            wait: see `Policy`.
        """
        return cls(
            offline=offline or config.offline,
            max_age=seconds(config.max_age) if max_age is None else max_age,
            catalog=config.catalog,
            public=config.public,
            wait=wait,
            max_index=size_in_bytes(config.max_index),
        )

    def is_due(self, state: IndexState) -> bool:
        """Whether it is time to ask a mirror again, counted from its last answer or failure.

        Who waits for all asks those again that were not waited for.
        """
        if state.unanswered and self.wait is None:
            return True
        age = time.time() - max(state.checked if state.has_index else 0.0, state.failed)
        return self.force or not 0 <= age < self.max_age  # the clock may have been set back
