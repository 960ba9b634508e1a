"""The browser: the only folder that knows Textual."""

from cachetui.tui.start import pick_builds, run_browser
from cachetui.tui.state import StartOptions

__all__ = ["StartOptions", "pick_builds", "run_browser"]
