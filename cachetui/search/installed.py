"""The rows of a catalog whose hashes are installed."""

from __future__ import annotations

from collections.abc import Iterable

from pyroaring import BitMap

from cachetui.catalog import Catalog


def installed_rows(catalog: Catalog, hashes: Iterable[str]) -> BitMap:
    """The rows with these full hashes; those that the catalog does not have are no rows."""
    return catalog.rows_with_hashes(hashes)
