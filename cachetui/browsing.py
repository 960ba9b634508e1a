"""Open the browser. Most people wait for just this, so that it does without the command line's library."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.config import load_config
from cachetui.errors import TerminalError
from cachetui.search import check_query
from cachetui.tui import Beginning, run_browser, terminal

COMMANDS = frozenset({"browse", "list", "packages", "paths", "pick", "show"})
"""What is no location as the first word."""


def are_locations(arguments: Sequence[str]) -> bool:
    """Whether the arguments of the program are locations and nothing else."""
    options = any(not argument or argument.startswith("-") for argument in arguments)
    return not options and not COMMANDS.intersection(arguments[:1])


def browse(locations: Sequence[str], query: str = "", mouse: bool = True) -> int:
    """Browse until the user leaves; the exit code. Raises CachetuiError."""
    check_query(query)
    refusal = terminal.refusal()
    if refusal:
        raise TerminalError(refusal)
    config = load_config()
    return run_browser(locations or ("sample",), config, Beginning(query), config.mouse and mouse)
