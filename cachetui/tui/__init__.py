"""The browser: the only folder that knows Textual."""

from cachetui.tui.options import StartOptions
from cachetui.tui.start import browse, pick_builds

__all__ = ["StartOptions", "browse", "pick_builds"]
