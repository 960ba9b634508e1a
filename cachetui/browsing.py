"""Open the browser. Most people wait for just this, so that it does without the command line's library."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.config import load_config
from cachetui.errors import TerminalError
from cachetui.refresh import Policy
from cachetui.search import check_query
from cachetui.tui import Beginning, run_browser, terminal


def browse(
    locations: Sequence[str],
    query: str = "",
    mouse: bool = True,
    policy: Policy | None = None,
) -> int:
    """Browse until the user leaves; the exit code. Raises CachetuiError.

    Args:
        policy: what mirrors are asked; None: as the configuration says.
    """
    check_query(query)
    refusal = terminal.refusal()
    if refusal:
        raise TerminalError(refusal)
    config = load_config()
    beginning = Beginning(query, policy=policy or Policy.of(config))
    return run_browser(locations, config, beginning, config.mouse and mouse)
