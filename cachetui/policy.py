"""What the configuration and the options of a command allow to be asked of mirrors."""

from __future__ import annotations

from cachetui.config import Config, seconds
from cachetui.refresh import Policy, Public


def policy_of(config: Config, offline: bool = False, max_age: float | None = None) -> Policy:
    """The policy of a command.

    Args:
        max_age: in seconds; None: that of the configuration.
    """
    places = config.public
    return Policy(
        offline=offline or config.offline,
        max_age=seconds(config.max_age) if max_age is None else max_age,
        catalog=config.catalog,
        public=Public(places.directory, places.prefixes, places.mirror, places.names),
    )
