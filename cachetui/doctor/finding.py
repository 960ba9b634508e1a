"""A finding, and what is examined."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from cachetui.refresh import Policy


class Level(str, Enum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


class Finding(Struct, frozen=True):
    """One thing that was found.

    Args:
        text: what was found; no secret is in it.
        remedy: what to do about it; empty if nothing is to be done.
    """

    level: Level
    text: str
    remedy: str = ""


def ok(text: str) -> Finding:
    """A finding about which nothing is to be done."""
    return Finding(Level.OK, text)


def warning(text: str, remedy: str = "") -> Finding:
    """A finding with which the program works, but not as well as it could."""
    return Finding(Level.WARNING, text, remedy)


def wrong(text: str, remedy: str) -> Finding:
    """A finding that has to be mended."""
    return Finding(Level.WRONG, text, remedy)


class Subject(Struct, frozen=True):
    """What is examined.

    Args:
        locations: empty: those of the configuration.
        policy: of the settings, or the default one if they cannot be read.
    """

    locations: tuple[str, ...] = ()
    policy: Policy = Policy()
    environ: Mapping[str, str] = os.environ
