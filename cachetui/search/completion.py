"""Completes the query at the cursor with values that matching builds have, most frequent first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from msgspec.structs import replace
from pyroaring import BitMap

from cachetui.catalog import NO_COMPILER, EdgeKind
from cachetui.errors import HostError, QuerySyntaxError
from cachetui.query import LONGEST, Dialect, QueryNode, value_text
from cachetui.search.engine import Engine
from cachetui.search.evaluate import BUILTIN_OF_LEGACY
from cachetui.search.matching import any_of
from cachetui.search.offers import Completion, Completions
from cachetui.search.reading import split_words
from cachetui.search.selection import Selection
from cachetui.search.targets import UnknownTarget
from cachetui.version import VersionSyntaxError, parse_versions

LIMIT, FEW = 20, 8
"""The number of completions; the same where counting the builds of one is slow (see `_counted`)."""

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.\-]*"
# What is being typed at the end of the text, from its sigil or key on. The order matters: `%c,cxx=` is an
# edge with virtuals before it is a key. Within a value `+` and `~` are characters (`target=x+y`), elsewhere
# they begin a variant: hence the conditional group for `part`.
_FRAGMENT = re.compile(
    rf"""
    (?:
        (?P<edge>[%^])%?\s*(?:{_NAME},)*(?P<virtual>{_NAME})=
      | (?<![%^,\w.\-])(?P<key>{_NAME}):?==?(?:[^\s'"]*[,:])?
      | @\s*(?P<version>(?:[\w.\-=]*[,:])*=?)
      | (?P<sign>\+\+?|~~?|(?<!\S)--?)\s*
      | (?P<sigil>[%^])%?\s*(?:\[[^\]]*\]\s*)?
    )
    (?P<part>(?(key)[^\s,:=@%^'"]*|[^\s,:=@%^'"+~]*))$
    """,
    re.VERBOSE,
)
_LOW_TARGET = re.compile(r"[=,]([^=,:]+):[^=,:]*$")
_CLOSED = re.compile(r"""(?:[^'"]|'[^']*'|"[^"]*")*""")
"""A text without an open quote."""

_ROOT = re.compile(r"[A-Za-z0-9_][\w\-]+")
"""The name of the root while it is typed, of two letters at least."""

_VARIANT = re.compile(rf"(?:[+~]|(?<!\S)-)\s*({_NAME})")
_OWNER = re.compile(rf"([%^])%?\s*(?:\[[^\]]*\]\s*)?(?:(?:{_NAME},)*{_NAME}=)?({_NAME})")


def complete(engine: Engine, selection: Selection, position: int) -> Completions:
    """Complete the text of a selection at a position."""
    if len(selection.text) > LONGEST:
        return Completions()
    before = selection.text[:position]
    found = _FRAGMENT.search(before)
    if found is None and _ROOT.fullmatch(before):
        return _roots(engine, before)
    if found is None or not _CLOSED.fullmatch(before):
        return Completions()
    part = found["part"]
    items = _Place(engine, selection, found, position).items(part)
    # Sorting is stable: among equals the facet's own order stays.
    items.sort(key=lambda item: -item.count)
    return Completions(part, tuple(items[:LIMIT]) if [i.text for i in items] != [part] else ())


def _roots(engine: Engine, part: str) -> Completions:
    """The virtuals that begin with a part and that builds provide; the list beside it shows the packages."""
    catalog, evaluator = engine.catalog, engine.evaluator
    names = {name for name in evaluator.providers.known if name.startswith(part) and name != part}
    if not names or catalog.package_rows(part):
        return Completions()
    begun = [package for package in catalog.packages if package.startswith(part)]
    # A name that continues that of a package is in the way of who types that one: zlib, zlib-api.
    names = {name for name in names if not name.startswith(tuple(begun))}
    counts = ((name, len(evaluator.named(QueryNode(name)) & catalog.listed)) for name in sorted(names))
    items = sorted((Completion(name, n) for name, n in counts if n), key=lambda item: -item.count)
    return Completions(part, tuple(items[:LIMIT]))


def without_unfinished(text: str) -> str | None:
    """Remove the part of a query that is being typed; None if there is none."""
    found = _FRAGMENT.search(text) if len(text) <= LONGEST else None
    return text[: found.start()] if found and _CLOSED.fullmatch(text) else None


class _Place:
    """The place of the cursor: the node it belongs to, and the builds that match the rest of the query."""

    def __init__(self, engine: Engine, selection: Selection, found: re.Match[str], position: int) -> None:
        self.engine = engine
        self.catalog = engine.catalog
        self.found = found
        self.before = selection.text[: found.start()]
        self.rows = self._result(selection, selection.text[position:])
        self.sigil, self.name, self.begin = self._owner()

    def _result(self, selection: Selection, after: str) -> BitMap:
        for text in (self.before + after, self.before):
            with suppress(QuerySyntaxError):
                return self.engine.select(replace(selection, text=text)).rows
        return self.catalog.listed

    def _owner(self) -> tuple[str, str, int]:
        """(sigil, name, position) of the dependency that the cursor belongs to; empty: the root."""
        *_, last = (None, *_OWNER.finditer(self.before))
        to_0 = self.engine.dialect is Dialect.SPACK_0
        of_the_root = last is None or (to_0 and last[1] == "%" and last.end() != len(self.before.rstrip()))
        if last is None or of_the_root:
            return "", "", 0
        is_alias = last[1] == "%" and not to_0
        return last[1], BUILTIN_OF_LEGACY.get(last[2], last[2]) if is_alias else last[2], last.start()

    def items(self, part: str) -> list[Completion]:
        """The completions that begin with `part`."""
        found = self.found
        if found["virtual"] or found["sigil"] == "^":
            virtual = found["virtual"]
            names = self._providers(part, virtual) if virtual else self._dependencies(part)
            return [Completion(name, count) for name, count in names.items()]
        if found["sigil"]:
            return self._compilers(part)
        if found["sign"]:
            given = set(_VARIANT.findall(self.before[self.begin :]))
            sign = "+" if found["sign"][0] == "+" else "~"
            variants = self._values("variant", sign)
            return self._counted([each for each in variants if each[0] not in given], part)
        if found["version"] is not None:
            return self._versions(part, found["version"])
        return self._assigned(part, found["key"])

    # values: (text, rows)

    def _values(self, facet: str, start: str = "") -> list[tuple[str, BitMap]]:
        """The values of a facet with a prefix, without it, and their rows."""
        try:
            index = self.engine.attributes.index(facet)
        except HostError:  # what runs on it is not known
            return []
        return [
            (value_text(value[len(start) :]), rows)
            for value, rows in zip(index.values, index.bitmaps, strict=True)
            if value.startswith(start)
        ]

    def _versions(self, part: str, typed: str) -> list[Completion]:
        if self.sigil == "%" and self.engine.dialect is Dialect.SPACK_0:
            return self._counted(self._values("compiler", f"{self.name}@"), part)
        # A virtual has its own versions, not those of its providers.
        if self.engine.evaluator.is_virtual(self.name or split_words(self.before).words):
            return []
        return self._counted(
            self._values("version"), part, partial(self._versions_of, typed) if typed else None
        )

    def _versions_of(self, typed: str, version: str) -> BitMap:
        """The builds that match a list or range once completed with a version; none if it is malformed."""
        try:
            versions = parse_versions(typed + version)
        except VersionSyntaxError:
            return BitMap()
        return self.engine.evaluator.matcher.version("", versions, self.engine.dialect)

    def _assigned(self, part: str, key: str) -> list[Completion]:
        key = {"operating_system": "os"}.get(key, key)
        low = _LOW_TARGET.search(self.found[0]) if key == "target" else None
        if key in ("target", "os", "platform", "namespace", *self.engine.attributes.keys):
            return self._counted(self._values(key), part, partial(self._targets_of, low[1]) if low else None)
        rows_of = self.catalog.facet("variant").rows
        switches = [("true", rows_of(f"+{key}")), ("false", rows_of(f"~{key}"))]
        return self._counted([*self._values("variant", f"{key}="), *switches], part)

    def _targets_of(self, low: str, high: str) -> BitMap:
        """The builds with a target within a range."""
        evaluator = self.engine.evaluator
        try:
            targets = evaluator.matcher.targets.matching(f"{low}:{high}", False)
        except UnknownTarget:
            return BitMap()
        return any_of(map(self.catalog.facet("target").rows, targets))

    def _counted(
        self,
        values: Iterable[tuple[str, BitMap]],
        part: str,
        whole: Callable[[str], BitMap] | None = None,
    ) -> list[Completion]:
        """The most frequent values that begin with `part`, with the number of builds that would match.

        Args:
            whole: the rows of the list or range that a value completes; None: the rows of the value.
        """
        is_below = bool(self.sigil) and not (self.sigil == "%" and self.engine.dialect is Dialect.SPACK_0)
        scope = self.engine.evaluator.named(QueryNode(self.name)) if is_below else self.rows
        some = [(text, rows) for text, rows in values if text.startswith(part) and scope.intersect(rows)]
        if is_below or whole:
            # Each costs a walk over the DAG, or a parsed range: only those with most builds are counted.
            some.sort(key=lambda value: -scope.intersection_cardinality(value[1]))
            some = some[:FEW]
        items = []
        for text, rows in some:
            found = whole(text) if whole else rows
            found = self._dependents(scope & found) if is_below else found
            items.append(Completion(text, self.rows.intersection_cardinality(found)))
        return [item for item in items if item.count]

    def _dependents(self, nodes: BitMap) -> BitMap:
        if self.sigil == "%":
            return self.catalog.dag.dependents(nodes)
        return self.engine.evaluator.reaching(nodes, self.engine.dialect)

    # names

    def _compilers(self, part: str) -> list[Completion]:
        by_name: dict[str, list[BitMap]] = {}
        index = self.catalog.facet("compiler")
        for value, rows in zip(index.values, index.bitmaps, strict=True):
            by_name.setdefault(value.partition("@")[0], []).append(rows)
        by_name.pop(NO_COMPILER, None)
        counts = {name: self.rows.intersection_cardinality(any_of(rows)) for name, rows in by_name.items()}
        return [Completion(name, n) for name, n in counts.items() if n and name.startswith(part)]

    def _dependencies(self, part: str) -> dict[str, int]:
        """Count the builds by the names of direct dependencies, and of virtuals that these provide."""
        return self._of_edges(part, lambda edge: (edge.name, *edge.virtuals))

    def _providers(self, part: str, virtual: str) -> dict[str, int]:
        return self._of_edges(part, lambda edge: (edge.name,) if virtual in edge.virtuals else ())

    def _of_edges(self, part: str, names: Callable[[EdgeKind], Iterable[str]]) -> dict[str, int]:
        """Count the builds by a name that their direct dependencies give."""
        dag = self.catalog.dag
        kinds_of: dict[str, list[int]] = {}
        for number, kind in enumerate(dag.edge_kinds):
            for name in names(kind):
                if name.startswith(part):
                    kinds_of.setdefault(name, []).append(number)
        found = {
            name: self.rows.intersection_cardinality(dag.sources(kinds_of[name])) for name in sorted(kinds_of)
        }
        return {name: count for name, count in found.items() if count}
