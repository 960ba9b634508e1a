"""Is what a user wants in the build caches: each node of the wanted DAGs, by where an install finds it."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import RUNTIME_DEPTYPES, Catalog
from cachetui.graph.asked import Asked, asked_by
from cachetui.graph.closure import State, state_of
from cachetui.graph.reuse import Release, reasons
from cachetui.host import Host
from cachetui.locate import installed_here
from cachetui.search import INSTALLED, RUNS, UNKNOWN, YES, Engine
from cachetui.sources import Wanted
from cachetui.spec import HASH_LENGTH, Dependency, Spec

BAD = (State.HOLE, State.MISSING)
"""The states of nodes that an install has to build."""


class Entry(Struct, frozen=True):
    """A node of the wanted DAGs.

    Args:
        version: empty if neither a file nor a source knows the node.
        asked: what the user wrote, for a root.
        query: the spec that no build satisfies.
        row: None if no source lists it.
        spec: what has to be built, as the file has it, else as the source has it; None if nothing is known of
            it but its hash, or if it is there: a check may have thousands of nodes with thousands of edges.
        is_needed: it is a root, or reached from one by link and run edges: `--cache-only` needs it.
        is_complete: whether all that it needs at run time can be installed without a build.
        runs: whether it runs on the host; None if that is unknown.
        installed: None if that is unknown.
    """

    name: str
    version: str
    dag_hash: str
    asked: str
    query: str
    row: int | None
    spec: Spec | None
    state: State
    mirrors: tuple[str, ...]
    is_root: bool
    is_needed: bool
    is_complete: bool
    runs: bool | None = None
    installed: bool | None = None

    @property
    def is_there(self) -> bool:
        """Whether an install finds it without a build."""
        return self.state not in BAD


class Counts(Struct, frozen=True):
    """How many nodes are in which state; externals are not counted among the specs."""

    specs: int
    cached: int
    holes: int
    to_build: int
    external: int
    installed: int | None

    @property
    def lacking(self) -> int:
        """How many an install has to build."""
        return self.holes + self.to_build


class Surroundings(Struct, frozen=True):
    """What this machine and the user add to what the caches hold; None: unknown.

    Args:
        usable: the rows that run on the host.
        unknown: the rows of which no source tells whether they do.
        installed: the hashes that Spack has installed here.
        host, release: for which Spack on which host; they give reasons.
    """

    usable: BitMap | None = None
    unknown: BitMap = BitMap()
    installed: Container[str] | None = None
    host: Host | None = None
    release: Release = None

    def runs(self, row: int | None) -> bool | None:
        """Whether a row runs on the host; None if that is unknown."""
        if self.usable is None or row is None or row in self.unknown:
            return None
        return row in self.usable


NOTHING_KNOWN = Surroundings()


class Check(Struct, frozen=True):
    """What was asked for, compared with a catalog.

    Args:
        places: the files.
        entries: roots first, in their order, then by name.
        specs: the specs of the files, by hash.
    """

    catalog: Catalog
    places: tuple[str, ...]
    entries: tuple[Entry, ...]
    specs: Mapping[str, Spec]
    notes: tuple[str, ...]
    around: Surroundings

    def why_not(self, row: int | None) -> tuple[str, ...]:
        """Why a build does not run on the host; empty if it does, or if nothing is known."""
        if row is None or self.around.host is None or self.around.runs(row):
            return ()
        return tuple(reasons(self.catalog, row, self.around.host, self.around.release))

    @property
    def roots(self) -> tuple[Entry, ...]:
        """What the user asked for."""
        return tuple(entry for entry in self.entries if entry.is_root)

    def counts(self, needed: bool) -> Counts:
        """Count the nodes that `--cache-only` needs, or those that only builds need."""
        entries = [entry for entry in self.entries if entry.is_needed is needed]
        states = [entry.state for entry in entries]
        known = [entry.installed for entry in entries if entry.installed is not None]
        external = states.count(State.EXTERNAL)
        return Counts(
            len(states) - external,
            states.count(State.CACHED),
            states.count(State.HOLE),
            states.count(State.MISSING),
            external,
            sum(known) if known else None,
        )

    def lacking(self, needed: bool) -> tuple[Entry, ...]:
        """The nodes that an install has to build: of those it needs, or of those that only builds need."""
        return tuple(each for each in self.entries if each.is_needed is needed and not each.is_there)

    @property
    def is_all_there(self) -> bool:
        """Whether an install from the caches finds all that it needs."""
        return not self.lacking(needed=True)


def check_files(engine: Engine, files: Sequence[Wanted], surroundings: Surroundings = NOTHING_KNOWN) -> Check:
    """Look for what files ask for.

    Raises:
        QuerySyntaxError: a line of a list is neither a hash nor a spec.
        HashError: a hash is ambiguous.
    """
    dag = _WantedDag(engine.catalog, files)
    roots = list(_roots(engine, files, surroundings))
    needed = dag.reached([key for key, _ in roots], runtime_only=True)
    everything = dag.reached(needed, runtime_only=False)
    asked: dict[_Key, str] = {}
    for key, text in roots:
        asked[key] = asked.get(key) or text
    lacking = dag.lacking(everything)
    entries = [
        _entry(dag, key, surroundings, asked.get(key), key in needed, key not in lacking)
        for key in everything
    ]
    order = {key: place for place, key in enumerate(asked)}
    ranked = sorted(
        zip(everything, entries, strict=True),
        key=lambda pair: (order.get(pair[0], len(order)), pair[1].name, pair[1].dag_hash),
    )
    notes = dict.fromkeys(f"{file.place}: {note}" for file in files for note in file.notes)
    return Check(
        engine.catalog,
        tuple(file.place for file in files),
        tuple(entry for _, entry in ranked),
        dag.specs,
        tuple(notes),
        surroundings,
    )


def _roots(engine: Engine, files: Iterable[Wanted], around: Surroundings) -> Iterator[tuple[_Key, str]]:
    """(node, what the user wrote) of each root."""
    preferred: BitMap | None = None
    for file in files:
        for root in file.roots:
            yield _Key(root.dag_hash, "", ""), root.text
        if file.lines and preferred is None:
            preferred = _preferred(engine.catalog, around.usable)
        for asked in asked_by(engine, file.lines, preferred or BitMap()):
            yield _key_of(asked), asked.text


def _preferred(catalog: Catalog, usable: BitMap | None) -> BitMap:
    from cachetui.graph.closure import incomplete

    complete = catalog.in_buildcache - incomplete(catalog)
    return complete if usable is None else (complete & usable or complete)


class _Key(Struct, frozen=True):
    """What tells a node from others: its hash, else its package and the spec that asks for it."""

    dag_hash: str
    name: str
    spec: str


def _key_of(asked: Asked) -> _Key:
    if asked.row is not None:
        return _Key(asked.dag_hash, "", "")
    return _Key(asked.dag_hash, asked.name, asked.spec)


_WantedEdge = tuple[_Key, bool]
"""A dependency, and whether it is needed at run time."""


class _WantedDag:
    """The nodes that files describe, and those that only a catalog has."""

    def __init__(self, catalog: Catalog, files: Iterable[Wanted]) -> None:
        self.catalog = catalog
        self.specs: dict[str, Spec] = {}
        for file in files:
            self.specs.update(file.specs)
        self._rows: dict[str, int | None] = {}
        self._names: dict[_Key, str] = {}
        self._edges: dict[_Key, list[_WantedEdge]] = {}
        self._of_dependency: dict[Dependency, _WantedEdge] = {}
        self._of_numbers: dict[tuple[int, int], _WantedEdge] = {}

    def row(self, key: _Key) -> int | None:
        """The row of a node; None if no source lists it."""
        dag_hash = key.dag_hash
        if dag_hash not in self._rows:
            is_whole = len(dag_hash) == HASH_LENGTH
            rows = list(self.catalog.rows_with_prefix(dag_hash)) if is_whole else []
            self._rows[dag_hash] = rows[0] if rows else None
        return self._rows[dag_hash]

    def spec(self, key: _Key) -> Spec | None:
        """A node as the files have it, else as the catalog has it."""
        if key.dag_hash in self.specs:
            return self.specs[key.dag_hash]
        row = self.row(key)
        return None if row is None else self.catalog.spec(row)

    def name_and_version(self, key: _Key) -> tuple[str, str]:
        """The package of a node, and its version; empty if neither the files nor the catalog know it."""
        if spec := self.specs.get(key.dag_hash):
            return spec.name, spec.version
        if (row := self.row(key)) is not None:
            return self.catalog.column("package")[row], self.catalog.column("version")[row]
        return key.name or self._names.get(key, ""), ""

    def edges(self, key: _Key) -> list[_WantedEdge]:
        """The edges of a node; those that are equal are one object, as there may be millions."""
        edges = self._edges.get(key)
        if edges is None:
            edges = self._edges[key] = self._read(key)
        return edges

    def _read(self, key: _Key) -> list[_WantedEdge]:
        if key.dag_hash in self.specs:
            return list(map(self._edge, self.specs[key.dag_hash].dependencies))
        row = self.row(key)
        if row is None:
            return []
        return list(map(self._numbered, zip(*self.catalog.edge_numbers(row), strict=True)))

    def _numbered(self, numbers: tuple[int, int]) -> _WantedEdge:
        """An edge of the catalog."""
        edge = self._of_numbers.get(numbers)
        if edge is None:
            target, kind = numbers
            known = self.catalog.dag.edge_kinds[kind]
            dependency = Dependency(known.name, self.catalog.dependency_hash(target), known.deptypes)
            edge = self._of_numbers[numbers] = self._edge(dependency)
        return edge

    def _edge(self, dependency: Dependency) -> _WantedEdge:
        edge = self._of_dependency.get(dependency)
        if edge is None:
            key = _Key(dependency.dag_hash, "" if dependency.dag_hash else dependency.name, "")
            self._names.setdefault(key, dependency.name)
            is_runtime = not RUNTIME_DEPTYPES.isdisjoint(dependency.deptypes)
            edge = self._of_dependency[dependency] = key, is_runtime
        return edge

    def reached(self, start: Iterable[_Key], runtime_only: bool) -> dict[_Key, None]:
        """Some nodes and all that they reach, in the order in which they are met."""
        met = dict.fromkeys(start)
        pending = deque(met)
        while pending:
            for target, is_runtime in self.edges(pending.popleft()):
                if (is_runtime or not runtime_only) and target not in met:
                    met[target] = None
                    pending.append(target)
        return met

    def state(self, key: _Key) -> State:
        """Where a node can be had from; an external of a file need not be in a cache."""
        known = self.specs.get(key.dag_hash)
        if known is not None and known.external:
            return State.EXTERNAL
        return state_of(self.catalog, self.row(key))

    def lacking(self, nodes: Iterable[_Key]) -> set[_Key]:
        """The nodes that have to be built, and all that need one of these at run time."""
        nodes = list(nodes)
        users: dict[_Key, list[_Key]] = {}
        for node in nodes:
            for target, is_runtime in self.edges(node):
                if is_runtime:
                    users.setdefault(target, []).append(node)
        pending = [node for node in nodes if self.state(node) in BAD]
        met = set(pending)
        while pending:
            for user in users.get(pending.pop(), ()):
                if user not in met:
                    met.add(user)
                    pending.append(user)
        return met


def _entry(
    dag: _WantedDag, key: _Key, around: Surroundings, asked: str | None, is_needed: bool, is_complete: bool
) -> Entry:
    row, state = dag.row(key), dag.state(key)
    cached_row = row if state is State.CACHED else None
    places = () if cached_row is None else dag.catalog.column("places")[cached_row]
    return Entry(
        *dag.name_and_version(key),
        key.dag_hash,
        asked or "",
        key.spec,
        row,
        dag.spec(key) if state in BAD else None,
        state,
        tuple(sorted({place.mirror for place in places if place.mirror and not place.is_hole})),
        asked is not None,
        is_needed,
        is_complete,
        around.runs(cached_row),
        None if around.installed is None else key.dag_hash in around.installed,
    )


def surroundings_of(engine: Engine, host: Host | None = None, release: Release = None) -> Surroundings:
    """What an engine knows of this machine, as far as it has such facets.

    Args:
        host: that the facet of the engine speaks of.
    """
    here = {attribute.name for attribute in engine.attributes.here}
    usable, unknown, installed = None, BitMap(), None
    if RUNS in here:
        runs = engine.attributes.index(RUNS)
        usable, unknown = runs.rows(YES), runs.rows(UNKNOWN)
    if INSTALLED in here:
        found = installed_here()
        installed = found.all if found.by_database else None
    return Surroundings(usable, unknown, installed, host if usable is not None else None, release)
