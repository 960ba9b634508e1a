"""The JSON documents that Spack writes of concrete specs, each with its roots and edges.

`spack.lock` of formats 1 to 7, `spec.json` of formats 1 to 6 (also what `spack spec --json` and
`spack find --json` print), one or several in a file. Nothing here follows edges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from cachetui.errors import SourceError
from cachetui.sources.specfile import SpecNode, named_edges, named_node, spec_from_node
from cachetui.sources.wanted import Wanted, WantedRoot
from cachetui.spec import Dependency, Spec, is_dag_hash
from cachetui.text import clean, reason_of

NEWEST_LOCK, NEWEST_SPEC = 7, 6

_SPEC_FORMATS = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6}
"""Format of a lock file to that of the specs in it."""

_MOST_DOCUMENTS = 10_000

_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")

_ABSENT = Raw(b"")

_SORRY = "neither a spack.lock nor a spec.json"


class _LockMeta(Struct):
    lockfile_version: int | str = msgspec.field(default=0, name="lockfile-version")
    specfile_version: int = msgspec.field(default=0, name="specfile-version")


class _Root(Struct):
    hash: str = ""
    spec: str = ""


class _Part(Struct):
    """The specs of an environment, or of one that it includes."""

    roots: list[_Root] = []
    concrete_specs: dict[str, Raw] = {}
    include_concrete: dict[str, Raw] = {}


class _SpecMeta(Struct):
    version: int = 2


class _Nodes(Struct):
    nodes: list[Raw]
    meta: _SpecMeta = msgspec.field(default_factory=_SpecMeta, name="_meta")


class _Document(Struct):
    """The keys that tell documents apart, and the parts of those that are read."""

    meta: Raw = msgspec.field(default=Raw(b"null"), name="_meta")
    concrete_specs: Raw = _ABSENT
    spec: Raw = _ABSENT
    nodes: Raw = _ABSENT
    database: Raw = _ABSENT
    name: Raw = _ABSENT


class _Keyed(Struct):
    """A node, and all hashes by which edges may mean it."""

    spec: Spec
    keys: tuple[str, ...]


class _Found(Struct):
    nodes: list[_Keyed]
    roots: list[WantedRoot]
    notes: list[str]


def read_documents(data: bytes, place: str) -> Wanted:
    """Read all documents of a text. Raises SourceError."""
    found = _Found([], [], [])
    several = 0
    for number, document in enumerate(_documents(data, place), 1):
        where = place if number == 1 else f"{place}, document {number}"
        try:
            _read_document(document, found)
        except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors too
            raise SourceError(where, reason_of(error)) from error
        several = number
    if not found.roots:
        none = "it has no specs; concretize the environment first"
        raise SourceError(place, "no document has a spec" if several > 1 else none)
    aliases = _aliases(found.nodes)
    specs = {node.spec.dag_hash: _with_edges(node.spec, aliases) for node in found.nodes}
    roots = (WantedRoot(root.text, aliases.get(root.dag_hash, root.dag_hash)) for root in found.roots)
    return Wanted(place, specs, _distinct(roots), notes=tuple(dict.fromkeys(found.notes)))


def _documents(data: bytes, place: str) -> Iterator[Raw]:
    """The JSON values that follow each other in a text, as `spack spec --json A B` prints them."""
    rest = memoryview(data)
    for _ in range(_MOST_DOCUMENTS):
        try:
            end = _end_of_value(rest)
        except (ValueError, RecursionError) as error:
            reason = f"truncated or damaged JSON ({reason_of(error)}); write the file again"
            raise SourceError(place, reason) from error
        yield Raw(rest[:end])
        rest = rest[end:]
        if not rest:
            return
    raise SourceError(place, f"it has more than {_MOST_DOCUMENTS:,} documents; check them in parts")


def _end_of_value(text: memoryview) -> int:
    """Where the text behind the first JSON value of a text begins. Raises ValueError."""
    try:
        msgspec.json.decode(text, type=Raw)
    except msgspec.DecodeError as error:
        if found := _TRAILING.search(str(error)):
            return int(found[1]) - 1
        raise
    return len(text)


def _read_document(document: Raw, found: _Found) -> None:
    body = bytes(document).lstrip()
    if body.startswith(b"["):
        _read_listed(document, found)
        return
    given = msgspec.json.decode(document, type=_Document)
    if given.concrete_specs:
        _read_lock(document, given.meta, found)
    elif given.spec:
        _read_spec(given.spec, found)
    elif given.nodes:
        _read_spec(document, found)
    elif given.name:
        _add_root(_nodes([document], NEWEST_SPEC), found)
    elif given.database:
        raise ValueError("this is an index; give it as a location, behind the files to check")
    else:
        raise ValueError(f"{_SORRY}: it has no `concrete_specs` and no `spec`")


# spack.lock


def _read_lock(document: Raw, raw_meta: Raw, found: _Found) -> None:
    meta = msgspec.json.decode(raw_meta, type=_LockMeta | None) or _LockMeta()
    version = _number(meta.lockfile_version)
    if version > NEWEST_LOCK:
        found.notes.append(f"lock file format {version} is newer than {NEWEST_LOCK}; read as {NEWEST_LOCK}")
    spec_format = meta.specfile_version or _SPEC_FORMATS.get(version, NEWEST_SPEC)
    # An environment may include others, which may include others.
    pending = [document]
    while pending:
        part = msgspec.json.decode(pending.pop(), type=_Part)
        pending.extend(part.include_concrete.values())
        for key, raw in part.concrete_specs.items():
            found.nodes.append(_keyed(*_lock_node(raw, key), key, spec_format))
        _add_lock_roots(part.roots, found)


def _add_lock_roots(roots: Iterable[_Root], found: _Found) -> None:
    for root in roots:
        if not is_dag_hash(root.hash):
            raise ValueError(f"the root {clean(root.spec)[:80]!r} has no hash: concretize the environment")
        found.roots.append(WantedRoot(clean(root.spec), root.hash))


def _lock_node(raw: Raw, key: str) -> tuple[SpecNode, str]:
    """A node of a lock file: formats 1 to 3 have it below its name. Raises ValueError."""
    place = f"concrete_specs.{clean(key)[:40]}"
    try:
        node = msgspec.json.decode(raw, type=SpecNode)
        if node.name is not None or node.version:
            return node, place
    except msgspec.ValidationError as error:
        # A package may be called `name`, or `version`.
        if b'"name":' in bytes(raw)[:40].replace(b" ", b"") and _is_node(raw):
            raise ValueError(f"{error} (in `{place}`)") from error
    try:
        return named_node(msgspec.json.decode(raw, type=dict[str, SpecNode])), place
    except ValueError as error:
        raise ValueError(f"{error} (in `{place}`)") from error


def _is_node(raw: Raw) -> bool:
    return b'"arch"' in bytes(raw) and b'"hash"' in bytes(raw)


def _number(version: int | str) -> int:
    try:
        return int(version)
    except ValueError:
        raise ValueError(f"the lock file format {clean(str(version))[:40]!r} is not a number") from None


# spec.json


def _read_spec(body: Raw, found: _Found) -> None:
    if bytes(body).lstrip().startswith(b"["):
        named = msgspec.json.decode(body, type=list[dict[str, SpecNode]])
        nodes = list(map(named_node, named))
        by_name = _hashes_by_name(nodes)
        keyed = [
            _keyed(node, f"spec.{clean(str(node.name))}", by_name.get(str(node.name), ""), 1)
            for node in nodes
        ]
    else:
        given = msgspec.json.decode(body, type=_Nodes)
        if given.meta.version > NEWEST_SPEC:
            newer = f"spec format {given.meta.version} is newer than {NEWEST_SPEC}; read as {NEWEST_SPEC}"
            found.notes.append(newer)
        keyed = _nodes(given.nodes, given.meta.version)
    if not keyed:
        raise ValueError("the spec file lists no specs")
    _add_root(keyed, found)


def _add_root(keyed: list[_Keyed], found: _Found) -> None:
    """Add the nodes of a spec, its root first."""
    found.nodes.extend(keyed)
    found.roots.append(WantedRoot("", keyed[0].spec.dag_hash))


def _nodes(raw_nodes: Iterable[Raw], spec_format: int) -> list[_Keyed]:
    nodes = (msgspec.json.decode(raw, type=SpecNode) for raw in raw_nodes)
    return [_keyed(node, f"nodes[{i}]", "", spec_format) for i, node in enumerate(nodes)]


def _hashes_by_name(nodes: Iterable[SpecNode]) -> dict[str, str]:
    """The hashes that format 1 may have only at the edges to a node; names are unique there."""
    found: dict[str, str] = {}
    for node in nodes:
        for name, raw in named_edges(node).items():
            edge = msgspec.json.decode(raw, type=_Root)
            found.setdefault(name, edge.hash)
    return found


def _read_listed(document: Raw, found: _Found) -> None:
    """Read a list of nodes, as `spack find --json` prints them, or of documents: each is a root."""
    for raw in msgspec.json.decode(document, type=list[Raw]):
        if not bytes(raw).lstrip().startswith(b"{"):
            raise ValueError(f"{_SORRY}: a list of something else")
        _read_document(raw, found)


# nodes of all documents


def _keyed(node: SpecNode, place: str, key: str, spec_format: int) -> _Keyed:
    """A node by its hash, else by the key that the file has for it. Raises ValueError."""
    name = clean(node.name or "")[:80]
    dag_hash = node.hash or key
    if not dag_hash:
        raise ValueError(f"{name or 'a spec'} has no hash, so it is not concrete (in `{place}`)")
    try:
        spec = spec_from_node(node, dag_hash, spec_format=spec_format)
    except ValueError as error:
        raise ValueError(f"{error} (in `{place}`)") from error
    return _Keyed(spec, tuple(filter(None, (dag_hash, key, node.full_hash, node.build_hash))))


def _aliases(nodes: Iterable[_Keyed]) -> dict[str, str]:
    """Each hash of a node to the one that caches have."""
    aliases: dict[str, str] = {}
    for node in nodes:
        for key in node.keys:
            aliases.setdefault(key, node.spec.dag_hash)
    return aliases


def _with_edges(spec: Spec, aliases: Mapping[str, str]) -> Spec:
    edges = tuple(_with_hash(edge, aliases) for edge in spec.dependencies)
    return spec if edges == spec.dependencies else replace(spec, dependencies=edges)


def _with_hash(edge: Dependency, aliases: Mapping[str, str]) -> Dependency:
    known = aliases.get(edge.dag_hash, edge.dag_hash)
    return edge if known == edge.dag_hash else replace(edge, dag_hash=known)


def _distinct(roots: Iterable[WantedRoot]) -> tuple[WantedRoot, ...]:
    """The roots in their order; one that is asked for twice, once."""
    found: dict[str, WantedRoot] = {}
    for root in roots:
        if root.dag_hash not in found or not found[root.dag_hash].text:
            found[root.dag_hash] = root
    return tuple(found.values())
