"""Writes cachetui/provides.json from the recorded facts: `python trim_provides.py provides.json`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parents[2] / "cachetui" / "provides.json"


def trimmed(recorded: dict[str, object]) -> str:
    """The facts by virtual, each [package, provided versions, condition] without what is empty at its end."""
    by_virtual: dict[str, list[list[str]]] = {}
    for fact in recorded["provides"]:  # type: ignore[attr-defined]
        virtual, _, versions = fact["virtual"].replace(" ", "").partition("@")
        values = [fact["package"], versions, fact.get("when", "")]
        while not values[-1]:
            values.pop()
        by_virtual.setdefault(virtual, []).append(values)
    source = str(recorded["source"])
    date = re.search(r"\d{4}-\d\d-\d\d", source)
    assert date is not None
    lines = [f" {json.dumps(virtual)}: {json.dumps(by_virtual[virtual])}" for virtual in sorted(by_virtual)]
    head = f'{{"source": {json.dumps(source)},\n"date": "{date[0]}",\n"provides": {{\n'
    return head + ",\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    TARGET.write_text(trimmed(json.loads(Path(sys.argv[1]).read_text())))
