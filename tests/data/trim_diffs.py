"""Keeps what `spack diff --json` said of pairs of builds, and the records that these depend on.

    python tests/data/trim_diffs.py ORACLE_FOLDER OUT_FOLDER

The indexes that the pairs are from lie beside ORACLE_FOLDER.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.data.slim_index import slim_node

_INDEXES = {"spack0.23": "mirror-v2-spack0.23", "spack1.2": "mirror-v3-spack1.2"}


def closure(installs: dict[str, Any], roots: Iterable[str]) -> set[str]:
    """The hashes of some records and of all that they depend on."""
    found: set[str] = set()
    pending = list(roots)
    while pending:
        dag_hash = pending.pop()
        if dag_hash not in found:
            found.add(dag_hash)
            pending += (each["hash"] for each in installs[dag_hash]["spec"].get("dependencies", ()))
    return found


def record(installed: dict[str, Any]) -> dict[str, Any]:
    """A record, slim but with the hash of its recipe and its patches."""
    node = installed["spec"]
    return {
        "spec": {**slim_node(node), "package_hash": node["package_hash"], "hash": node["hash"]},
        "in_buildcache": installed["in_buildcache"],
    }


def main(oracle: Path, out: Path) -> None:
    """Write a file for each Spack."""
    for spack, mirror in _INDEXES.items():
        recorded = json.loads((oracle / f"diff-{mirror}.json").read_text())
        index = oracle.parent / f"mirror-v2-{spack}" / "build_cache" / "index.json"
        database = json.loads(index.read_bytes())["database"]
        hashes = closure(database["installs"], (pair[side] for pair in recorded["pairs"] for side in "ab"))
        installs = {dag_hash: record(database["installs"][dag_hash]) for dag_hash in sorted(hashes)}
        data = {
            "source": f"Spack {recorded['spack']}: {recorded['how']}, by tests/data/trim_diffs.py",
            "database": {"version": database["version"], "installs": installs},
            "pairs": [pair["diff"] for pair in recorded["pairs"]],
        }
        text = json.dumps(data, separators=(",", ":")).encode()
        (out / f"diff-{spack}.json.gz").write_bytes(gzip.compress(text, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
