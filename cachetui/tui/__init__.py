"""The browser: the only folder that knows Textual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from cachetui.config import Config
from cachetui.refresh import Policy
from cachetui.spec import Spec
from cachetui.tui import terminal

if TYPE_CHECKING:
    from cachetui.tui.app import CachetuiApp


class Beginning(Struct, frozen=True):
    """What the browser begins with.

    Args:
        query: spec syntax.
        picks: it is to end with a build.
        multi: several may be marked and picked together.
        policy: what may be asked of mirrors.
    """

    query: str = ""
    picks: bool = False
    multi: bool = False
    policy: Policy = Policy()


def run_browser(locations: Sequence[str], config: Config, beginning: Beginning, mouse: bool = True) -> int:
    """Browse until the user leaves, and give the exit code.

    Raises:
        CachetuiError: no location could be read.
    """
    return _run(locations, config, beginning, mouse).return_code or 0


def pick_builds(
    locations: Sequence[str], config: Config, beginning: Beginning, mouse: bool = True
) -> tuple[list[Spec], int]:
    """Browse until builds are picked, and give them and the exit code; none if the user leaves without.

    Raises:
        CachetuiError: no location could be read.
    """
    app = _run(locations, config, beginning, mouse)
    return app.picked, app.return_code or 0


def _run(locations: Sequence[str], config: Config, beginning: Beginning, mouse: bool) -> CachetuiApp:
    with terminal.prepared():
        from cachetui.tui.app import CachetuiApp

        app = CachetuiApp(locations, config, beginning=beginning)
        app.run(mouse=mouse)
    if app.failure is not None:
        raise app.failure
    return app
