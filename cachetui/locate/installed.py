"""What the Spack of this machine has installed, itself and in its upstreams."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

from msgspec.structs import replace

from cachetui import paths
from cachetui.errors import LocationError
from cachetui.sources import IndexFile, Source
from cachetui.spack import (
    Database,
    InstalledHashes,
    SpackConfig,
    environment_of,
    find_databases,
    installed_hashes,
    remembered_config,
    spack_above,
)
from cachetui.spec import INSTALLED, Place
from cachetui.text import clean, redacted


def databases_here(config: SpackConfig) -> list[Database]:
    """Find the databases of a Spack and of its upstreams, and of what these name as theirs."""
    return find_databases(config, _upstream_config)


def installed_sources(config: SpackConfig) -> list[Source]:
    """Return the databases as sources. Raises LocationError if nothing is installed anywhere."""
    found = databases_here(config)
    there = [each for each in found if each.is_upstream or os.path.lexists(each.file)]
    if not there:
        where = " nor ".join(redacted(clean(each.root)) for each in found)
        reason = f"no database in {where}" if found else "there is no Spack, and no install tree configured"
        raise LocationError(f"nothing is installed: {reason}")
    return list(map(_source, there))


def upstream_sources(trees: Iterable[str], config: SpackConfig) -> list[Source]:
    """Return the databases of the upstreams of some install trees, which Spack lists with its own.

    Args:
        trees: the roots; only of those in this Spack, or in another one, the upstreams are known.
    """
    trees = list(trees)
    known = {os.path.realpath(root) for root in trees}
    found: dict[str, Source] = {}
    for root in trees:
        spack = spack_above(root)
        if os.path.realpath(root) in map(os.path.realpath, config.install_trees):
            spack_config = config
        elif spack:
            spack_config = config if spack == config.root else _upstream_config(spack)
        else:
            continue
        for each in databases_here(spack_config):
            place = os.path.realpath(each.root)
            if each.is_upstream and place not in known:
                found.setdefault(place, _source(each))
    return list(found.values())


def _source(database: Database) -> IndexFile:
    return IndexFile(Path(database.file), Place(mirror=database.name, kind=INSTALLED))


def _upstream_config(root: str) -> SpackConfig:
    name = f"spack-{crc32(os.fsencode(root)):08x}.json"
    return remembered_config(environment_of(root, os.environ), paths.cache_dir() / "upstreams" / name)


def config_here() -> SpackConfig:
    """The configuration of the Spack that this environment has."""
    return remembered_config(os.environ, paths.cache_dir() / "spack.json")


def installed_here(config: SpackConfig | None = None) -> InstalledHashes:
    """Read what is installed; what was read stays in memory until a database changes.

    Args:
        config: of the Spack; None: the one that this environment has.
    """
    config = config or config_here()
    found = installed_hashes(databases_here(config))
    return replace(found, notes=(*config.failures, *found.notes)) if config.failures else found
