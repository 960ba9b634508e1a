"""Cuts a small index out of a real one: some roots and all that they depend on.

    python tests/data/trim_index.py INDEX_JSON OUT_GZ ROOT...

A ROOT is the beginning of a DAG hash, or `name:N` for the first N records of a package.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any


def roots(installs: dict[str, Any], wanted: str) -> list[str]:
    """The hashes that a ROOT stands for."""
    name, colon, count = wanted.partition(":")
    if not colon:
        return [dag_hash for dag_hash in installs if dag_hash.startswith(name)]
    return [dag_hash for dag_hash, record in installs.items() if record["spec"]["name"] == name][: int(count)]


def closure(installs: dict[str, Any], pending: list[str]) -> set[str]:
    """The hashes given and those of everything below them."""
    found: set[str] = set()
    while pending:
        dag_hash = pending.pop()
        if dag_hash not in found:
            found.add(dag_hash)
            pending += [edge["hash"] for edge in installs[dag_hash]["spec"].get("dependencies", [])]
    return found


def main(index: Path, out: Path, wanted: list[str]) -> None:
    """Write the trimmed index, records in their old order."""
    database = json.loads(index.read_bytes())["database"]
    installs = database["installs"]
    kept = closure(installs, [dag_hash for root in wanted for dag_hash in roots(installs, root)])
    database["installs"] = {h: record for h, record in installs.items() if h in kept}
    text = json.dumps({"database": database}, separators=(",", ":")).encode()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(gzip.compress(text, mtime=0))
    print(f"{len(kept)} records, {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
