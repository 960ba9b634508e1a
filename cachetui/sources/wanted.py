"""What a user wants to have, as a file says it: concrete specs with their roots, or lines of text."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from cachetui.spec import Spec


class WantedRoot(Struct, frozen=True):
    """What the user asked for.

    Args:
        text: the spec as the file has it; empty if it has none.
        dag_hash: of one of the specs, or of one that the file does not describe.
    """

    text: str
    dag_hash: str


class WantedLine(Struct, frozen=True):
    """A line of a list: a hash, a spec, or what Spack printed.

    Args:
        place: `FILE, line N`.
    """

    place: str
    text: str


class Wanted(Struct, frozen=True):
    """What one file asks for: concrete specs with their roots, or lines that a catalog has to explain.

    Args:
        specs: hash to spec; edges lead from hash to hash, also to specs that the file does not have.
        notes: what the reader of the file should know of it.
    """

    place: str
    specs: Mapping[str, Spec]
    roots: tuple[WantedRoot, ...] = ()
    lines: tuple[WantedLine, ...] = ()
    notes: tuple[str, ...] = ()
