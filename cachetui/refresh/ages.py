"""How old something is, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetui.text import age_text

if TYPE_CHECKING:
    from cachetui.fetch import Kept


def stale_text(label: str, kept: Kept) -> str:
    """Why a mirror could not be asked, and what is shown of it instead; empty if neither is so."""
    if not kept.failure or not kept.is_there:
        return ""
    whose = "the index that Spack downloaded" if kept.by_spack else "its index of"
    return f"{label}: {kept.failure}; {whose} {age_text(kept.age())} ago is shown"
