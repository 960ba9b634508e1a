"""`python -m cachetui`, and the command of the same name."""

# Nothing is imported before the code cache is asked, not even `from __future__ import annotations`.
import os
import sys

from cachetui import code_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from typing import NoReturn

COMMANDS = frozenset(
    {
        "browse",
        "check",
        "code-cache",
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


def are_locations(arguments: list[str]) -> bool:
    """Whether the arguments of the program are locations and nothing else."""
    options = any(not argument or argument.startswith("-") for argument in arguments)
    return not options and not COMMANDS.intersection(arguments[:1])


def main() -> "NoReturn":
    """Run the command line and exit with its code."""
    code_cache.enable()
    import gc
    import threading

    # uuid, which others import, would load a library for a kind of number that nobody asks for.
    sys.modules.setdefault("_uuid", None)  # type: ignore[arg-type]
    gc.disable()  # most commands are done before there is garbage; the browser turns it on when it stands
    threading.excepthook = _thread_ended
    _end(_guarded(sys.argv[1:]))


def _end(code: int) -> "NoReturn":
    """End at once: Python would visit every object, also all those of a compile that was left."""
    import atexit

    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except OSError:  # nobody reads on, or the disk is full; Python itself ends with this code
            code = 120
    os._exit(code)


def _guarded(arguments: list[str]) -> int:
    try:
        code = _run(arguments)
        if code_cache.is_due():
            _keep_code()
        return code
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last place; Python would show values of variables
        from cachetui.crash import end_after

        return end_after(error)


def _keep_code() -> None:
    from contextlib import suppress

    from cachetui.code_writing import keep
    from cachetui.config import load_config
    from cachetui.errors import ConfigError

    with suppress(ConfigError, KeyboardInterrupt):  # whoever needs the settings has said so
        keep(load_config().code_cache)


def _thread_ended(arguments: "threading.ExceptHookArgs") -> None:
    from cachetui.crash import report_thread

    report_thread(arguments)


def _run(arguments: list[str]) -> int:
    from cachetui.errors import CachetuiError

    if are_locations(arguments):
        # Each way brings in only what it needs.
        from cachetui.tui import run_browser

        try:
            return run_browser(arguments)
        except (CachetuiError, OSError, KeyboardInterrupt) as error:
            from cachetui.cli import report_error

            return report_error(error, arguments)
    # For each of its texts, click would look for a translation in four files, which do not exist.
    os.environ.setdefault("LANGUAGE", "C")
    from cachetui.cli import run

    return run(arguments)


if __name__ == "__main__":
    main()
