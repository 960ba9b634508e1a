"""The browser: the only folder that knows Textual."""

from __future__ import annotations

from collections.abc import Sequence

from cachetui.config import Config
from cachetui.tui import terminal


def run_browser(locations: Sequence[str], config: Config, mouse: bool = True) -> int:
    """Browse until the user leaves, and give the exit code.

    Raises:
        CachetuiError: no location could be read.
    """
    with terminal.prepared():
        from cachetui.tui.app import CachetuiApp

        app = CachetuiApp(locations, config)
        app.run(mouse=mouse)
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
