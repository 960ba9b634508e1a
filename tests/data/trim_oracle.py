"""Keeps of Spack's own answers what the tests compare with.

    python tests/data/trim_oracle.py ORACLE_FOLDER OUT_FOLDER

The indexes that the recorded queries are about lie beside ORACLE_FOLDER.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

_LINE = re.compile(r"(?P<hash>[a-z2-7]{7})  \[(?P<deptypes>[blrt ]{4})\]  (?P<indent> *)")
_INDENT = 4
_SPACKS = ("spack0.23", "spack1.2")


def render(spec: dict[str, Any]) -> dict[str, Any]:
    """The text of a spec, and (short hash, dependency types, depth) for each line of its tree."""
    lines = (match for line in spec["tree"].splitlines() if (match := _LINE.match(line)))
    tree = [[line["hash"], line["deptypes"], len(line["indent"]) // _INDENT] for line in lines]
    return {"hash": spec["hash"], "display": spec["format_display"], "tree": tree}


def answers(recorded: dict[str, Any], index: Path) -> dict[str, Any]:
    """Query to the specs that match, as steps from one to the next in the sorted hashes; None is an error.

    Steps are fewer for what is left out where most specs match: "all but" tells it.
    """
    hashes = sorted(json.loads(index.read_bytes())["database"]["installs"])
    found: dict[str, Any] = {}
    for query in recorded["queries"]:
        matching = set(query["hashes"]) if "hashes" in query else None
        if matching is not None and 2 * len(matching) > len(hashes):
            found[query["query"]] = {"all but": steps(hashes, set(hashes) - matching)}
        else:
            found[query["query"]] = None if matching is None else steps(hashes, matching)
    source = f"Spack {recorded['spack']} over {recorded['mirror']}, by tests/data/trim_oracle.py"
    return {"source": source, "specs": len(hashes), "queries": found}


def steps(hashes: list[str], chosen: set[str]) -> list[int]:
    """The first position of the chosen ones, then the steps to each next."""
    assert chosen <= set(hashes)
    positions = [-1, *(position for position, each in enumerate(hashes) if each in chosen)]
    return [position - before for before, position in pairwise(positions)]


def main(oracle: Path, out: Path) -> None:
    """Write renders.json, versions.json and the queries of both Spacks."""
    out.mkdir(parents=True, exist_ok=True)
    renders = json.loads((oracle / "renders.json").read_text())
    specs = [render(spec) for spec in renders["specs"]]
    versions = json.loads((oracle / "versions.json").read_text())
    kept = {
        key: versions[key] for key in ("sorted", "pairs", "satisfies", "range_range", "per_package_sorted")
    }
    (out / "renders.json").write_text(json.dumps({"source": renders["source"], "specs": specs}) + "\n")
    (out / "versions.json").write_text(json.dumps({"source": versions["source"], **kept}) + "\n")
    for spack in _SPACKS:
        recorded = json.loads((oracle / f"queries-{spack}.json").read_text())
        index = oracle.parent / f"mirror-v2-{spack}" / "build_cache" / "index.json"
        text = json.dumps(answers(recorded, index), separators=(",", ":")).encode()
        (out / f"queries-{spack}.json.gz").write_bytes(gzip.compress(text, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
