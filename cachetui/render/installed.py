"""What is said of builds that were found installed, not in a mirror."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from cachetui.catalog import Catalog
from cachetui.graph import State
from cachetui.spec import INSTALLED, Spec

_TREE_WORDS = {State.CACHED: "installed", State.HOLE: "not installed"}
"""The states that have another word in a catalog of install trees alone."""


class Installation(Struct, frozen=True):
    """A build in one install tree.

    Args:
        name, root: of the tree.
        explicit: a user asked for it; None: not known.
        time: UTC; None: not known.
    """

    name: str
    root: str
    explicit: bool | None = None
    time: str | None = None


def absent_text(catalog: Catalog) -> str:
    """What a build is that is listed only as the dependency of others."""
    return "not installed" if is_all_installed(catalog) else "not in the build cache"


def is_all_installed(catalog: Catalog) -> bool:
    """Whether a catalog holds install trees and no mirror."""
    return bool(catalog.mirrors) and all(mirror.layout == INSTALLED for mirror in catalog.mirrors)


def state_word(catalog: Catalog, state: State) -> str:
    """The word for a state of a node."""
    return _TREE_WORDS.get(state, state.value) if is_all_installed(catalog) else state.value


def installed_word(catalog: Catalog) -> str:
    """What is said of a build that this Spack has; in an install tree all are installed."""
    return "here" if is_all_installed(catalog) else "installed"


def installations(catalog: Catalog, spec: Spec) -> Iterator[Installation]:
    """The install trees of a build, as their databases know it now."""
    trees = {mirror.name: mirror.url for mirror in catalog.mirrors if mirror.layout == INSTALLED}
    for name in spec.installed_in:
        if root := trees.get(name):
            # Imported late: the catalog does not keep these, and few builds are asked for them.
            from cachetui.spack import Database, installed_hashes

            if known := installed_hashes([Database(name, root)]).of(spec.dag_hash):
                yield Installation(name, root, known[1].explicit, _time_text(known[1].time))
            else:
                yield Installation(name, root)


def installation_texts(catalog: Catalog, spec: Spec) -> Iterator[str]:
    """The same in words: `local, explicitly, 2026-11-25 18:37 UTC`."""
    for each in installations(catalog, spec):
        how = "as an external" if spec.external else "explicitly" if each.explicit else "as a dependency"
        time = f"{each.time[:16].replace('T', ' ')} UTC" if each.time else ""
        yield ", ".join(filter(None, (each.name, "" if each.explicit is None else how, time)))


def _time_text(seconds: float) -> str | None:
    from datetime import datetime, timezone

    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):  # the clock of the machine was wrong
        return None
