"""How old something is, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cachetui.sources import Kept

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def age_text(seconds: float) -> str:
    """`3 minutes`, `2 hours`, `5 days`."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit:
            number = int(seconds // unit)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return "less than a minute"


def stale_text(label: str, kept: Kept) -> str:
    """Why a mirror could not be asked, and what is shown of it instead; empty if neither is so."""
    if not kept.failure or not kept.is_there:
        return ""
    whose = "the index that Spack downloaded" if kept.by_spack else "its index of"
    return f"{label}: {kept.failure}; {whose} {age_text(kept.age())} ago is shown"
