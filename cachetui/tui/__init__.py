"""The browser: the only folder that knows Textual."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.tui.start import pick_builds, run_browser
from cachetui.tui.state import StartOptions

if TYPE_CHECKING:
    from cachetui.tui.described import DescribedTerminal, described_terminal
    from cachetui.tui.rehearsal import rehearse
else:
    # Import on demand what the browser does not need.
    __getattr__ = late_names(
        __name__,
        {"described": ("DescribedTerminal", "described_terminal"), "rehearsal": ("rehearse",)},
    )

__all__ = [
    "DescribedTerminal",
    "StartOptions",
    "described_terminal",
    "pick_builds",
    "rehearse",
    "run_browser",
]
