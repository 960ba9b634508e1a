"""Which builds Spack would reuse on a host: its own rule, for all builds at once and for one with reasons.

The root is none of what only its builder can use; each node of its link and run closure, but externals and
gcc-runtime (which Spack solves anew), is built for the host's platform, for a target that the host runs, and
on Linux for the host's libc or an older one, elsewhere for the host's os.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import count
from typing import Any

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import Catalog, Relation
from cachetui.graph.closure import Closure, runtime_closure, unknown
from cachetui.graph.tree import FOUND_PACE, OnFound, no_matter
from cachetui.host import Host
from cachetui.version import version_key

Release = tuple[int, int] | None
"""Major and minor version of the Spack that would be used; None: each record by the Spack that wrote it."""

COMPILERS_ARE_NODES = (1, 0)
"""The release from which compilers are nodes of the DAG."""

COMPILERS_ARE_NODES_FORMAT = 5
"""The spec format that it writes."""

_OLD_FORMATS_END = (1, 2)
"""The release from which Spack reuses no older spec format; 1.0 and 1.1 ask only for its target and libc."""

_UNKNOWN = (99, 0)
"""The release of a Spack that does not say its version."""

_RUNTIMES = {"gcc": "gcc-runtime", "oneapi": "intel-oneapi-runtime"}
"""Compiler, as Spack 0.23 calls it, to the package that a reusable build has below it."""

_RUNTIMES_OF_NODES = {"gcc": "gcc-runtime", "intel-oneapi-compilers": "intel-oneapi-runtime"}

_SOLVED_ANEW = "gcc-runtime"

_MACOS = ("catalina", "bigsur", "monterey", "ventura", "sonoma", "sequoia")
"""Each runs the builds of those before it."""

_DEPENDENCIES_UNKNOWN = "dependencies unknown: pages do not list them"


class Runs(Struct, frozen=True):
    """The builds that run on a host, and those of which no source tells; all others do not."""

    usable: BitMap
    unknown: BitMap


class Reason(Struct, frozen=True):
    """Why a build is not reused, or why that is unknown.

    Args:
        row: the node that it is about; None: one that no source lists.
        kind: `platform`, `target`, `os`, `libc`; `root` for what is asked of the root alone; `unknown`.
    """

    row: int | None
    kind: str
    text: str


class Verdict(Struct, frozen=True):
    """Whether a build runs on a host; None if no source tells."""

    usable: bool | None
    found: tuple[Reason, ...]

    def reasons(self, catalog: Catalog, root: int) -> list[str]:
        """The reasons in words, each once, with the nodes below the root that it is about."""
        names: dict[str, list[str]] = {}
        of_root = {reason.text for reason in self.found if reason.row in (root, None)}
        for reason in self.found:
            nodes = names.setdefault(reason.text, [])
            if reason.row not in (root, None):
                nodes.append(catalog.column("package")[reason.row])
        return [f"{text}{_below(nodes, text in of_root)}" for text, nodes in names.items()]

    def by_node(self, catalog: Catalog) -> dict[str, list[str]]:
        """Hash to the reasons of a node that a source lists."""
        found: dict[str, list[str]] = {}
        for reason in self.found:
            if reason.row is not None:
                found.setdefault(catalog.dag_hash(reason.row), []).append(reason.text)
        return found


_NAMED = 3
"""Nodes that are named for a reason."""


def _below(nodes: list[str], of_root: bool) -> str:
    """Name the nodes that share a reason; the root needs no name."""
    if not nodes:
        return ""
    if of_root:
        return f" (and {len(nodes)} {'node' if len(nodes) == 1 else 'nodes'} below)"
    named = sorted(set(nodes))
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f" ({'node' if len(named) == 1 else 'nodes'} {', '.join(named[:_NAMED])}{more})"


def usable(catalog: Catalog, host: Host, release: Release = None) -> BitMap:
    """The builds that Spack would reuse on a host."""
    return runs(catalog, host, release).usable


def runs(catalog: Catalog, host: Host, release: Release = None) -> Runs:
    """Divide the builds of a catalog by whether Spack would reuse them on a host."""
    builds = _Builds(catalog, host)
    refused = builds.refused_by(release)
    untold = builds.untold - refused
    return Runs(builds.all - refused - untold, untold)


def reasons(catalog: Catalog, row: int, host: Host, release: Release = None) -> list[str]:
    """Why Spack would not reuse a build on a host, or why that is unknown; empty if it would."""
    return verdict(catalog, row, host, release).reasons(catalog, row)


def verdict(
    catalog: Catalog,
    row: int,
    host: Host,
    release: Release = None,
    closure: Closure | None = None,
    on_found: OnFound = no_matter,
) -> Verdict:
    """Judge one build, with the reasons of each node.

    Args:
        closure: of the build, if it is at hand.
    """
    found = tuple(_Build(catalog, row, host, release, closure, on_found).reasons())
    refusing = tuple(reason for reason in found if reason.kind != "unknown")
    # Beside a reason to refuse it, what is unknown makes no difference.
    return Verdict(False, refusing) if refusing else Verdict(None if found else True, found)


def release_name(release: tuple[int, int]) -> str:
    """`Spack 1.2`; `Spack 1.x` for one that does not say its version."""
    return "Spack 1.x" if release >= _UNKNOWN else f"Spack {release[0]}.{release[1]}"


def is_of_nodes(release: Release, spec_format: int) -> bool:
    """Whether a record is judged by the rule of Spack 1.x."""
    if release is None:
        return spec_format >= COMPILERS_ARE_NODES_FORMAT
    return release >= COMPILERS_ARE_NODES


def _compatible_os(host: Host, of_nodes: bool) -> frozenset[str]:
    """The names whose builds run on the os of a host; Linux asks for its libc instead."""
    chain = (*_MACOS, "tahoe") if of_nodes else _MACOS
    older = chain[: chain.index(host.os)] if host.platform == "darwin" and host.os in chain else ()
    return frozenset([host.os, *older])


class _Builds:
    """All builds of a catalog, as sets."""

    def __init__(self, catalog: Catalog, host: Host) -> None:
        self._catalog, self._host = catalog, host
        self.all = BitMap(range(len(catalog)))

    @cached_property
    def untold(self) -> BitMap:
        """The builds with a node in their closure whose dependencies are not all listed."""
        return self._open | self._catalog.dag.ancestors(self._open, Relation.RUNTIME)

    def refused_by(self, release: Release) -> BitMap:
        """The builds that a release does not reuse."""
        if release is not None:
            of_nodes = release >= COMPILERS_ARE_NODES
            unread = self._old if release >= _OLD_FORMATS_END else BitMap() if of_nodes else self._new
            return self._refused(of_nodes) | unread
        new = self._new
        found = BitMap()
        for of_nodes, asked in ((False, self.all - new), (True, new)):
            if asked:
                found |= self._refused(of_nodes) & asked
        return found

    def _refused(self, of_nodes: bool) -> BitMap:
        unfit = self._unfit(of_nodes)
        unfit_nodes = unfit - self._external - self._package(_SOLVED_ANEW)
        # One step up first: most of what is above them is among them.
        dag = self._catalog.dag
        above = dag.dependents(unfit_nodes, dag.runtime_kinds) - unfit_nodes
        return BitMap.union(
            unfit, above, dag.ancestors(above, Relation.RUNTIME), self._refused_roots(of_nodes)
        )

    # of the root

    def _refused_roots(self, of_nodes: bool) -> BitMap:
        development = self._with_values("variant", lambda value: value.startswith("dev_path="))
        parts = [development, self._external]
        if of_nodes:
            parts.append(self._package("compiler-wrapper"))
            parts += (
                self._reaching(name) - self._reaching(needed) - self.untold
                for name, needed in _RUNTIMES_OF_NODES.items()
            )
        else:
            parts += (
                self._built_by(name) - self._catalog.dag.sources(self._kinds_to(needed)) - self._open
                for name, needed in _RUNTIMES.items()
            )
        return BitMap.union(*parts)

    def _built_by(self, compiler: str) -> BitMap:
        return self._with_values("compiler", lambda value: value.partition("@")[0] == compiler)

    def _reaching(self, name: str) -> BitMap:
        """The builds of a package, and those with one anywhere below."""
        rows = self._package(name)
        return rows | self._catalog.dag.ancestors(rows, Relation.ALL)

    def _kinds_to(self, name: str) -> list[int]:
        return [number for number, kind in enumerate(self._catalog.dag.edge_kinds) if kind.name == name]

    @cached_property
    def _old(self) -> BitMap:
        return self._with_values("spec_format", lambda value: 0 < int(value) < COMPILERS_ARE_NODES_FORMAT)

    @cached_property
    def _new(self) -> BitMap:
        return self._with_values("spec_format", lambda value: int(value) >= COMPILERS_ARE_NODES_FORMAT)

    # of every node

    def _unfit(self, of_nodes: bool) -> BitMap:
        host, targets = self._host, self._host.targets()
        parts = [
            self._with_values("platform", lambda value: value != host.platform),
            self._with_values("target", lambda value: value not in targets),
        ]
        if host.platform == "linux":
            parts.append(self._of_other_libc())
            if not of_nodes:
                parts.append(self.all - self._catalog.dag.sources(self._libc_kinds) - self._open)
        else:
            names = _compatible_os(host, of_nodes)
            parts.append(self._with_values("os", lambda value: value not in names))
        return BitMap.union(*parts)

    def _of_other_libc(self) -> BitMap:
        """The builds that were linked with a libc that the host's does not serve."""
        dag, kinds = self._catalog.dag, self._libc_kinds
        fit = self._serving(dag.targets(kinds))
        return dag.sources(kinds) - dag.dependents(fit, kinds)

    def _serving(self, libcs: BitMap) -> BitMap:
        """The libcs that the host's stands for; each set of values is looked at once."""
        columns = [self._catalog.column(name) for name in _LIBC_COLUMNS]
        places = [[column.ids[libc] for libc in libcs] for column in columns]
        keys = list(zip(*places, strict=True))
        first = dict(zip(keys, libcs, strict=True))
        serves = {key: _serves(self._catalog, self._host, libc) for key, libc in first.items()}
        return BitMap([libc for libc, key in zip(libcs, keys, strict=True) if serves[key]])

    @cached_property
    def _libc_kinds(self) -> set[int]:
        return libc_kinds(self._catalog)

    # parts

    @cached_property
    def _external(self) -> BitMap:
        return self._with_values("external", lambda value: True)

    @cached_property
    def _unlisted(self) -> BitMap:
        """The builds of which no source lists the dependencies."""
        return unknown(self._catalog)

    @cached_property
    def _open(self) -> BitMap:
        """The builds that may have more direct dependencies than are listed."""
        return self._unlisted | self._catalog.lacking

    def _package(self, name: str) -> BitMap:
        return BitMap(self._catalog.package_rows(name))

    def _with_values(self, facet: str, is_meant: Callable[[str], bool]) -> BitMap:
        index = self._catalog.facet(facet)
        return BitMap.union(BitMap(), *(index.rows(value) for value in index.values if is_meant(value)))


def libc_kinds(catalog: Catalog) -> set[int]:
    """The numbers of the edge kinds that lead to a libc."""
    return {number for number, kind in enumerate(catalog.dag.edge_kinds) if "libc" in kind.virtuals}


_LIBC_COLUMNS = ("package", "external", "version")


def _serves(catalog: Catalog, host: Host, libc: int) -> bool:
    """Whether the libc of a host serves builds that were linked with another one."""
    name, path, version = (catalog.column(column)[libc] for column in _LIBC_COLUMNS)
    return (name, path) == (host.libc, host.libc_path) and version_key(host.libc_version) >= version_key(
        version
    )


class _Build:
    """One build, node by node."""

    def __init__(
        self,
        catalog: Catalog,
        row: int,
        host: Host,
        release: Release,
        closure: Closure | None,
        on_found: OnFound,
    ) -> None:
        self._catalog, self._row, self._host = catalog, row, host
        self._release, self._on_found = release, on_found
        self._spec_format: int = catalog.column("spec_format")[row]
        self._of_nodes = is_of_nodes(release, self._spec_format)
        self._targets = host.targets()
        self._oses = _compatible_os(host, self._of_nodes)
        self._libc_kinds = libc_kinds(catalog)
        self._nodes = (closure or runtime_closure(catalog, row, on_found=on_found)).nodes

    def reasons(self) -> Iterator[Reason]:
        """Reasons of the root, then of each node, then what is unknown."""
        for text in self._of_root():
            yield Reason(self._row, "root", text)
        for number, node in enumerate(self._nodes):
            if not number % FOUND_PACE:
                self._on_found(number)
            if node.row == self._row or (node.row is not None and not self._is_solved_anew(node.row)):
                for kind, text in self._of_node(node.row).items():
                    yield Reason(node.row, kind, text)
        for row in self._unlisted:
            yield Reason(row, "unknown", _DEPENDENCIES_UNKNOWN)
        for name in sorted({node.name for node in self._nodes if node.row is None}):
            yield Reason(None, "unknown", f"{name}, which it needs, is in no index")

    @cached_property
    def _unlisted(self) -> list[int]:
        """The nodes of which no source lists the dependencies."""
        return [node.row for node in self._nodes if node.row is not None and self._is_unlisted(node.row)]

    def _is_unlisted(self, row: int) -> bool:
        ends = self._catalog.edge_numbers(row)[0]
        return not self._value("spec_format", row) and all(end >= len(self._catalog) for end in ends)

    def _is_open(self, row: int) -> bool:
        """Whether a node may have more direct dependencies than are listed."""
        return row in self._catalog.lacking or self._is_unlisted(row)

    def _is_solved_anew(self, row: int) -> bool:
        return self._value("package", row) == _SOLVED_ANEW or bool(self._value("external", row))

    def _of_root(self) -> Iterator[str]:
        row = self._row
        if "dev_path" in dict(self._value("parameters", row).variants):
            yield "built from a development tree"
        if self._of_nodes and self._value("package", row) == "compiler-wrapper":
            yield "compiler-wrapper: Spack will not reuse it"
        if self._value("external", row):
            yield "external of a build cache"
            return
        if self._release is not None and self._spec_format:
            yield from self._of_format(self._release)
        for needed in self._runtimes_needed():
            yield f"no {needed} below: Spack will not reuse it"

    def _of_format(self, release: tuple[int, int]) -> Iterator[str]:
        is_new = self._spec_format >= COMPILERS_ARE_NODES_FORMAT
        if is_new != self._of_nodes and (is_new or release >= _OLD_FORMATS_END):
            writer = "1.x" if is_new else "0.x"
            spack = release_name(release)
            yield f"written by Spack {writer} (spec format {self._spec_format}): {spack} will not reuse it"

    def _runtimes_needed(self) -> Iterator[str]:
        catalog = self._catalog
        if self._of_nodes:
            is_told = not self._unlisted and all(node.row is not None for node in self._nodes)
            below = self._all_below() if is_told else set()
            runtimes = _RUNTIMES_OF_NODES.items()
            yield from (needed for name, needed in runtimes if name in below and needed not in below)
        elif not self._is_open(self._row):
            compilers: tuple[str, ...] = self._value("compilers", self._row) or ()
            built = {compiler.partition("@")[0] for compiler in compilers}
            direct = {edge.dependency.name for edge in catalog.edges(self._row) if edge.row is not None}
            yield from (
                needed for name, needed in _RUNTIMES.items() if name in built and needed not in direct
            )

    def _all_below(self) -> set[str]:
        """The names of the build itself and of all nodes below, by edges of any deptype."""
        met, pending = {self._row}, [self._row]
        for number in count():
            if not pending:
                break
            if not number % FOUND_PACE:
                self._on_found(number)
            targets, _ = self._catalog.edge_numbers(pending.pop())
            new = {target for target in targets if target < len(self._catalog)} - met
            met |= new
            pending += new
        return {self._value("package", row) for row in met}

    def _of_node(self, row: int) -> Mapping[str, str]:
        """Kind to the reason why a node is not built for the host."""
        host, found = self._host, dict[str, str]()
        named = "the host" if host.name == host.arch else host.name
        platform, target, os_name = (self._value(name, row) for name in ("platform", "target", "os"))
        if platform and platform != host.platform:
            found["platform"] = f"needs {platform}, {named} is {host.platform}"
        if target and target not in self._targets:
            found["target"] = f"needs {target}, {named} is {host.target}"
        if host.platform == "linux":
            if text := self._of_libc(row, named):
                found["libc"] = text
        elif os_name and os_name not in self._oses:
            found["os"] = f"needs {os_name}, {named} has {host.os}"
        return found

    def _of_libc(self, row: int, named: str) -> str:
        host, catalog = self._host, self._catalog
        edges = zip(*catalog.edge_numbers(row), strict=True)
        libcs = [end for end, kind in edges if kind in self._libc_kinds and end < len(catalog)]
        if not libcs:
            is_asked = not self._of_nodes and not self._is_open(row)
            return "no libc recorded: Spack will not reuse it" if is_asked else ""
        if any(_serves(catalog, host, libc) for libc in libcs):
            return ""
        name, path, version = (self._value(column, libcs[0]) for column in _LIBC_COLUMNS)
        if not host.libc:
            return f"needs {name} {version}, the libc of {named} is unknown"
        if name != host.libc:
            return f"needs {name} {version}, {named} has {host.libc} {host.libc_version}"
        if path != host.libc_path:
            return f"needs {name} in {path or 'its own prefix'}, {named} has it in {host.libc_path}"
        return f"needs {name} {version}, {named} has {host.libc_version}"

    def _value(self, column: str, row: int) -> Any:
        return self._catalog.column(column)[row]
