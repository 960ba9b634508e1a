"""The browser: the only folder that knows Textual."""

from cachetui.tui.options import StartOptions
from cachetui.tui.start import pick_builds, run_browser

__all__ = ["StartOptions", "pick_builds", "run_browser"]
