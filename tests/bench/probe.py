"""What is timed inside a process of its own: `python tests/bench/probe.py decode|compile|open PATH`.

Prints JSON: the seconds without imports, and what was found.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.json import decode


class EdgeParameters(Struct, gc=False):
    """How a dependency is used."""

    deptypes: list[str]
    virtuals: list[str]


class Edge(Struct, gc=False):
    """A dependency."""

    name: str
    hash: str
    parameters: EdgeParameters


class Target(Struct, gc=False):
    """A microarchitecture that is written out."""

    name: str
    vendor: str
    features: list[str]
    generation: int
    parents: list[str]


class Arch(Struct, gc=False):
    """An architecture; generic targets are just a name."""

    platform: str
    platform_os: str
    target: Target | str


class Compiler(Struct, gc=False):
    """The compiler of formats up to 4."""

    name: str
    version: str


class Node(Struct, gc=False):
    """A spec node, formats 4 and 5."""

    name: str
    version: str
    arch: Arch
    namespace: str
    parameters: dict[str, bool | str | list[str]]
    package_hash: str
    hash: str
    compiler: Compiler | None = None
    dependencies: list[Edge] = []


class Record(Struct, gc=False):
    """A spec and where it is."""

    spec: Node
    ref_count: int
    in_buildcache: bool


class Database(Struct, gc=False):
    """All records by hash."""

    version: str
    installs: dict[str, Record]


class Index(Struct, gc=False):
    """The whole file."""

    database: Database


Found = dict[str, float]


def time_decode(path: str) -> Found:
    """The typed decode of an index alone, of bytes that are in memory already."""
    data = Path(path).read_bytes()
    gc.disable()
    began = time.perf_counter()
    index = decode(data, type=Index)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "specs": len(index.database.installs)}


def time_compile(path: str) -> Found:
    """From a location to its open catalog, which is compiled unless it is up to date."""
    from cachetui.refresh import open_catalog

    began = time.perf_counter()
    opened = open_catalog([path])
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "specs": len(opened.catalog), "compiled": opened.compiled}


def time_open(path: str) -> Found:
    """From the file of a catalog to the counts of all facets."""
    from cachetui.catalog import Catalog
    from cachetui.search import Engine, Selection

    began = time.perf_counter()
    result = Engine(Catalog(Path(path))).select(Selection())
    values = [len(result.facet_counts(facet)) for facet in result.attributes.facet_names]
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "specs": result.total, "values": sum(values)}


PROBES: dict[str, Callable[[str], Found]] = {
    "decode": time_decode,
    "compile": time_compile,
    "open": time_open,
}

if __name__ == "__main__":
    print(json.dumps(PROBES[sys.argv[1]](sys.argv[2])))
