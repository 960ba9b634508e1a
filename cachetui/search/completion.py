"""What may stand where the cursor is, from what the current result holds: most frequent first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain

from pyroaring import BitMap

from cachetui.catalog import NO_COMPILER
from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect, Node, value_text
from cachetui.search.attributes import any_of
from cachetui.search.engine import Engine
from cachetui.search.evaluate import BUILTIN_OF_LEGACY
from cachetui.search.reading import split_words
from cachetui.search.selection import Selection
from cachetui.search.targets import UnknownTarget
from cachetui.spec import Dependency
from cachetui.version import VersionSyntaxError, parse_versions

LIMIT = 20
"""How many are offered."""

SAMPLE = 400
"""Of so many builds of a result the direct dependencies are counted."""

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.\-]*"
_FRAGMENT = re.compile(
    rf"""
    (?:
        (?P<edge>[%^])%?\s*(?:{_NAME},)*(?P<virtual>{_NAME})=
      | (?<![%^,\w.\-])(?P<key>{_NAME}):?==?(?:[^\s'"]*[,:])?
      | @\s*(?P<version>=?(?:[\w.\-=]*[,:]=?)*)
      | (?P<sign>\+\+?|~~?|(?<!\S)--?)\s*
      | (?P<sigil>[%^])%?\s*
    )
    (?P<part>(?(key)[^\s,:=@%^'"]*|[^\s,:=@%^'"+~]*))$
    """,
    re.VERBOSE,
)
_LOW_TARGET = re.compile(r"[=,]([^=,:]+):[^=,:]*$")
_CLOSED = re.compile(r"""(?:[^'"]|'[^']*'|"[^"]*")*""")
"""No quotes are open at the end."""

_VARIANT = re.compile(rf"(?:[+~]|(?<!\S)-)\s*({_NAME})")
_OWNER = re.compile(rf"([%^])%?\s*(?:\[[^\]]*\]\s*)?(?:{_NAME}=)?({_NAME})")


@dataclass(frozen=True, slots=True)
class Completion:
    """A text that may stand in the place of what was typed, and how many builds it would leave."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Completions:
    """What may follow.

    Args:
        part: what was typed of it.
        items: most frequent first; each begins with `part`.
    """

    part: str = ""
    items: tuple[Completion, ...] = ()

    @property
    def rest(self) -> str:
        """What is missing of the first one."""
        return self.items[0].text[len(self.part) :] if self.items else ""


def complete(engine: Engine, selection: Selection, position: int) -> Completions:
    """What may stand before the cursor at `position` of a selection's text."""
    before = selection.text[:position]
    found = _FRAGMENT.search(before)
    if found is None or not _CLOSED.fullmatch(before):
        return Completions()
    counts = _Counts(engine, selection, found, position)
    part = found["part"]
    items = [Completion(text, n) for text, n in counts.all() if n and text.startswith(part)]
    # Sorting is stable: among equals the facet's own order stays.
    items.sort(key=lambda item: -item.count)
    return Completions(part, tuple(items[:LIMIT]) if [i.text for i in items] != [part] else ())


def finished(text: str) -> str | None:
    """A text without what is being typed at its end; None if nothing of the kind is."""
    found = _FRAGMENT.search(text)
    return text[: found.start()] if found and _CLOSED.fullmatch(text) else None


class _Counts:
    """The candidates at one place, with the number of builds of the result that have each."""

    def __init__(self, engine: Engine, selection: Selection, found: re.Match[str], position: int) -> None:
        self.engine = engine
        self.catalog = engine.catalog
        self.found = found
        self.before = selection.text[: found.start()]
        self.typed = found[0]
        self.sigil, self.name = self._owner()
        self.rows = self._result(selection, selection.text[position:])

    def _result(self, selection: Selection, after: str) -> BitMap:
        """The builds that there are without what is being typed."""
        for text in (self.before + after, self.before):
            try:
                return self.engine.select(replace(selection, text=text)).rows
            except QuerySyntaxError:
                continue
        return self.catalog.listed

    def all(self) -> Iterator[tuple[str, int]]:
        """Candidates with their counts."""
        found = self.found
        if found["virtual"]:
            return self._providers(found["virtual"])
        if found["key"]:
            return self._values(found["key"])
        if found["version"] is not None:
            return self._versions()
        if found["sign"]:
            given = set(_VARIANT.findall(self.before[self.before.rfind(self.name) :]))
            variants = self._facet("variant", "+" if found["sign"][0] == "+" else "~")
            return ((name, count) for name, count in variants if name not in given)
        return self._compilers() if found["sigil"] == "%" else self._dependencies()

    # values

    def _facet(self, facet: str, start: str) -> Iterator[tuple[str, int]]:
        """The values of a facet that begin so, what comes after."""
        for value, rows in self._values_of(facet, start):
            yield value_text(value[len(start) :]), self._count(rows)

    def _values_of(self, facet: str, start: str) -> Iterator[tuple[str, BitMap]]:
        index = self.catalog.facet(facet)
        return (
            (value, rows)
            for value, rows in zip(index.values, index.bitmaps, strict=True)
            if value.startswith(start)
        )

    def _values(self, key: str) -> Iterator[tuple[str, int]]:
        key = {"operating_system": "os"}.get(key, key)
        if key == "target" and (low := _LOW_TARGET.search(self.typed)):
            return self._targets_from(low[1])
        if key in ("target", "os", "platform", "namespace", "tag", "stack", "mirror"):
            return self._facet(key, "")
        return chain(self._facet("variant", f"{key}="), self._switched(key))

    def _switched(self, name: str) -> Iterator[tuple[str, int]]:
        index = self.catalog.facet("variant")
        return (
            (text, self._count(index.rows(sign + name))) for text, sign in (("true", "+"), ("false", "~"))
        )

    def _versions(self) -> Iterator[tuple[str, int]]:
        if self.sigil == "%" and self.engine.dialect is Dialect.SPACK_0:
            return self._facet("compiler", f"{self.name}@")
        # Of a virtual, versions are its own and not those of its providers.
        name = self.name or split_words(self.before).words
        if self.engine.evaluator.is_virtual(name):
            return iter(())
        typed = self.found["version"]
        return self._versions_within(typed) if typed else self._facet("version", "")

    def _versions_within(self, typed: str) -> Iterator[tuple[str, int]]:
        """The versions that may follow what was typed of a list or range, with what the whole would hold."""
        version = self.engine.evaluator.attributes.version
        for value, rows in self._values_of("version", ""):
            with suppress(VersionSyntaxError):
                if self._count(rows):
                    yield value, self._count(version("", parse_versions(typed + value), self.engine.dialect))

    def _targets_from(self, low: str) -> Iterator[tuple[str, int]]:
        """The targets that may end a range, with what the whole would hold."""
        index, targets = self.catalog.facet("target"), self.engine.evaluator.attributes.targets
        for value, rows in self._values_of("target", ""):
            with suppress(UnknownTarget):
                if self._count(rows) and (meant := targets.meant_by(f"{low}:{value}", False)):
                    yield value, self._count(any_of(map(index.rows, meant)))

    # owners: whose attribute is being typed

    def _owner(self) -> tuple[str, str]:
        """(the sigil before it, the name) of the dependency whose attribute is typed; empty for the root."""
        *_, last = (None, *_OWNER.finditer(self.before))
        if last is None:
            return "", ""
        to_0 = self.engine.dialect is Dialect.SPACK_0
        if to_0 and last[1] == "%" and last.end() != len(self.before.rstrip()):
            return "", ""
        is_alias = last[1] == "%" and not to_0
        return last[1], BUILTIN_OF_LEGACY.get(last[2], last[2]) if is_alias else last[2]

    def _count(self, rows: BitMap) -> int:
        """How many builds of the result have, or depend on one that has, what some rows have."""
        if not self.sigil or (self.sigil == "%" and self.engine.dialect is Dialect.SPACK_0):
            return self.rows.intersection_cardinality(rows)
        nodes = rows & self.engine.evaluator.named(Node(self.name))
        return self.rows.intersection_cardinality(self._dependents(nodes)) if nodes else 0

    def _dependents(self, nodes: BitMap) -> BitMap:
        if self.sigil == "%":
            return self.catalog.dag.dependents(nodes)
        return self.engine.evaluator.reaching(nodes, self.engine.dialect)

    # dependencies

    def _compilers(self) -> Iterator[tuple[str, int]]:
        by_name: dict[str, list[BitMap]] = {}
        for value, rows in self._values_of("compiler", ""):
            by_name.setdefault(value.partition("@")[0], []).append(rows)
        by_name.pop(NO_COMPILER, None)
        return (
            (name, self.rows.intersection_cardinality(BitMap.union(*rows))) for name, rows in by_name.items()
        )

    def _dependencies(self) -> Iterator[tuple[str, int]]:
        """Names of direct dependencies and of what they provide."""
        return self._of_edges(lambda edge: (edge.name, *edge.virtuals))

    def _providers(self, virtual: str) -> Iterator[tuple[str, int]]:
        return self._of_edges(lambda edge: (edge.name,) if virtual in edge.virtuals else ())

    def _of_edges(self, names: Callable[[Dependency], Iterable[str]]) -> Iterator[tuple[str, int]]:
        """Names that direct dependencies give, counted over a sample where the result is large."""
        counts: Counter[str] = Counter()
        step = max(len(self.rows) // SAMPLE, 1)
        for row in self.rows[::step]:
            counts.update({name for edge in self.catalog.edges(row) for name in names(edge.dependency)})
        return ((name, count * step) for name, count in sorted(counts.items()))
