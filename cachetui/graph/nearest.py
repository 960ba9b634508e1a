"""The nearest build in the caches to a spec that is in none, and in what its DAG differs.

A wanted spec comes from a file, not from a catalog: its DAG is compared with those of builds, node by node.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct, structs
from pyroaring import BitMap

from cachetui.catalog import RUNTIME_DEPTYPES, Edge, Parameters
from cachetui.graph.checked import Entry, Surroundings
from cachetui.graph.closure import incomplete
from cachetui.graph.nodes import FIRST_FORMAT_OF_1
from cachetui.search import Engine, split_words
from cachetui.spec import (
    COMPILER_VIRTUALS,
    HASH_LENGTH,
    SHORT_HASH,
    Dependency,
    Spec,
    VariantValue,
    flags_text,
    variant_text,
)
from cachetui.text import clean

_BY_OWN, _BY_DAG = 1_000, 150
"""Candidates whose direct dependencies, and then whole DAGs, are compared."""

_INJECTED = ("compiler-wrapper", "gcc-runtime", "intel-oneapi-runtime", "glibc", "musl")
"""Dependencies that no recipe names."""

_KINDS = (("external", "built"), ("built", "external"))
"""What a build is and what is wanted, by whether an external is."""

_SHARED = ("target", "os", "platform", "compiler")
"""What mostly differs in a whole stack, and is one cause then."""


class Nearest(Struct, frozen=True):
    """A build, and in what it differs from the wanted spec.

    Args:
        differences: as `^hypre@2.32.0 instead of 2.31.0`, what concerns the build itself first.
        causes: the same, each with the package that it concerns: many builds may share a cause.
        mirrors: the mirrors that have it.
        runs: whether it runs on the host; None if that is unknown.
    """

    row: int
    dag_hash: str
    version: str
    differences: tuple[str, ...]
    causes: tuple[str, ...]
    mirrors: tuple[str, ...]
    runs: bool | None


class NearestBuilds:
    """Finds the nearest builds to specs of one set of DAGs.

    Args:
        specs: the wanted specs by hash; others, such as holes below a hash in a list, the catalog describes.
        around: says which builds run on the host; these come first.
    """

    def __init__(self, engine: Engine, specs: Mapping[str, Spec], around: Surroundings) -> None:
        self._engine = engine
        self._catalog = engine.catalog
        self._specs = specs
        self._around = around
        self._listed: dict[str, Spec | None] = {}
        self._rows: dict[int, Spec] = {}
        self._pairs: dict[tuple[str, int], _Compared] = {}

    def of(self, entry: Entry) -> Nearest | None:
        """The nearest build to a node that has to be built; None if there is none."""
        if entry.spec is not None:
            return self.of_spec(entry.spec)
        return self.of_query(entry.query) if entry.query else None

    def of_query(self, query: str) -> Nearest | None:
        """The best build that satisfies all of a query but one term."""
        from cachetui.search import Selection, terms_of

        for term in terms_of(self._engine, Selection(query, exact=True)):
            rows = self._engine.select(term.rest).rows & self._catalog.in_buildcache
            name = split_words(term.rest.text).words
            if name and rows:
                best = min(rows, key=lambda row: (self._rank(row), row in self._lacking, row))
                return self._nearest(best, [f"does not satisfy {clean(term.text)}"])
        return None

    def of_spec(self, wanted: Spec) -> Nearest | None:
        """The build of the package with the fewest causes of difference; None if no cache has the package.

        Those that run on the host come before others, then complete ones, then newer ones.
        """
        candidates = self._candidates(wanted)
        if not candidates:
            return None
        best: tuple[tuple[bool, int, bool, int], dict[str, str]] | None = None
        for row in candidates:
            if best is not None and self._rank(row) > best[0][0]:
                break
            most = None if best is None else best[0][1]
            causes = self._causes(wanted.dag_hash, row, most)
            if causes is None:
                continue
            key = (self._rank(row), len(causes), row in self._lacking, row)
            if best is None or key < best[0]:
                best = key, causes
        assert best is not None  # the first candidate was compared to its end
        row, differences = best[0][3], best[1]
        return self._nearest(row, differences.values(), differences)

    def _nearest(self, row: int, differences: Iterable[str], causes: Iterable[str] = ()) -> Nearest:
        return Nearest(
            row,
            self._catalog.dag_hash(row),
            self._catalog.column("version")[row],
            tuple(dict.fromkeys(differences)),
            tuple(causes),
            tuple(sorted({p.mirror for p in self._catalog.column("places")[row] if p.mirror})),
            self._around.runs(row),
        )

    @cached_property
    def _lacking(self) -> BitMap:
        return incomplete(self._catalog)

    def _rank(self, row: int) -> bool:
        return self._around.runs(row) is False

    # candidates

    def _candidates(self, wanted: Spec) -> list[int]:
        """The builds that differ least in themselves and in their direct dependencies."""
        rows = BitMap(self._catalog.package_rows(wanted.name)) & self._catalog.in_buildcache
        own = self._own_distance(wanted)
        best = sorted(rows, key=lambda row: (self._rank(row), own(row), row))[:_BY_OWN]
        if len(best) <= _BY_DAG:
            return best
        direct = {edge.dag_hash for edge in wanted.dependencies}
        return sorted(best, key=lambda row: (self._rank(row), own(row) + self._missed(direct, row), row))[
            :_BY_DAG
        ]

    def _missed(self, direct: set[str], row: int) -> float:
        """How many direct dependencies a build does not share: less than 1, unless they are many."""
        catalog = self._catalog
        shared = sum(catalog.dependency_hash(target) in direct for target in catalog.edge_numbers(row)[0])
        return (len(direct) - shared) / 4

    def _own_distance(self, wanted: Spec) -> Callable[[int], float]:
        """In how many attributes a build differs from a spec itself; each value is compared once."""
        scores: list[tuple[Sequence[int], dict[int, float], Callable[[int], float]]] = []
        for name, distance in self._distances(wanted).items():
            column = self._catalog.column(name)
            scores.append((column.ids, {}, _of_number(column.values, distance)))

        def total(row: int) -> float:
            found = 0.0
            for ids, known, score in scores:
                number = ids[row]
                if number not in known:
                    known[number] = score(number)
                found += known[number]
            return found

        return total

    def _distances(self, wanted: Spec) -> dict[str, Callable[[object], float]]:
        def unequal(value: object) -> Callable[[object], float]:
            return lambda other: float(other != value)

        def parameters(other: object) -> float:
            assert isinstance(other, Parameters)
            return float(len(list(_parameter_changes(wanted, other))))

        found = {name: unequal(getattr(wanted, name)) for name in ("version", "os", "target", "platform")}
        found["parameters"] = parameters
        if compilers := self._compilers(wanted):
            found["compilers"] = lambda other: float(other != compilers) if other else 0.0
        return found

    def _compilers(self, wanted: Spec) -> tuple[str, ...]:
        """The compilers of a wanted spec, as a catalog has them."""
        if wanted.compilers is not None:
            return wanted.compilers
        edges = [edge for edge in wanted.dependencies if not COMPILER_VIRTUALS.isdisjoint(edge.virtuals)]
        known = [spec for edge in edges if (spec := self._wanted(edge.dag_hash)) is not None]
        return tuple(sorted({f"{spec.name}@{spec.version}" for spec in known}))

    # DAGs

    def _causes(self, wanted: str, row: int, most: int | None) -> dict[str, str] | None:
        """The causes of difference between the DAGs of a spec and of a build, each as this build has it.

        Args:
            most: None is returned if there are more.
        """
        causes: dict[_Change, list[str]] = {}
        pairs = deque([(wanted, row)])
        met = set(pairs)
        while pairs:
            pair = pairs.popleft()
            name = "" if pair[0] == wanted else self._known(pair[0]).name
            compared = self._compared(*pair)
            for change in compared.changes:
                named = change if change.is_shared or change.name else _of_package(change, name)
                names = causes.setdefault(named, [])
                if name not in names:
                    names.append(name)
            if most is not None and sum(not change.is_injected for change in causes) > most:
                return None
            for below in compared.below:
                if below not in met:
                    met.add(below)
                    pairs.append(below)
        package = self._known(wanted).name
        own = {change: names for change, names in causes.items() if not change.is_injected}
        causes = own or causes
        return {_cause(change, names, package): _words(change, names) for change, names in causes.items()}

    def _wanted(self, dag_hash: str) -> Spec | None:
        """A spec as the files have it, else as the catalog lists it."""
        found = self._specs.get(dag_hash)
        if found is not None or len(dag_hash) != HASH_LENGTH:
            return found
        if dag_hash not in self._listed:
            rows = list(self._catalog.rows_with_prefix(dag_hash))
            self._listed[dag_hash] = self._catalog.spec(rows[0]) if rows else None
        return self._listed[dag_hash]

    def _known(self, dag_hash: str) -> Spec:
        spec = self._wanted(dag_hash)
        assert spec is not None  # only specs that are described are compared
        return spec

    def _compared(self, wanted: str, row: int) -> _Compared:
        """Two nodes of one name; many DAGs have both."""
        found = self._pairs.get((wanted, row))
        if found is None:
            spec = self._known(wanted)
            changes = list(self._own_changes(spec, self._spec(row)))
            below = list(self._below(spec, row, changes))
            found = self._pairs[wanted, row] = _Compared(tuple(changes), tuple(below))
        return found

    def _own_changes(self, wanted: Spec, other: Spec) -> Iterator[_Change]:
        if wanted.version != other.version:
            yield _Change("version", other.version, wanted.version)
        if wanted.external or other.external:
            yield from _external_changes(wanted, other)
            return
        if min(wanted.spec_format, other.spec_format) < FIRST_FORMAT_OF_1:
            pairs = (", ".join(other.compilers or ()), ", ".join(self._compilers(wanted)))
            if all(pairs) and pairs[0] != pairs[1]:
                yield _Change("compiler", *pairs)
        for name in ("target", "os", "platform"):
            have, want = getattr(other, name), getattr(wanted, name)
            if have and want and have != want:
                yield _Change(name, have, want)
        yield from _parameter_changes(wanted, Parameters(other.variants, other.flags, other.patches))
        if wanted.namespace and other.namespace not in ("", wanted.namespace):
            yield _Change("namespace", other.namespace, wanted.namespace)
        # Another version has another package hash in any case.
        is_comparable = wanted.package_hash and other.package_hash and wanted.version == other.version
        if is_comparable and wanted.package_hash != other.package_hash:
            yield _Change("recipe", other.package_hash[:SHORT_HASH], "")

    def _spec(self, row: int) -> Spec:
        if row not in self._rows:
            self._rows[row] = self._catalog.spec(row)
        return self._rows[row]

    def _below(self, wanted: Spec, row: int, changes: list[_Change]) -> Iterator[tuple[str, int]]:
        """The pairs of dependencies to compare further; those of one side alone are changes."""
        edges = self._catalog.edges(row)
        if not edges and not self._spec(row).spec_format:
            return  # pages do not list dependencies
        want, have = _by_name(wanted.dependencies), _rows_by_name(edges)
        lost = {name: edges[0] for name, edges in want.items() if name not in have}
        new = {name: edges[0] for name, edges in have.items() if name not in want}
        changes.extend(self._switched(lost, new))
        for name in sorted(want.keys() & have.keys(), key=lambda name: (_only_builds(want[name]), name)):
            known = {edge.dag_hash for edge in want[name]} & {e.dependency.dag_hash for e in have[name]}
            ours = [edge for edge in want[name] if edge.dag_hash not in known]
            theirs = [edge for edge in have[name] if edge.dependency.dag_hash not in known]
            for our, edge in zip(ours, theirs, strict=False):
                if edge.row is None or self._wanted(our.dag_hash) is None:
                    changes.append(_Change("unlisted", edge.dependency.dag_hash, our.dag_hash, name))
                else:
                    yield our.dag_hash, edge.row
            # One side may depend on two nodes of a package, such as a second one to build with.
            pairs = min(len(ours), len(theirs))
            changes.extend(_Change("went", "", self._wanted_name(each)) for each in ours[pairs:])
            changes.extend(_Change("came", self._named(each), "") for each in theirs[pairs:])

    def _switched(self, lost: dict[str, Dependency], new: dict[str, Edge]) -> Iterator[_Change]:
        """Other providers of a virtual, and dependencies that came or went."""
        for edge in list(lost.values()):
            provider = next(
                (e for e in new.values() if set(e.dependency.virtuals) & set(edge.virtuals)), None
            )
            if provider is not None:
                del lost[edge.name], new[provider.dependency.name]
                yield _Change("provider", self._named(provider), self._wanted_name(edge))
        for edge in lost.values():
            yield _Change("went", "", self._wanted_name(edge), is_injected=_is_injected(edge))
        for other in new.values():
            yield _Change("came", self._named(other), "", is_injected=_is_injected(other.dependency))

    def _named(self, edge: Edge) -> str:
        version = "" if edge.row is None else f"@{self._catalog.column('version')[edge.row]}"
        return f"{_sigil(edge.dependency)}{edge.dependency.name}{version}"

    def _wanted_name(self, edge: Dependency) -> str:
        spec = self._wanted(edge.dag_hash)
        return f"{_sigil(edge)}{edge.name}{f'@{spec.version}' if spec else ''}"


class _Change(Struct, frozen=True):
    """One thing in which a node differs in itself.

    Args:
        have: what the build has.
        want: what is wanted.
        name: the package of the node, unless the change may be that of many nodes; empty for the root.
        is_injected: Spack adds the dependency by itself, some versions of Spack do not.
    """

    what: str
    have: str
    want: str
    name: str = ""
    is_injected: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether several nodes that differ like this have one cause."""
        return self.what in _SHARED


class _Compared(Struct, frozen=True):
    """In what two nodes differ themselves, and the pairs of their dependencies that are not the same."""

    changes: tuple[_Change, ...]
    below: tuple[tuple[str, int], ...]


def _of_package(change: _Change, name: str) -> _Change:
    """A change of a node of some package."""
    return structs.replace(change, name=name)


def _of_number(values: Sequence[object], distance: Callable[[object], float]) -> Callable[[int], float]:
    return lambda number: distance(values[number])


def _by_name(edges: Iterable[Dependency]) -> dict[str, list[Dependency]]:
    found: dict[str, list[Dependency]] = {}
    for edge in edges:
        found.setdefault(edge.name, []).append(edge)
    return found


def _rows_by_name(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.dependency.name, []).append(edge)
    return found


def _external_changes(wanted: Spec, other: Spec) -> Iterator[_Change]:
    """Only that it is one, and where: what else a site says of its externals has little meaning."""
    if bool(wanted.external) != bool(other.external):
        yield _Change("external", *_KINDS[bool(wanted.external)])
    elif wanted.external != other.external and wanted.version == other.version:
        yield _Change("external", f"at {other.external}", wanted.external)


def _is_injected(edge: Dependency) -> bool:
    return (
        edge.name in _INJECTED or "libc" in edge.virtuals or not COMPILER_VIRTUALS.isdisjoint(edge.virtuals)
    )


def _only_builds(edges: Iterable[Dependency]) -> bool:
    return all(RUNTIME_DEPTYPES.isdisjoint(edge.deptypes) for edge in edges)


def _sigil(edge: Dependency) -> str:
    return "^" if COMPILER_VIRTUALS.isdisjoint(edge.virtuals) else "%"


def _parameter_changes(wanted: Spec, other: Parameters) -> Iterator[_Change]:
    yield from _value_changes(dict(wanted.variants), dict(other.variants), variant_text)
    yield from _value_changes(dict(wanted.flags), dict(other.flags), flags_text)
    if set(wanted.patches) != set(other.patches):
        yield _Change("patches", str(len(other.patches)), str(len(wanted.patches)))


def _value_changes(
    want: Mapping[str, VariantValue], have: Mapping[str, VariantValue], text: Callable[..., str]
) -> Iterator[_Change]:
    for name in sorted(want.keys() | have.keys()):
        if want.get(name) != have.get(name):
            before, after = (
                text(name, each[name]) if name in each else f"no {name}" for each in (have, want)
            )
            yield _Change("value", before, after)


def _cause(change: _Change, names: Sequence[str], package: str) -> str:
    """A change as a cause, which concerns builds of other packages too."""
    if change.is_shared:
        named = f"^{names[0] or package} " if len(names) == 1 else ""
        return f"{named}{change.what} {change.have} instead of {change.want}"
    return _words(change if change.name else _of_package(change, package), ())


def _words(change: _Change, names: Sequence[str]) -> str:
    """A change in words: `^hypre@2.32.0 instead of 2.31.0`."""
    if change.is_shared:
        text = f"{change.what} {change.have} instead of {change.want}"
        if "" in names:
            return text
        more = f" in {names[0]} and {len(names) - 1} more"
        return f"^{names[0]} {text}" if len(names) == 1 else text + more
    own = f"^{change.name} " if change.name else ""
    if form := _FORMS.get(change.what):
        return form.format(own=own, node=own.strip(), name=change.name, have=change.have, want=change.want)
    return f"{own}{change.have} instead of {change.want}"


_FORMS = {
    "version": "{node}@{have} instead of {want}",
    "patches": "{own}other patches",
    "recipe": "{own}another recipe",
    "namespace": "{own}namespace {have} instead of {want}",
    "unlisted": "^{name}/{have:.7} instead of /{want:.7}",
    "provider": "{have} instead of {want}",
    "went": "without {want}",
    "came": "with {have}",
}
"""What differs, and how it is written."""
