"""Writes an index, or pages, that look like those of a big public build cache.

python tests/bench/generate.py N MIRROR [--database 7|8]     MIRROR/build_cache/index.json with N specs
python tests/bench/generate.py N SITE --pages P              SITE/_cache/<tag>/<package>/specs.md, P files
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec

from tests.bench.model import Growth

STACKS = ("e4s", "radiuss", "ml-linux-x86_64-cpu", "hep", "data-vis-sdk", "developer-tools", "build_systems")


def write_index(count: int, mirror: Path, version: int = 7) -> Path:
    """Write a layout v2 mirror without binaries; its index."""
    index = mirror / "build_cache" / "index.json"
    index.parent.mkdir(parents=True, exist_ok=True)
    with index.open("wb") as stream:
        stream.write(b'{"database":{"version":"%d","installs":{' % version)
        for number, (dag_hash, text) in enumerate(Growth(version, count).records()):
            stream.write(b'%b"%b":%b' % (b"," if number else b"", dag_hash.encode(), text))
        stream.write(b"}}}")
    return index


def write_pages(count: int, site: Path, pages: int) -> Path:
    """Write pages with so many builds altogether, at least one page for each package; the site."""
    by_package: dict[str, list[dict[str, Any]]] = {}
    for dag_hash, text in Growth(7, count).records():
        node = msgspec.json.decode(text)["spec"]
        by_package.setdefault(node["name"], []).append(_page_record(dag_hash, node))
    for tag, name, records in _pieces(by_package, pages):
        folder = site / "_cache" / f"develop-2025-{tag + 1:02}" / name
        folder.mkdir(parents=True, exist_ok=True)
        details = msgspec.json.encode(records).decode()
        (folder / "specs.md").write_text(
            f'---\ntitle: "{name}"\nlayout: cache\ncategories: [package, {folder.parent.name}]\n'
            f"spec_details: {details}\n---\n"
        )
    return site


def _pieces(
    by_package: dict[str, list[dict[str, Any]]], pages: int
) -> Iterator[tuple[int, str, list[dict[str, Any]]]]:
    """(tag, package, its records there): the records of each package are divided among its tags."""
    each, more = divmod(pages, len(by_package))
    for place, (name, records) in enumerate(by_package.items()):
        tags = max(each + (place < more), 1)
        for tag in range(tags):
            yield tag, name, records[tag::tags] or records


def _page_record(dag_hash: str, node: dict[str, Any]) -> dict[str, Any]:
    target = node["arch"]["target"]
    compiler = node.get("compiler")
    stack = STACKS[int.from_bytes(dag_hash[:2].encode(), "big") % len(STACKS)]
    return {
        "compiler": f"{compiler['name']}@{compiler['version']}" if compiler else "none",
        "hash": dag_hash,
        "os": node["arch"]["platform_os"],
        "platform": node["arch"]["platform"],
        "size": "-",
        "stacks": [stack, "root"],
        "target": target["name"] if isinstance(target, dict) else target,
        "variants": list(_variants(node["parameters"].items())),
        "versions": [node["version"]],
    }


def _variants(parameters: Iterable[tuple[str, Any]]) -> Iterator[str]:
    for name, value in parameters:
        if isinstance(value, bool):
            yield f"{'+' if value else '~'}{name}"
        elif value:
            yield f"{name}={value if isinstance(value, str) else ','.join(value)}"


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("count", type=int, metavar="N")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database", type=int, choices=(7, 8), default=7)
    parser.add_argument("--pages", type=int, default=0)
    options = parser.parse_args()
    if options.pages:
        print(write_pages(options.count, options.folder, options.pages))
    else:
        print(write_index(options.count, options.folder, options.database))


if __name__ == "__main__":
    main()
