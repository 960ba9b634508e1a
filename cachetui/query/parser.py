"""Spack's spec syntax, as Spack 0.23 and as Spack 1.x read it, to a tree.

    query      = [ node ] { dependency }
    node       = [ name ] { attribute }                  at least one of them
    name       = [ namespace { "." namespace } "." ] id
               | "*"                                     any name (1.x)
    attribute  = version | boolean | value | hash | compiler
    version    = "@" list | "@" git                      @1.14  @=1.14.6  @1.12:1.14  @:1.12,2:
    list       = item { "," item }
    item       = vid | "=" vid | [ vid ] ":" [ vid ]     that and all that begin so, exactly that, a range
    git        = ( "git." ref | 40 hex digits ) [ "=" vid ]
    boolean    = ( "+" | "~" | "-" ) vname               "-" stands after a blank: hdf5-mpi is a name
               | ( "++" | "~~" | "--" ) vname            so in the whole DAG
    value      = key ( "=" | "==" ) text                 text with commas: all of these
               | key ( ":=" | ":==" ) text               these and no others (1.x)
    key        = "arch" | "platform" | "os" | "target" | "namespace" | flag | vname
    flag       = "cflags" | "cppflags" | "cxxflags" | "fflags" | "ldflags" | "ldlibs"
    text       = bare | "'" any "'" | '"' any '"'        \\' and \\" stand for quotes within quotes
    hash       = "/" [a-zA-Z0-9_]+
    compiler   = "%" vname [ "@" list ]                  (0.23) one for each node
    dependency = "^" [ edge ] node                       somewhere in the DAG
               | ( "%" | "%%" ) [ edge ] node            (1.x) a direct dependency of the node before it:
                                                         of the last "^", or of the root
    edge       = "[" { "deptypes=" types | "virtuals=" ids | "when=" text } "]"   "when" in 1.x only
               | ids "="                                 (1.x) [virtuals=ids] in short: %c,cxx=gcc
    ids        = id { "," id }
    id         = [a-zA-Z0-9_] { [a-zA-Z0-9_-] }
    vname, vid = [a-zA-Z0-9_] { [a-zA-Z0-9_.-] }

In Spack 0.23 `%gcc@11 +mpi` is a compiler and a variant of the root; in 1.x `+mpi` belongs to gcc.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import NoReturn

from msgspec.structs import replace

from cachetui.errors import QuerySyntaxError
from cachetui.query.limits import ENOUGH_OF_A_HASH, MOST_NAMELESS
from cachetui.query.merge import Conflict, check_conflict, merged_flags, with_dependency
from cachetui.query.nodes import Compiler, Dialect, Flags, Query, QueryEdge, QueryNode, Variant
from cachetui.query.token_kinds import TokenKind
from cachetui.query.tokens import Token, tokenize
from cachetui.spec import DEPTYPES, FLAG_NAMES, flag_words
from cachetui.spelling import IDENTIFIER
from cachetui.version import VersionList, VersionSyntaxError, parse_versions

_ARCH_KEYS = {
    "arch": "arch",
    "architecture": "arch",
    "platform": "platform",
    "os": "os",
    "operating_system": "os",
    "target": "target",
}
_IDENTIFIER = re.compile(IDENTIFIER)
_OF_THE_HOST = frozenset({"default_os", "default_target", "frontend", "fe", "backend", "be"})
_ESCAPED = {"'": re.compile(r"\\(')"), '"': re.compile(r'\\(["\\])')}
_NOT_PROPAGATED = frozenset({*_ARCH_KEYS, "namespace", "patches", "dev_path"})
_MAX_CONDITIONS = 8
"""How deep conditions stand within conditions; the quotes of deeper ones take megabytes to write."""
_EDGE_KEYS = {Dialect.SPACK_0: ("deptypes", "virtuals"), Dialect.SPACK_1: ("deptypes", "virtuals", "when")}


def parse(text: str, dialect: Dialect = Dialect.SPACK_1) -> Query:
    """Parse a text as one Spack reads it. Raises QuerySyntaxError at what cannot be read."""
    return _Parser(text, dialect).query()


class _Parser:
    """Parses the tokens of one text, from left to right."""

    def __init__(self, text: str, dialect: Dialect, parent: _Parser | None = None) -> None:
        self.text = text
        self.dialect = dialect
        self.depth: int = parent.depth + 1 if parent else 0
        self.nameless: Iterator[int] = parent.nameless if parent else count(1)
        self.tokens = tokenize(text, dialect)
        self.position = 0
        self.attributes: Mapping[TokenKind, Callable[[QueryNode, Token], QueryNode]] = {
            TokenKind.VERSION: self._version,
            TokenKind.BOOLEAN: self._boolean,
            TokenKind.VALUE: self._value,
            TokenKind.COMPILER: self._compiler,
            TokenKind.HASH: self._hash,
        }

    def _next(self) -> Token | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def _accept(self, *kinds: TokenKind) -> Token | None:
        """Consume the next token if it is of one of these kinds."""
        token = self._next()
        if token is None or token.kind not in kinds:
            return None
        self.position += 1
        return token

    def _fail(self, reason: str, token: Token | None) -> NoReturn:
        span = (token.start, token.end) if token else (len(self.text), len(self.text) + 1)
        raise QuerySyntaxError(reason, self.text, span)

    @contextmanager
    def _blaming(self, first: Token, last: Token) -> Iterator[None]:
        """Report conflicts and bad versions as syntax errors at these tokens."""
        try:
            yield
        except (Conflict, VersionSyntaxError) as error:
            reason = " ".join(str(error).split())  # values may hold line breaks
            raise QuerySyntaxError(reason, self.text, (first.start, last.end)) from None

    # query = [ node ] { dependency }

    def query(self) -> Query:
        """Parse all tokens as one query."""
        query = Query(self._node(""))
        of_root = True
        current = 0
        while token := self._accept(TokenKind.DEPENDENCY, TokenKind.EDGE_START):
            dependency = self._dependency(token)
            with self._blaming(token, self.tokens[self.position - 1]):
                if not dependency.direct:
                    check_conflict(query.root.direct, dependency, self.dialect)
                    known, current = with_dependency(query.dependencies, dependency, self.dialect)
                    query, of_root = replace(query, dependencies=known), False
                elif of_root:
                    query = replace(query, root=self._with_direct(query.root, dependency))
                else:
                    query = self._with_direct_of(query, current, dependency)
        if token := self._next():
            self._fail(_left_over(token), token)
        return query

    def _with_direct(self, node: QueryNode, dependency: QueryEdge) -> QueryNode:
        return replace(node, direct=with_dependency(node.direct, dependency, self.dialect)[0])

    def _with_direct_of(self, query: Query, position: int, dependency: QueryEdge) -> Query:
        """Return the query with a direct dependency added to one of its dependencies."""
        known = list(query.dependencies)
        known[position] = replace(known[position], node=self._with_direct(known[position].node, dependency))
        return replace(query, dependencies=tuple(known))

    # node = [ name ] { attribute }

    def _node(self, name: str) -> QueryNode:
        token = None if name else self._accept(TokenKind.NAME)
        namespace, _, name = (name or (token.text if token else "")).rpartition(".")
        node = QueryNode("" if name == "*" else name, namespace)
        while (token := self._next()) and token.kind in self.attributes:
            if token.kind is TokenKind.HASH and node.hash_prefix:
                break
            self.position += 1
            node = self.attributes[token.kind](node, token)
        return node

    def _version(self, node: QueryNode, token: Token) -> QueryNode:
        if node.versions is not None:
            self._fail("a spec has one @; write several versions as a list, as in @1.12,1.14", token)
        return replace(node, versions=self._versions(token.parts["versions"], token))

    def _versions(self, text: str | None, token: Token) -> VersionList:
        with self._blaming(token, token):
            return parse_versions(text or ":")

    def _boolean(self, node: QueryNode, token: Token) -> QueryNode:
        sign, name = token.parts["sign"] or "", token.parts["variant"] or ""
        return self._with_variant(node, Variant(name, sign[0] == "+", propagated=len(sign) == 2), token)

    def _with_variant(self, node: QueryNode, variant: Variant, token: Token) -> QueryNode:
        if any(known.name == variant.name for known in node.variants):
            self._fail(f"the variant {variant.name} is given twice", token)
        return replace(node, variants=tuple(sorted((*node.variants, variant), key=_name)))

    def _compiler(self, node: QueryNode, token: Token) -> QueryNode:
        if node.compiler is not None:
            self._fail("a spec has one compiler in Spack 0.23", token)
        text = token.parts["compiler_versions"]
        versions = self._versions(text, token) if text else None
        return replace(node, compiler=Compiler(token.parts["compiler"] or "", versions))

    def _hash(self, node: QueryNode, token: Token) -> QueryNode:
        return replace(node, hash_prefix=token.parts["digits"] or "")

    # value = key operator text

    def _value(self, node: QueryNode, token: Token) -> QueryNode:
        key, operator = token.parts["key"] or "", token.parts["operator"] or ""
        value, propagated = _unquoted(token.parts["value"] or ""), operator.endswith("==")
        if propagated and key in _NOT_PROPAGATED:
            self._fail(f"{key} is not propagated; write {key}= with one =", token)
        if key in _ARCH_KEYS:
            return self._architecture(node, _ARCH_KEYS[key], value, token)
        if key == "namespace":
            return replace(node, namespace=value)
        if key in FLAG_NAMES:
            return replace(node, flags=merged_flags((*node.flags, Flags(key, flag_words(value), propagated))))
        return self._with_variant(node, self._variant(key, operator, value, token), token)

    def _variant(self, key: str, operator: str, value: str, token: Token) -> Variant:
        exact, propagated = operator.startswith(":"), operator.endswith("==")
        old = self.dialect is Dialect.SPACK_0
        values = re.split(r"\s*,\s*", value.strip()) if old else value.split(",")
        for alone in ("*", "none") if old else ("*",):
            if alone in values and len(values) > 1:
                self._fail(f"{alone} cannot be part of a list of values", token)
        first, *more = sorted(set(values))
        if not more and first.lower() in ("true", "false"):
            return Variant(key, first.lower() == "true", propagated=propagated)
        if first == "*":
            return Variant(key, (), propagated=propagated)
        return Variant(key, (first, *more), exact, propagated)

    def _architecture(self, node: QueryNode, key: str, value: str, token: Token) -> QueryNode:
        given = {key: value}
        if key == "arch":
            parts = value.split("-")
            whole = parts if len(parts) == 3 else ["", "", value]
            if node.platform or node.os or node.target:
                self._fail("the architecture is given twice", token)
            given = dict(zip(("platform", "os", "target"), whole, strict=True))
        for part, text in given.items():
            if getattr(node, part):
                self._fail(f"{part} is given twice", token)
            if text in _OF_THE_HOST and part != "platform":
                self._fail(f"{text} is another {part} on each machine; name the {part} itself", token)
        known = {part: "" if text == "None" else text for part, text in given.items()}
        return replace(
            node,
            platform=known.get("platform", node.platform),
            os=known.get("os", node.os),
            target=known.get("target", node.target),
        )

    # dependency = sigil [ edge ] node

    def _dependency(self, sigil: Token) -> QueryEdge:
        if sigil.kind is TokenKind.DEPENDENCY:
            edge = QueryEdge(QueryNode(), virtuals=_ids(sigil.parts.get("virtuals")))
            package = sigil.parts.get("package")
            written = sigil.parts["sigil"] or ""
        else:
            edge, package = self._edge()
            written = sigil.parts["edge"] or ""
        if (
            written.startswith("%")
            and sigil.kind is TokenKind.DEPENDENCY
            and not package
            and self._next() is None
        ):
            self._fail("a compiler or package is expected after %, as in %gcc", sigil)
        node = self._node(package or "")
        if self.dialect is Dialect.SPACK_0 and node == QueryNode():
            self._fail("a dependency is expected after ^, as in ^zlib", sigil)
        is_found_by_itself = node.name or len(node.hash_prefix) >= ENOUGH_OF_A_HASH
        if not is_found_by_itself and next(self.nameless) > MOST_NAMELESS:
            self._fail(f"a query has at most {MOST_NAMELESS} dependencies without a name", sigil)
        return replace(
            edge,
            node=node,
            direct=written.startswith("%"),
            preferred=written == "%%",
            dialect=self.dialect,
        )

    def _edge(self) -> tuple[QueryEdge, str | None]:
        """(a dependency with the attributes of its edge, the package that is named with the last of them)."""
        edge = QueryEdge(QueryNode())
        while token := self._accept(TokenKind.VALUE):
            edge = self._with_attribute(edge, token)
        end = self._accept(TokenKind.EDGE_END)
        if end is None:
            self._fail("edge attributes are key=value and end with ], as in ^[virtuals=mpi]", self._next())
        virtuals = sorted({*edge.virtuals, *_ids(end.parts.get("edge_virtuals"))})
        return replace(edge, virtuals=tuple(virtuals)), end.parts.get("edge_package")

    def _with_attribute(self, edge: QueryEdge, token: Token) -> QueryEdge:
        key, value = token.parts["key"] or "", _unquoted(token.parts["value"] or "")
        known = _EDGE_KEYS[self.dialect]
        if key not in known or "==" in (token.parts["operator"] or ""):
            self._fail(f"edge attributes are {', '.join(f'{name}=' for name in known)}", token)
        if key == "when":
            return replace(edge, when=self._condition(value, token))
        if key == "virtuals":
            if not all(map(_IDENTIFIER.fullmatch, value.split(","))):
                self._fail("virtuals are names, as in virtuals=mpi or virtuals=c,cxx", token)
            return replace(edge, virtuals=_ids(value))
        types = value.split(",")
        if not set(types) <= set(DEPTYPES):
            self._fail(f"dependency types are {', '.join(DEPTYPES)}", token)
        return replace(edge, deptypes=tuple(kind for kind in DEPTYPES if kind in types))

    def _condition(self, text: str, token: Token) -> Query:
        if self.depth == _MAX_CONDITIONS:
            self._fail("conditions are nested too deeply", token)
        try:
            return _Parser(text, self.dialect, self).query()
        except QuerySyntaxError as error:
            raise QuerySyntaxError(str(error), self.text, (token.start, token.end)) from None


def _name(variant: Variant) -> str:
    return variant.name


def _ids(text: str | None) -> tuple[str, ...]:
    return tuple(sorted(set(text.split(",")))) if text else ()


def _unquoted(text: str) -> str:
    quote = text[:1]
    if quote not in _ESCAPED or len(text) < 2 or text[-1] != quote:
        return text
    return _ESCAPED[quote].sub(r"\1", text[1:-1])


def _left_over(token: Token) -> str:
    if token.kind is TokenKind.FILE:
        return "files are not read here; write the spec itself"
    if token.kind is TokenKind.EDGE_END:
        return "edge attributes begin with ^["
    if token.kind is TokenKind.HASH:
        return "one hash at a time"
    return "only one spec: the name comes first, and only once"
