"""Walks in the DAG of a build, as text and as data: its tree, its closure, what uses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.graph import (
    Closure,
    Release,
    State,
    TreeLine,
    UsedBy,
    dependency_tree,
    runtime_closure,
    state_of,
    used_by,
)
from cachetui.host import Host
from cachetui.render.hosts import host_data, host_lines
from cachetui.render.installed import state_word
from cachetui.render.outlines import STATE_ROLES
from cachetui.render.spans import Line, Span
from cachetui.render.trees import deptype_letters, installed_mark, tree_lines
from cachetui.spec import DEPTYPES, SHORT_HASH, Spec, json_data
from cachetui.text import counted

if TYPE_CHECKING:
    from cachetui.install import Download

_RUNTIME = ("link", "run")
_LABEL = 14


class Walks(Struct, frozen=True):
    """Which walks are asked for.

    Args:
        deptypes: those of the tree, else all, and of the transitive dependents, else link and run.
        host: whether it runs there; None: not asked.
        release: of the Spack that would be used; see `graph.Release`.
        download: the size, date and signature of the binary, if they are asked for.
        installed: the hashes that are installed here.
    """

    tree: bool = False
    used_by: bool = False
    closure: bool = False
    deptypes: tuple[str, ...] | None = None
    host: Host | None = None
    release: Release = None
    download: Download | None = None
    installed: frozenset[str] = frozenset()

    @property
    def upwards(self) -> tuple[str, ...]:
        """The deptypes of the transitive dependents."""
        return _RUNTIME if self.deptypes is None else self.deptypes


# data


def tree_data(catalog: Catalog, row: int, walks: Walks) -> list[dict[str, object]]:
    """The builds of a tree, the root first; of those that no source lists only name and hash are known."""
    lines = dependency_tree(catalog, row, walks.deptypes)
    return [_node_data(catalog, line, walks.installed) for line in lines]


def _node_data(catalog: Catalog, line: TreeLine, installed: frozenset[str]) -> dict[str, object]:
    if line.row is None:
        spec = Spec(name=line.name, dag_hash=line.dag_hash, in_buildcache=False)
    else:
        spec = catalog.spec(line.row)
    return {
        **json_data(spec),
        "depth": line.depth,
        "deptypes": [kind for kind in DEPTYPES if kind in line.deptypes],
        "virtuals": sorted(line.virtuals),
        "state": state_of(catalog, line.row).value,
        "installed": line.dag_hash in installed or bool(spec.installed_in),
    }


def walk_data(catalog: Catalog, row: int, walks: Walks) -> dict[str, object]:
    """The closure and the dependents, by full hashes, as far as they are asked for; scripts rely on them."""
    data: dict[str, object] = {}
    if walks.closure:
        closure = runtime_closure(catalog, row)
        data["closure"] = {state.value: list(closure.hashes(state)) for state in State}
    if walks.used_by:
        users = used_by(catalog, row, walks.upwards)
        data["used_by"] = {
            "direct": {deptype: _hashes(catalog, rows) for deptype, rows in users.direct.items()},
            "transitive": _hashes(catalog, users.transitive),
        }
    if walks.host is not None:
        data["host"] = host_data(catalog, row, walks.host, walks.release)
    return data


def _hashes(catalog: Catalog, rows: BitMap) -> list[str]:
    return sorted(map(catalog.dag_hash, rows))


# text


def walk_lines(catalog: Catalog, row: int, walks: Walks) -> Iterator[Line]:
    """The walks that are asked for, each below its heading."""
    if walks.host is not None:
        yield from host_lines(catalog, row, walks.host, walks.release)
    if walks.closure:
        yield from _closure_lines(catalog, runtime_closure(catalog, row), walks)
    if walks.used_by:
        yield from _used_by_lines(catalog, used_by(catalog, row, walks.upwards), walks)
    if walks.tree:
        yield (("tree", "muted"),)
        yield from tree_lines(catalog, row, walks.deptypes, walks.installed)


def _closure_lines(catalog: Catalog, closure: Closure, walks: Walks) -> Iterator[Line]:
    """What is lacking first."""
    root = closure.nodes[0].row
    if len(closure.nodes) == 1 and root is not None and not catalog.column("spec_format")[root]:
        yield (_label("closure"), ("unknown: pages do not list dependencies", "warning"))
        return
    yield (_label("closure"), *closure_words(closure), (f"; {_counts(catalog, closure)}", ""))
    for state in reversed(State):
        nodes = [node for node in closure.nodes if node.state is state]
        for node in sorted(nodes, key=lambda node: (node.name, node.dag_hash)):
            yield (
                (f"{node.dag_hash[:SHORT_HASH]:{SHORT_HASH}}", "hash"),
                (f"  {state_word(catalog, state):10}", STATE_ROLES[state]),
                *_name(catalog, node.row, node.name),
                *installed_mark(catalog, node.row, node.dag_hash, walks.installed),
            )


def closure_words(closure: Closure) -> Line:
    """Whether an install that does not build finds every node, in a word."""
    return (("complete", "good"),) if closure.is_complete else (("incomplete", "bad"),)


def _counts(catalog: Catalog, closure: Closure) -> str:
    counts = {state: len(closure.hashes(state)) for state in State}
    parts = [f"{count:,} {state_word(catalog, state)}" for state, count in counts.items() if count]
    return f"{counted(len(closure.nodes), 'build')} by link and run: {', '.join(parts)}"


def _used_by_lines(catalog: Catalog, users: UsedBy, walks: Walks) -> Iterator[Line]:
    direct = BitMap.union(*users.direct.values())
    if not direct:
        yield (_label("used by"), ("no build here depends on it", ""))
        return
    counts = ", ".join(f"{deptype} {len(rows):,}" for deptype, rows in users.direct.items())
    yield (_label("used by"), (f"{counted(len(direct), 'build')} directly: {counts}", ""))
    over = " and ".join(walks.upwards) if len(walks.upwards) < len(DEPTYPES) else "all deptypes"
    yield (_label(""), (f"{counted(len(users.transitive), 'build')} transitively, over {over}", ""))
    for row in direct | users.transitive:
        letters = deptype_letters({deptype for deptype, rows in users.direct.items() if row in rows})
        dag_hash = catalog.dag_hash(row)[:SHORT_HASH]
        yield ((dag_hash, "hash"), (f"  [{letters}]  ", ""), *_name(catalog, row, ""))


def _name(catalog: Catalog, row: int | None, name: str) -> Line:
    if row is None:
        return ((name, ""),)
    return (
        (catalog.column("package")[row], ""),
        (f"@{catalog.column('version')[row]}", "version"),
    )


def _label(name: str) -> Span:
    return f"{name:{_LABEL}}", "muted"
