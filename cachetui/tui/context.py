"""What a dialog may show, as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from cachetui.refresh import Policy
from cachetui.search import Result
from cachetui.tui.view import View


class Context(Struct, frozen=True, eq=False):
    """The state of the browser when a dialog opens.

    Args:
        result: what the main screen shows.
        locations: those that were named.
        policy: when mirrors are asked for updates.
        keymap: the user's own keys, by command.
    """

    view: View
    result: Result | None
    locations: Sequence[str]
    policy: Policy
    keymap: Mapping[str, str]
