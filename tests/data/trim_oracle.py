"""Keeps of Spack's own answers what the tests compare with.

python tests/data/trim_oracle.py ORACLE_FOLDER OUT_FOLDER
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

_LINE = re.compile(r"(?P<hash>[a-z2-7]{7})  \[(?P<deptypes>[blrt ]{4})\]  (?P<indent> *)")
_INDENT = 4


def render(spec: dict[str, Any]) -> dict[str, Any]:
    """The text of a spec, and (short hash, dependency types, depth) for each line of its tree."""
    lines = (match for line in spec["tree"].splitlines() if (match := _LINE.match(line)))
    tree = [[line["hash"], line["deptypes"], len(line["indent"]) // _INDENT] for line in lines]
    return {"hash": spec["hash"], "display": spec["format_display"], "tree": tree}


def main(oracle: Path, out: Path) -> None:
    """Write renders.json and versions.json."""
    out.mkdir(parents=True, exist_ok=True)
    renders = json.loads((oracle / "renders.json").read_text())
    specs = [render(spec) for spec in renders["specs"]]
    versions = json.loads((oracle / "versions.json").read_text())
    kept = {key: versions[key] for key in ("sorted", "pairs", "satisfies", "per_package_sorted")}
    (out / "renders.json").write_text(json.dumps({"source": renders["source"], "specs": specs}) + "\n")
    (out / "versions.json").write_text(json.dumps({"source": versions["source"], **kept}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
