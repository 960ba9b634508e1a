"""The facets and columns that depend on this machine, and on all that a build needs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.search import COMPLETE, INSTALLED, NO, RUNS, UNKNOWN, YES, YES_WORDS, Attribute, Partition

if TYPE_CHECKING:
    from cachetui.graph import Release
    from cachetui.host import Host


def attributes_here(host: Host | None = None) -> tuple[Attribute, ...]:
    """The attributes, in the order of the sidebar; nothing is read or computed before it is asked for.

    Args:
        host: that builds are to run on; None: this machine.
    """
    return (
        Partition(RUNS, YES_WORDS[RUNS], partial(_runs, host)),
        Partition(COMPLETE, YES_WORDS[COMPLETE], _complete),
        Partition(INSTALLED, YES_WORDS[INSTALLED], _installed),
    )


def release_here() -> Release:
    """The release of the Spack of this machine; None without one: each record is judged by its own Spack."""
    from cachetui import paths
    from cachetui.spack import Installation, remembered_config

    config = remembered_config(os.environ, paths.cache_dir() / "spack.json")
    return Installation(config.root, config.version).release if config.version else None


def _runs(host: Host | None, catalog: Catalog) -> Mapping[str, BitMap]:
    from cachetui.graph import runs
    from cachetui.host import detect_host

    found = runs(catalog, host or detect_host(), release_here())
    return {YES: found.usable, NO: _every(catalog) - found.usable - found.unknown, UNKNOWN: found.unknown}


def _complete(catalog: Catalog) -> Mapping[str, BitMap]:
    from cachetui.graph import incomplete, unknown

    untold = unknown(catalog)
    lacking = incomplete(catalog) - untold
    return {YES: _every(catalog) - lacking - untold, NO: lacking, UNKNOWN: untold}


def _installed(catalog: Catalog) -> Mapping[str, BitMap]:
    from cachetui.locate import installed_here
    from cachetui.search import installed_rows

    rows = installed_rows(catalog, installed_here().all)
    return {YES: rows, NO: _every(catalog) - rows}


def _every(catalog: Catalog) -> BitMap:
    return BitMap(range(len(catalog)))
