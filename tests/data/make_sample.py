"""Makes the embedded sample from real input.

    python tests/data/make_sample.py INDEX_JSON PAGES_FOLDER

INDEX_JSON is a database version 8 index; taken are the builds for one OS, a few roots of another, and all
that these depend on. PAGES_FOLDER holds `_cache/`.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).parents[2] / "cachetui" / "sample"
WHOLE_OS = "ubuntu22.04"
OTHER_OS = "ubuntu24.04"
OTHER_ROOTS = ("hdf5", "openmpi", "python")


def wanted(node: dict[str, Any]) -> bool:
    """Whether a node is one that the sample begins with."""
    os = node["arch"]["platform_os"]
    return os == WHOLE_OS or (os == OTHER_OS and node["name"] in OTHER_ROOTS)


def closure(installs: dict[str, Any], roots: list[str]) -> set[str]:
    """The roots and all that they depend on."""
    found: set[str] = set()
    pending = list(roots)
    while pending:
        dag_hash = pending.pop()
        if dag_hash in installs and dag_hash not in found:
            found.add(dag_hash)
            pending += [edge["hash"] for edge in installs[dag_hash]["spec"].get("dependencies", [])]
    return found


def main(index: Path, pages: Path) -> None:
    """Write both parts of the sample."""
    database = json.loads(index.read_bytes())["database"]
    installs = database["installs"]
    kept = closure(installs, [h for h, record in installs.items() if wanted(record["spec"])])
    database["installs"] = {h: record for h, record in installs.items() if h in kept}
    text = json.dumps({"database": database}, separators=(",", ":")).encode()
    folder = SAMPLE / "sample-mirror" / "build_cache"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.json.gz").write_bytes(gzip.compress(text, mtime=0))
    shutil.copytree(pages / "_cache", SAMPLE / "sample-pages" / "_cache", dirs_exist_ok=True)
    print(f"{len(kept)} records, {(folder / 'index.json.gz').stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
