"""A part of Textual that the browser never uses, and whose import takes a twentieth of a start."""

from __future__ import annotations

import sys
from types import ModuleType

PALETTE = "textual.command"
"""Textual's command palette: `dialogs/palette.py` takes its place."""

PALETTE_NAMES = (
    "CommandListItem",
    "CommandPalette",
    "DiscoveryHit",
    "Hit",
    "Hits",
    "Provider",
    "SimpleProvider",
)
"""What other parts of Textual take from it."""


def leave_out_palette() -> None:
    """Let Textual find empty classes in its place; call it before the app is imported."""
    if PALETTE not in sys.modules:
        module = ModuleType(PALETTE)
        vars(module).update({name: type(name, (), {}) for name in PALETTE_NAMES})
        sys.modules[PALETTE] = module
