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
_WALKED = {"spack0.23": "mirror-v2-spack0.23", "spack1.2": "mirror-v3-spack1.2"}
"""Both mirrors of Spack 1.2 have the same index."""

_NODE_REASONS = ("platform", "target", "os", "libc")


def render(spec: dict[str, Any]) -> dict[str, Any]:
    """The text of a spec, its whole tree, and that of its link and run dependencies."""
    trees = {name: tree(spec[name]) for name in ("tree", "tree_linkrun")}
    return {"hash": spec["hash"], "display": spec["format_display"], **trees}


def tree(text: str) -> list[list[Any]]:
    """(short hash, dependency types, depth) for each line of a tree."""
    lines = (match for line in text.splitlines() if (match := _LINE.match(line)))
    return [[line["hash"], line["deptypes"], len(line["indent"]) // _INDENT] for line in lines]


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


def walks(oracle: Path, index: str, hashes: list[str]) -> dict[str, Any]:
    """Hash to its recorded closure and to its recorded dependents, as steps through the sorted hashes."""
    closures = json.loads((oracle / f"closures-{index}.json").read_text())["closures"]
    dependents = json.loads((oracle / f"dependents-{index}.json").read_text())["dependents"]
    return {
        "closures": {
            each["hash"]: {
                "link_run": steps(hashes, set(each["link_run"])),
                **{state: steps(hashes, set(found)) for state, found in each["states"].items()},
            }
            for each in closures
        },
        "dependents": {
            each["hash"]: {
                part: {name: steps(hashes, set(found)) for name, found in each[part].items()}
                for part in ("direct", "transitive")
            }
            for each in dependents
        },
    }


def hosts(recorded: dict[str, Any], hashes: list[str]) -> list[dict[str, Any]]:
    """Host, place of a record among the sorted hashes, and the nodes that it is refused for, by reason."""
    return [
        {
            "host": list(each["host"].values()),
            "record": hashes.index(each["hash"]),
            "usable": each["usable"],
            "reasons": reasons(each["reasons"], hashes),
        }
        for each in recorded["triples"]
    ]


def reasons(found: list[list[Any]], hashes: list[str]) -> dict[str, list[int]]:
    """Kind of reason to the steps to its nodes; other kinds than these are of the root alone."""
    nodes: dict[str, set[str]] = {}
    for dag_hash, (_, *texts) in found:
        for text in texts:
            kind = text.split()[0]
            nodes.setdefault(kind if kind in _NODE_REASONS else "root", set()).add(dag_hash)
    return {kind: steps(hashes, each) for kind, each in nodes.items()}


def write(file: Path, data: dict[str, Any]) -> None:
    """Write compressed JSON, the same bytes for the same data."""
    file.write_bytes(gzip.compress(json.dumps(data, separators=(",", ":")).encode(), mtime=0))


def main(oracle: Path, out: Path) -> None:
    """Write renders.json, versions.json and the queries, walks and hosts of both Spacks."""
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
        write(out / f"queries-{spack}.json.gz", answers(recorded, index))
        hashes = sorted(json.loads(index.read_bytes())["database"]["installs"])
        usable = json.loads((oracle / f"host-{_WALKED[spack]}.json").read_text())
        write(out / f"hosts-{spack}.json.gz", {"hosts": hosts(usable, hashes)})
        write(out / f"walks-{spack}.json.gz", walks(oracle, _WALKED[spack], hashes))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
