"""What the browser starts with."""

from __future__ import annotations

from msgspec import Struct

from cachetui.refresh import Policy


class StartOptions(Struct, frozen=True):
    """What the browser starts with.

    Args:
        query: spec syntax.
        picks: Enter on a build ends the browser with that build.
        multi: marked builds are picked together.
        policy: when mirrors are asked for updates.
    """

    query: str = ""
    picks: bool = False
    multi: bool = False
    policy: Policy = Policy()
