"""Keeps of a real index what a query can ask for: all records and edges, without what only installs need.

    python tests/data/slim_index.py INDEX_JSON OUT_GZ

The whole-* mirrors of this folder are made so, of the indexes that the answers in oracle/ belong to.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

FLAGS = ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")
NODE_KEYS = ("name", "version", "arch", "compiler", "namespace", "parameters", "dependencies", "annotations")


def slim_node(node: dict[str, Any]) -> dict[str, Any]:
    """A spec node without hashes of packages, features of targets, flags that are not set."""
    kept = {key: node[key] for key in NODE_KEYS if key in node}
    target = node["arch"]["target"]
    if isinstance(target, dict):
        kept["arch"] = {**node["arch"], "target": {key: target[key] for key in ("name", "parents")}}
    parameters = node["parameters"].items()
    kept["parameters"] = {name: value for name, value in parameters if name not in FLAGS or value}
    if "external" in node:
        kept["external"] = {"path": node["external"]["path"]}
    return kept


def main(index: Path, out: Path) -> None:
    """Write the slim index, records in their old order."""
    database = json.loads(index.read_bytes())["database"]
    installs = {
        dag_hash: {"spec": slim_node(record["spec"]), "in_buildcache": record["in_buildcache"]}
        for dag_hash, record in database["installs"].items()
    }
    source = f"{'/'.join(index.parts[-3:])} as Spack wrote it, by tests/data/slim_index.py"
    whole = {"source": source, "database": {"version": database["version"], "installs": installs}}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(gzip.compress(json.dumps(whole, separators=(",", ":")).encode(), mtime=0))
    print(f"{len(installs)} records, {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
