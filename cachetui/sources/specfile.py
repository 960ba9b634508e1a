"""Convert a spec node as Spack writes it, formats 1 to 6, to a Spec.

Most of a node repeats from record to record (architecture, parameters, edges): those parts stay raw JSON
while decoding, and each distinct text is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from cachetui.errors import SourceError
from cachetui.spec import (
    COMPILER_VIRTUALS,
    FLAG_NAMES,
    Dependency,
    Place,
    Spec,
    Variants,
    VariantValue,
    is_dag_hash,
    sort_deptypes,
)
from cachetui.text import clean, reason_of

_NULL_TEXT = b"null"
_NULL = Raw(_NULL_TEXT)
_NO_COMPILER = ("", "none")
_MAX_FORMAT = 99

T = TypeVar("T")

_Origin = tuple[str, str, str, tuple[str, ...], tuple[str, ...] | None, int, str]
"""Platform, os, target, its parents, compilers, format and external."""

MOST_PARAMETERS = 10_000
"""Parameters of a build; real ones have fewer than 200, and each takes hundreds of bytes."""

MOST_PARSED = 2 << 20
"""Bytes of the texts whose values are cached; as objects they may take forty times the memory."""

MOST_TEXTS = 1 << 14
"""Texts of one kind whose values are cached."""

Text = str | int | float | None


class _Parsed:
    """Counts the bytes of what is cached, and empties the caches when these are too many."""

    def __init__(self) -> None:
        self.caches: list[dict[bytes, Any]] = []
        self._bytes = 0

    def add(self, raw: bytes) -> None:
        """Count a text that is about to be parsed."""
        self._bytes += len(raw)
        if self._bytes > MOST_PARSED:
            self.forget()

    def forget(self) -> None:
        """Empty the caches."""
        for cache in self.caches:
            cache.clear()
        self._bytes = 0


_parsed = _Parsed()


class _Cached(dict[bytes, T]):
    """What a function returns for raw JSON, by that text: a dictionary is asked in half the time of a cache.

    Args:
        parse: may raise ValueError.
    """

    def __init__(self, parse: Callable[[bytes], T]) -> None:
        super().__init__()
        self._parse = parse
        _parsed.caches.append(self)

    def __missing__(self, raw: bytes) -> T:
        _parsed.add(raw)
        value = self._parse(raw)
        if len(self) >= MOST_TEXTS:
            self.clear()
        self[raw] = value
        return value


def forget_parsed() -> None:
    """Empty the caches of this module, which are of use only while an index is read."""
    _parsed.forget()


class SpecEdge(Struct, gc=False):
    """A dependency, in any of the three forms it has had."""

    name: str = ""
    hash: str | None = None
    full_hash: str | None = None
    build_hash: str | None = None
    type: Raw = _NULL
    parameters: Raw = _NULL


_EDGE = msgspec.json.Decoder(SpecEdge)
_EDGES = msgspec.json.Decoder(list[Raw] | dict[str, Raw] | None)
_NAMED_EDGE = msgspec.json.Decoder(dict[str, SpecEdge])
_RAWS = msgspec.json.Decoder(list[Raw])


class SpecNode(Struct, gc=False):
    """A spec node, with the keys that are read."""

    name: str | None = None
    version: Text = None
    versions: list[Text] | None = None
    arch: Raw = _NULL
    compiler: Raw = _NULL
    namespace: str | None = None
    parameters: Raw = _NULL
    package_hash: str | None = None
    dependencies: Raw = _NULL
    hash: str | None = None
    full_hash: str | None = None
    build_hash: str | None = None
    external: Raw = _NULL
    annotations: Raw = _NULL
    provided_virtuals: list[str] | None = None


class _Document(Struct):
    spec: Raw


class _Meta(Struct):
    version: int = 2


class _SpecDocument(Struct):
    nodes: list[SpecNode]
    meta: _Meta = msgspec.field(default_factory=_Meta, name="_meta")


def spec_from_node(
    node: SpecNode,
    dag_hash: str,
    *,
    spec_format: int,
    in_buildcache: bool = True,
    places: tuple[Place, ...] = (),
) -> Spec:
    """Convert a node to a Spec.

    Args:
        dag_hash: the key of the record.
        spec_format: the format of the file; an annotation of the node overrides it.
        places: where the record was found.

    Raises:
        ValueError: the node has no name, no version or a malformed hash.
    """
    if not node.name:
        raise ValueError("the spec has no name")
    check_dag_hash(dag_hash)
    version = node.version if node.version is not None else (node.versions or [None])[0]
    if version is None:
        raise ValueError("the spec has no version")
    platform, os, target, parents, compilers, own_format, external = _origin[
        b",".join((node.arch, node.compiler, node.annotations, node.external))
    ]
    variants, flags, patches = _parameters[bytes(node.parameters)]
    dependencies = _dependencies(bytes(node.dependencies))
    if compilers is None and not _has_compiler(dependencies):
        compilers = ()
    return Spec(
        name=clean(node.name),
        dag_hash=dag_hash,
        version=clean(str(version)),
        namespace=clean(node.namespace or ""),
        platform=platform,
        os=os,
        target=target,
        target_parents=parents,
        compilers=compilers,
        variants=variants,
        flags=flags,
        patches=patches,
        dependencies=dependencies,
        provided_virtuals=tuple(map(clean, node.provided_virtuals)) if node.provided_virtuals else (),
        package_hash=clean(node.package_hash or ""),
        external=external,
        in_buildcache=in_buildcache,
        spec_format=own_format or spec_format,
        places=places,
        legacy_hashes=_legacy_hashes(node, dag_hash),
    )


def check_dag_hash(text: str) -> None:
    """Raise ValueError if a text is not a DAG hash."""
    if not is_dag_hash(text):
        raise ValueError(f"the hash {clean(text[:40])!r} is not 32 characters of a-z2-7")


def _has_compiler(edges: Iterable[Dependency]) -> bool:
    for edge in edges:  # noqa: SIM110 - any() takes twice as long
        if edge.virtuals and not COMPILER_VIRTUALS.isdisjoint(edge.virtuals):
            return True
    return False


def read_document(data: bytes) -> Spec:
    """Read the root spec of a spec file (`spec.json`) of any format.

    Raises:
        SourceError: the file is not a spec file; the caller adds the place.
    """
    try:
        body = msgspec.json.decode(data, type=_Document).spec
        node, spec_format = _root(body)
        return spec_from_node(node, node.hash or "", spec_format=spec_format)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors too
        raise SourceError("spec file", reason_of(error)) from error


def _root(body: Raw) -> tuple[SpecNode, int]:
    if bytes(body).lstrip().startswith(b"["):
        listed = msgspec.json.decode(body, type=list[dict[str, SpecNode]])
        if not listed:
            raise ValueError("the spec file lists no specs")
        return named_node(listed[0]), 1
    document = msgspec.json.decode(body, type=_SpecDocument)
    if not document.nodes:
        raise ValueError("the spec file lists no specs")
    return document.nodes[0], document.meta.version


def named_node(named: dict[str, SpecNode]) -> SpecNode:
    """Return a node of format 1, the value of its name: `{name: {...}}`.

    Raises:
        ValueError: there is not exactly one name.
    """
    if len(named) != 1:
        raise ValueError("the spec has no name")
    ((name, node),) = named.items()
    node.name = name
    return node


def _legacy_hashes(node: SpecNode, dag_hash: str) -> tuple[str, ...]:
    if node.hash == dag_hash and node.full_hash is None and node.build_hash is None:
        return ()
    others = (node.hash, node.full_hash, node.build_hash)
    return tuple(h for h in others if h and h != dag_hash and is_dag_hash(h))


def named_edges(node: SpecNode) -> dict[str, Raw]:
    """Return the edges of formats 1 to 3 by the names that they lead to; none of other formats.

    Raises:
        ValueError: the dependencies are no edges.
    """
    edges = _EDGES.decode(node.dependencies)
    return edges if isinstance(edges, dict) else {}


def _dependencies(raw: bytes) -> tuple[Dependency, ...]:
    if raw == _NULL_TEXT:
        return ()
    if raw.startswith(b"[{") and raw.endswith(b"}}]"):
        try:
            # As Spack writes them. If this cuts within an edge, what it cuts off is no JSON.
            return tuple(filter(None, map(_dependency.__getitem__, raw[2:-3].split(b"}},{"))))
        except msgspec.DecodeError:
            pass
    return _listed_dependencies(raw)


def _listed_dependencies(raw: bytes) -> tuple[Dependency, ...]:
    """Read edges in any form, however they are written. Raises ValueError."""
    try:
        edges = _EDGES.decode(raw)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error} - at `$.spec.dependencies`") from error
    by_name = isinstance(edges, dict)
    members = list(edges.items() if isinstance(edges, dict) else enumerate(edges or ()))
    try:
        if by_name:
            texts = [b"%b:%b" % (msgspec.json.encode(name), edge) for name, edge in members if name]
            return tuple(filter(None, map(_named_dependency.__getitem__, texts)))
        return tuple(filter(None, [_whole_dependency[bytes(edge)] for _, edge in members]))
    except msgspec.ValidationError:
        for place, edge in members:
            _check_edge(f".{clean(str(place))}" if by_name else f"[{place}]", edge)
        raise


def _check_edge(place: str, edge: Raw) -> None:
    try:
        _EDGE.decode(edge)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error} - at `$.spec.dependencies{place}`") from error


@_Cached
def _dependency(raw: bytes) -> Dependency | None:
    """Read an edge whose first and last two braces were cut off."""
    return _dependency_of(_EDGE.decode(b"{%b}}" % raw))


@_Cached
def _whole_dependency(raw: bytes) -> Dependency | None:
    return _dependency_of(_EDGE.decode(raw))


@_Cached
def _named_dependency(raw: bytes) -> Dependency | None:
    ((name, edge),) = _NAMED_EDGE.decode(b"{%b}" % raw).items()
    edge.name = name
    return _dependency_of(edge)


def _dependency_of(edge: SpecEdge) -> Dependency | None:
    """Convert an edge; None if it has no name."""
    if not edge.name:
        return None
    deptypes, virtuals = _edge_attributes[b",".join((edge.parameters, edge.type))]
    dag_hash = edge.hash or edge.full_hash or edge.build_hash or ""
    return Dependency(clean(edge.name), dag_hash if is_dag_hash(dag_hash) else "", deptypes, virtuals)


@_Cached
def _edge_attributes(raw: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (deptypes, virtuals) of the parameters and the type of an edge."""
    parameters, old_type = _RAWS.decode(b"[%b]" % raw)
    given = _mapping(parameters)
    deptypes = _strings(given.get("deptypes")) or _strings(_json(old_type))
    return sort_deptypes(deptypes), tuple(sorted(_strings(given.get("virtuals"))))


@_Cached
def _origin(raw: bytes) -> _Origin:
    """Read architecture, compiler, annotations and external of a node, in this order."""
    arch, compiler, annotations, external = map(bytes, _RAWS.decode(b"[%b]" % raw))
    own_format, annotated = _annotations[annotations]
    compilers = annotated or _compiler[compiler]
    return *_architecture[arch], compilers, own_format, _external[external]


@_Cached
def _architecture(raw: bytes) -> tuple[str, str, str, tuple[str, ...]]:
    """Return (platform, os, target, parents of the target)."""
    arch = _json(raw)
    if isinstance(arch, str):
        platform, _, rest = arch.partition("-")
        os, _, target = rest.partition("-")
        return clean(platform), clean(os), clean(target), ()
    if not isinstance(arch, dict):
        return "", "", "", ()
    given = arch.get("target")
    parents: tuple[str, ...] = ()
    if isinstance(given, dict):
        parents = _strings(given.get("parents"))
        given = given.get("name")
    return _text(arch.get("platform")), _text(arch.get("platform_os")), _text(given), parents


@_Cached
def _compiler(raw: bytes) -> tuple[str, ...] | None:
    """Read the compiler attribute of formats 1 to 4; None if there is none."""
    value = _json(raw)
    if isinstance(value, dict):
        version = value.get("version") or (_strings(value.get("versions")) or ("",))[0]
        if isinstance(version, list):
            version = (_strings(version) or ("",))[0]
        name = _text(value.get("name"))
        value = f"{name}@{_text(version)}".rstrip("@") if name else ""
    return compiler_names(value) if isinstance(value, str) else None


def compiler_names(text: str) -> tuple[str, ...]:
    """Return (`gcc@11.4.0`,) for `gcc@=11.4.0` and `gcc@11.4.0`, and () for `none`."""
    name = clean(text.strip()).replace("@=", "@")
    return () if name in _NO_COMPILER else (name,)


@_Cached
def _annotations(raw: bytes) -> tuple[int, tuple[str, ...] | None]:
    """Return (format in which the spec was first written, or 0; compiler that built it, or None)."""
    given = _mapping(raw)
    written = given.get("original_specfile_version")
    compiler = given.get("compiler")
    return (
        written if type(written) is int and 0 < written <= _MAX_FORMAT else 0,
        compiler_names(compiler) if isinstance(compiler, str) else None,
    )


@_Cached
def _external(raw: bytes) -> str:
    """Return the prefix of an external, else its modules, else `external`; empty for any other spec."""
    given = _json(raw)
    if not given:
        return ""
    if not isinstance(given, dict):
        return "external"
    return _text(given.get("path")) or ",".join(_strings(given.get("module"))) or "external"


Parameters = tuple[Variants, tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]


@_Cached
def _parameters(raw: bytes) -> Parameters:
    """Split the parameters of a node into (variants, flags, patches). Raises ValueError."""
    given = _mapping(raw)
    if len(given) > MOST_PARAMETERS:
        raise ValueError(f"it has more than {MOST_PARAMETERS:,} parameters")
    patches = _strings(given.pop("patches", None))
    flags = tuple((name, words) for name in FLAG_NAMES if (words := _strings(given.pop(name, None))))
    values = {
        clean(name): read for name, value in given.items() if (read := variant_value(value)) is not None
    }
    values.pop("", None)
    return tuple((name, values[name]) for name in sorted(values)), flags, patches


def variant_value(value: object) -> VariantValue | None:
    """Convert a JSON value to that of a variant; as in Spack, any spelling of true and false is a boolean."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return tuple(sorted(_strings(value)))
    if not isinstance(value, str | int | float):
        return None
    text = _text(value)
    return text.lower() == "true" if text.lower() in ("true", "false") else text


def _text(value: object) -> str:
    return clean(str(value)) if isinstance(value, str | int | float) else ""


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (clean(value),) if value else ()
    if not isinstance(value, list):
        return ()
    return tuple(text for text in map(_text, value) if text)


def _mapping(raw: bytes) -> dict[str, Any]:
    value = _json(raw)
    return value if isinstance(value, dict) else {}


def _json(raw: bytes) -> Any:
    return None if raw == b"null" else msgspec.json.decode(raw)
