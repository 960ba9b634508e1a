"""A query's terms to the rows of a catalog that meet them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from pyroaring import BitMap

from cachetui.catalog import FACET_NAMES, Catalog
from cachetui.query import BooleanTerm, CompilerTerm, HashTerm, Term, ValueTerm, VersionTerm
from cachetui.spec import quote_value
from cachetui.version import FINAL, version_key


def evaluate(catalog: Catalog, terms: Sequence[Term]) -> BitMap:
    """The listed rows that meet all terms."""
    return BitMap.intersection(catalog.listed, *(_rows(catalog, term) for term in terms))


def _rows(catalog: Catalog, term: Term) -> BitMap:
    match term:
        case HashTerm():
            # An array of any other type is refused by BitMap.
            return BitMap(array("I", catalog.rows_with_prefix(term.prefix)))
        case VersionTerm():
            return _where(catalog, "version", lambda value: version_matches(value, term))
        case CompilerTerm():
            return _where(catalog, "compiler", lambda value: _compiler_matches(value, term))
        case BooleanTerm():
            return catalog.facet("variant").rows(str(term))
        case ValueTerm():
            return _value_rows(catalog, term)


def _value_rows(catalog: Catalog, term: ValueTerm) -> BitMap:
    """The rows of a term; of a list, a variant has all values, and a facet such as os any of them."""
    if term.key == "arch":
        parts = zip(("platform", "os", "target"), term.value.split("-", 2), strict=False)
        return BitMap.intersection(*(_architecture_rows(catalog, key, value) for key, value in parts))
    if term.key == "namespace":
        return _column_rows(catalog, "namespace", term.value)
    if term.key == "patches":
        return BitMap.intersection(*(_patched(catalog, patch) for patch in term.value.split(",")))
    whole = _one_value(catalog, term)
    if whole or "," not in term.value:
        return whole
    parts_rows = [_one_value(catalog, ValueTerm(term.key, value)) for value in term.value.split(",")]
    return BitMap.union(*parts_rows) if term.key in FACET_NAMES else BitMap.intersection(*parts_rows)


def _architecture_rows(catalog: Catalog, key: str, value: str) -> BitMap:
    """The rows with this platform, os or target; Spack writes `None` where there is none."""
    rows = catalog.facet(key).rows(value)
    return rows if rows or value != "None" else _column_rows(catalog, key, "")


def _column_rows(catalog: Catalog, name: str, value: str) -> BitMap:
    column = catalog.column(name)
    return BitMap([row for row, i in enumerate(column.ids) if column.values[i] == value])


def _patched(catalog: Catalog, digits: str) -> BitMap:
    """The rows with a patch whose sha256 begins so."""
    column = catalog.column("parameters")
    sets = {i for i, given in enumerate(column.values) if any(p.startswith(digits) for p in given.patches)}
    return BitMap([row for row, i in enumerate(column.ids) if i in sets])


def _one_value(catalog: Catalog, term: ValueTerm) -> BitMap:
    if term.key in FACET_NAMES and term.key != "variant":
        return catalog.facet(term.key).rows(term.value)
    if term.value.lower() in ("true", "false"):
        return catalog.facet("variant").rows(f"{'+' if term.value.lower() == 'true' else '~'}{term.key}")
    return catalog.facet("variant").rows(f"{term.key}={quote_value(term.value)}")


def _where(catalog: Catalog, facet: str, matches: Callable[[str], bool]) -> BitMap:
    index = catalog.facet(facet)
    found = [rows for value, rows in zip(index.values, index.bitmaps, strict=True) if matches(value)]
    return BitMap.union(*found) if found else BitMap()


def _compiler_matches(value: str, term: CompilerTerm) -> bool:
    name, _, version = value.partition("@")
    return name == term.name and (term.version is None or version_matches(version, term.version))


def version_matches(version: str, term: VersionTerm) -> bool:
    """Whether a version is that of the term, or begins with it where the term is not exact.

    `git.<ref>=1.2` is a 1.2, but not exactly that.
    """
    if "=" in term.version:
        return version == term.version
    if term.exact and "=" in version:
        return False
    asked, asked_prerelease = version_key(term.version)
    release, prerelease = version_key(version)
    whole = term.exact or not asked or asked_prerelease != FINAL
    if whole or len(release) == len(asked):
        return (release, prerelease) == (asked, asked_prerelease)
    return release[: len(asked)] == asked
