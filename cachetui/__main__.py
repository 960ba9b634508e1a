"""`python -m cachetui`, and the command of the same name."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

from cachetui.errors import CachetuiError

COMMANDS = frozenset(
    {
        "browse",
        "check",
        "coverage",
        "diff",
        "doctor",
        "list",
        "mirrors",
        "packages",
        "paths",
        "pick",
        "refresh",
        "show",
    }
)
"""What is no location as the first word."""


def are_locations(arguments: Sequence[str]) -> bool:
    """Whether the arguments of the program are locations and nothing else."""
    options = any(not argument or argument.startswith("-") for argument in arguments)
    return not options and not COMMANDS.intersection(arguments[:1])


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    gc.disable()  # most commands are done before there is garbage; the browser turns it on when it stands
    threading.excepthook = _thread_ended
    sys.exit(_guarded(sys.argv[1:]))


def _guarded(arguments: list[str]) -> int:
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last place; Python would show values of variables
        from cachetui.crash import end_after

        return end_after(error)


def _thread_ended(arguments: threading.ExceptHookArgs) -> None:
    from cachetui.crash import report_thread

    report_thread(arguments)


def _run(arguments: list[str]) -> int:
    if are_locations(arguments):
        # Each way brings in only what it needs.
        from cachetui.tui import run_browser

        try:
            return run_browser(arguments)
        except (CachetuiError, OSError, KeyboardInterrupt) as error:
            from cachetui.cli import report_error

            return report_error(error, arguments)
    from cachetui.cli import run

    return run(arguments)


if __name__ == "__main__":
    main()
