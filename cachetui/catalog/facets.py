"""The indexes that a catalog stores: the values of a column, and the rows of each value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from cachetui.catalog.schema import Parameters
from cachetui.spec import Place
from cachetui.version import version_key

NO_COMPILER = "none"


class Facet(Struct, frozen=True):
    """An index of the values of a column.

    Args:
        name: the name of the facet.
        column: the column that it indexes.
        values_of: maps a value of the column to the values of the facet.
        sort_key: the order of the facet's values.
    """

    name: str
    column: str
    values_of: Callable[[Any], Iterable[str]]
    sort_key: Callable[[str], Any] = str

    @property
    def is_single(self) -> bool:
        """Whether a build has one value at most."""
        return self.values_of is _one


def _one(value: str) -> Iterable[str]:
    return (value,) if value else ()


def _compilers(value: tuple[str, ...]) -> Iterable[str]:
    return value or (NO_COMPILER,)


def _places(part: str) -> Callable[[tuple[Place, ...]], Iterable[str]]:
    return lambda places: {text for place in places if not place.is_hole and (text := getattr(place, part))}


def _parameters(value: Parameters) -> Iterable[str]:
    for name, setting in value.variants:
        if isinstance(setting, bool):
            yield f"{'+' if setting else '~'}{name}"
        else:
            for part in (setting,) if isinstance(setting, str) else setting or ("",):
                yield f"{name}={part}"
    for name, words in value.flags:
        yield f"{name}={' '.join(words)}"


def _patches(value: Parameters) -> Iterable[str]:
    return set(value.patches)


def compiler_key(value: str) -> tuple[str, Any]:
    """Sorts `name@version` by name, then by Spack's version order."""
    name, _, version = value.partition("@")
    return name, version_key(version)


INDEXES = (
    Facet("tag", "places", _places("tag")),
    Facet("mirror", "places", _places("mirror")),
    Facet("stack", "places", _places("stack")),
    Facet("view", "places", _places("view")),
    Facet("compiler", "compilers", _compilers, compiler_key),
    Facet("os", "os", _one),
    Facet("platform", "platform", _one),
    Facet("target", "target", _one),
    Facet("version", "version", _one, version_key),
    Facet("variant", "parameters", _parameters),
    Facet("namespace", "namespace", _one),
    Facet("external", "external", _one),
    Facet("patch", "parameters", _patches),
    Facet("spec_format", "spec_format", lambda number: (str(number),)),
)
"""The stored indexes; `search` decides which of them are shown as facets."""
