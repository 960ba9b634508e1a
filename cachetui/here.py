"""The facets and columns that depend on this machine, and on all that a build needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.errors import HostError
from cachetui.search import COMPLETE, INSTALLED, NO, RUNS, UNKNOWN, YES, YES_WORDS, Partition

THIS_HOST = "this host"

if TYPE_CHECKING:
    from cachetui.config import Config
    from cachetui.graph import Closure, OnFound, Release, Verdict
    from cachetui.host import Host
    from cachetui.spack import InstalledHashes


def attributes_here(config: Config, host: Host | None = None) -> tuple[Partition, ...]:
    """The attributes, in the order of the sidebar; nothing is read or computed before it is asked for.

    Args:
        host: that builds are to run on; None: the one of the configuration, by default this machine.
    """
    name = host.name if host is not None else config.host
    words = f"runs on {name}" if name and name != THIS_HOST else YES_WORDS[RUNS]
    return (
        Partition(RUNS, words, partial(_runs, partial(host_here, config, host))),
        Partition(COMPLETE, YES_WORDS[COMPLETE], _complete),
        Partition(INSTALLED, YES_WORDS[INSTALLED], _installed),
    )


class Here:
    """What is asked of one build at a time: does it run on the host, is it installed.

    Args:
        host: that builds are to run on; None: the one of the configuration, by default this machine.
    """

    def __init__(self, catalog: Catalog, config: Config, host: Host | None = None) -> None:
        self._catalog = catalog
        self._config = config
        self._host = host
        self.is_read = False
        """Whether `read` has ended: until then, a question may have to read files."""
        self.notes: tuple[str, ...] = ()
        """What could not be read of what is installed, one line each, once it is read."""

    def read(self) -> None:
        """Read all that questions are answered from: Spack, the host, the databases of what is installed."""
        self.notes = self._installed.notes
        self.release  # noqa: B018 - read here, in the background
        with suppress(HostError):  # said where the host is asked for
            self.host  # noqa: B018
        self.is_read = True

    @cached_property
    def _installed(self) -> InstalledHashes:
        from cachetui.locate import installed_here

        return installed_here()

    @cached_property
    def host(self) -> Host:
        """The host. Raises HostError."""
        return host_here(self._config, self._host)

    @cached_property
    def release(self) -> Release:
        """The Spack that would be used; None if there is none here."""
        from cachetui.spack import release_here

        return release_here(os.environ)

    def verdict(self, row: int, closure: Closure | None = None, on_found: OnFound | None = None) -> Verdict:
        """Whether a build runs on the host, and why not.

        Args:
            closure: of the build, if it is at hand.
            on_found: called now and then; may raise Cancelled.
        """
        from cachetui.graph import no_matter, verdict

        return verdict(self._catalog, row, self.host, self.release, closure, on_found or no_matter)

    def installed_in(self, row: int) -> tuple[str, ...]:
        """The names of the databases in which a build is installed: `local`, or those of upstreams."""
        dag_hash = self._catalog.dag_hash(row)
        return tuple(
            database.name for database, found in self._installed.by_database.items() if dag_hash in found
        )


def check_installed() -> None:
    """Raise ConfigError if nobody knows where Spack installs, as its configuration cannot be read."""
    from cachetui.errors import ConfigError
    from cachetui.locate import config_here

    if failures := config_here().failures:
        raise ConfigError(failures[0])


def installed_notes() -> tuple[str, ...]:
    """Say which databases of what is installed cannot be read, or only in part, one line each."""
    from cachetui.locate import installed_here

    return installed_here().notes


def host_here(config: Config, host: Host | None = None) -> Host:
    """The host itself, else that of the configuration. Raises HostError."""
    from cachetui.host import read_host

    if host is not None:
        return host
    try:
        return read_host(config.host, "", config.hosts)
    except HostError as error:
        if not config.host or config.host in config.hosts:
            raise
        raise HostError(f"host: {error}") from error


def _runs(host_of: Callable[[], Host], catalog: Catalog) -> Mapping[str, BitMap]:
    from cachetui.graph import runs
    from cachetui.spack import release_here

    found = runs(catalog, host_of(), release_here(os.environ))
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
