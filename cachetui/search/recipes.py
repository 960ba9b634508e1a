"""Facts of Spack's builtin recipes that no index holds: who provides a virtual, at which version, when."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec
from msgspec import Struct

from cachetui.paths import provides_file, read_shipped

OWN_VERSION = "{version}"
"""In `Provided.versions`: the version of the provider itself."""


class Provided(Struct, frozen=True, array_like=True):
    """One `provides` directive.

    Args:
        versions: of the virtual, as they follow an `@`; empty: not versioned.
        when: the builds of the package that it holds for, as a spec; empty: all.
    """

    package: str
    versions: str = ""
    when: str = ""


class Recipes(Struct, frozen=True):
    """The directives of a repository at a date, by virtual."""

    source: str
    date: str
    provides: Mapping[str, tuple[Provided, ...]]


@cache
def builtin_recipes() -> Recipes:
    """Read the shipped facts, when they are first needed."""
    return msgspec.json.decode(read_shipped(provides_file()), type=Recipes)
