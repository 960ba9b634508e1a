"""Indexes of any size that look like real ones, grown from the real indexes of tests/data.

A real index gives the shape of every record: variants, dependencies, targets, and the DAG. From it an index
grows as a public build cache does. Each generation changes a few packages (another version, a variant, the
recipe alone) and builds, for some of the architectures, all that depends on them; what did not change keeps
its hash. So builds that look alike arise as they do in life: something below them is different. Families
are copies of the less used packages under other real names.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import archspec.cpu
import msgspec

DATA = Path(__file__).parents[1] / "data"
MODELS = {7: "whole-v2-spack0.23", 8: "whole-v2-spack1.2"}
"""Database version to the mirror of tests/data that is the model for it."""

FLAGS: dict[str, list[str]] = {
    name: [] for name in ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")
}
SPECS_A_FAMILY = 40_000
CORE_SHARE = 0.2
"""The most used packages, which all families share."""

CHANGED_SHARE = 0.03
"""Packages that change from one generation to the next."""

Node = dict[str, Any]


@dataclass(slots=True)
class ModelSpec:
    """A record of the model: its node without dependencies, and these by position."""

    node: Node
    dependencies: list[tuple[int, Node]]
    in_buildcache: bool

    @property
    def place(self) -> str:
        """Where it was built: operating system, target and compiler."""
        return msgspec.json.encode([self.node["arch"], self.node.get("compiler")]).decode()


@dataclass(slots=True)
class Change:
    """How far a package has moved on since the model."""

    releases: int = 0
    recipe: int = 0
    flipped: set[str] = field(default_factory=set)


def read_model(version: int) -> list[ModelSpec]:
    """The records of a database version's model, dependencies first."""
    text = gzip.decompress((DATA / MODELS[version] / "build_cache" / "index.json.gz").read_bytes())
    installs = msgspec.json.decode(text)["database"]["installs"]
    below = {
        dag_hash: [edge["hash"] for edge in record["spec"].get("dependencies", ())]
        for dag_hash, record in installs.items()
    }
    order = [dag_hash for dag_hash in TopologicalSorter(below).static_order() if dag_hash in installs]
    number = {dag_hash: i for i, dag_hash in enumerate(order)}
    specs = []
    for dag_hash in order:
        record = installs[dag_hash]
        node = record["spec"]
        edges = [(number[e["hash"]], e) for e in node.pop("dependencies", ()) if e["hash"] in number]
        specs.append(ModelSpec(_dressed(node), edges, record["in_buildcache"]))
    return specs


def _dressed(node: Node) -> Node:
    """What the copies in tests/data leave out: the features of targets, flags that are not set."""
    target = node["arch"]["target"]
    if isinstance(target, dict):
        known = archspec.cpu.TARGETS[target["name"]].to_dict()
        node["arch"] = {**node["arch"], "target": {**known, **target}}
    node["parameters"] = {**node["parameters"], **FLAGS}
    return node


def core_packages(model: Sequence[ModelSpec]) -> set[str]:
    """The packages that most others depend on."""
    used = Counter(model[i].node["name"] for spec in model for i, _ in spec.dependencies)
    names = {spec.node["name"] for spec in model}
    return {name for name, _ in used.most_common(round(len(names) * CORE_SHARE))}


def families(model: Sequence[ModelSpec], count: int) -> list[dict[str, str]]:
    """For each family the names of its packages by those of the model: `py-*` for `py-*`, and so on."""
    core = core_packages(model)
    own = sorted({spec.node["name"] for spec in model} - core)
    chance = random.Random(1)
    others = [n for n in (DATA / "package_names.txt").read_text().split() if n not in core.union(own)]
    chance.shuffle(others)
    by_kind: dict[str, list[str]] = {}
    for name in others:
        by_kind.setdefault(_kind(name), []).append(name)
    first: dict[str, str] = {}
    return [first, *({name: by_kind[_kind(name)].pop() for name in own} for _ in range(count - 1))]


def _kind(name: str) -> str:
    kind = name.partition("-")[0]
    return kind if kind in ("py", "r", "perl") else ""


class Growth:
    """Grows an index from a model. The same arguments give the same records."""

    def __init__(self, version: int, count: int, seed: int = 1) -> None:
        self.count = count
        self._model = read_model(version)
        self._chance = random.Random(seed)
        self._families = families(self._model, max(1, round(count / SPECS_A_FAMILY)))
        self._places = sorted({spec.place for spec in self._model})
        self._place_of = [spec.place for spec in self._model]
        self._names = sorted({spec.node["name"] for spec in self._model})
        self._changes: dict[str, Change] = {}

    def records(self) -> Iterator[tuple[str, bytes]]:
        """(hash, record as JSON), dependencies first."""
        seen: set[str] = set()
        generation = 0
        while True:
            for dag_hash, text in self._generation(self._families[generation % len(self._families)]):
                if dag_hash not in seen:
                    seen.add(dag_hash)
                    yield dag_hash, text
                    if len(seen) == self.count:
                        return
            generation += 1
            self._move_on()

    def _move_on(self) -> None:
        for family in self._families:
            for name in self._names:
                if self._chance.random() < CHANGED_SHARE:
                    self._change(self._changes.setdefault(family.get(name, name), Change()), name)

    def _change(self, change: Change, name: str) -> None:
        kind = self._chance.random()
        if kind < 0.3:
            change.releases += 1
        elif kind < 0.5:
            node = next(spec.node for spec in self._model if spec.node["name"] == name)
            switches = [n for n, value in node["parameters"].items() if isinstance(value, bool)]
            change.flipped ^= {self._chance.choice(switches)} if switches else set()
        else:
            change.recipe += 1

    def _generation(self, family: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
        """Everything that is built for some of the places, and what that depends on."""
        built = set(self._chance.sample(self._places, k=max(1, len(self._places) // 2)))
        wanted = self._closure([place in built for place in self._place_of])
        hashes: dict[int, str] = {}
        for i, spec in enumerate(self._model):
            if wanted[i]:
                hashes[i], text = self._built(spec, family, hashes)
                yield hashes[i], text

    def _closure(self, wanted: list[bool]) -> list[bool]:
        for i in range(len(self._model) - 1, -1, -1):
            if wanted[i]:
                for below, _ in self._model[i].dependencies:
                    wanted[below] = True
        return wanted

    def _built(self, spec: ModelSpec, family: Mapping[str, str], hashes: dict[int, str]) -> tuple[str, bytes]:
        name = family.get(spec.node["name"], spec.node["name"])
        change = self._changes.get(name, Change())
        node = {**spec.node, "name": name, "package_hash": _package_hash(name, change.recipe)}
        if change.releases:
            node["version"] = _later(node["version"], change.releases)
        if change.flipped:
            given = node["parameters"]
            flipped = {n: not given[n] for n in change.flipped if isinstance(given.get(n), bool)}
            node["parameters"] = {**given, **flipped}
        if spec.dependencies:
            node["dependencies"] = [
                {**edge, "name": family.get(edge["name"], edge["name"]), "hash": hashes[below]}
                for below, edge in spec.dependencies
            ]
        text = msgspec.json.encode(node)
        dag_hash = base64.b32encode(hashlib.sha1(text).digest()).decode().lower()
        tail = '"ref_count":1,"in_buildcache":' + ("true" if spec.in_buildcache else "false")
        return dag_hash, b'{"spec":%b,"hash":"%b"},%b}' % (text[:-1], dag_hash.encode(), tail.encode())


@cache
def _package_hash(name: str, recipe: int) -> str:
    return base64.b32encode(hashlib.sha256(f"{name} {recipe}".encode()).digest()).decode().lower()


@cache
def _later(version: str, releases: int) -> str:
    """A version that is some releases newer: its last number counts up."""
    head = version.rstrip("0123456789")
    last = version[len(head) :]
    return f"{head}{int(last or 0) + releases}" if head or last else version
