"""`python -m cachetui`, and the command of the same name."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

from cachetui.errors import CachetuiError


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    gc.disable()  # most commands are done before there is garbage; the browser turns it on when it stands
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    from cachetui.browsing import are_locations, browse

    if are_locations(arguments):
        try:
            return browse(arguments)
        except (CachetuiError, OSError, KeyboardInterrupt) as error:
            from cachetui.cli import reported

            return reported(error)
    from cachetui.cli import run

    return run(arguments)


if __name__ == "__main__":
    main()
