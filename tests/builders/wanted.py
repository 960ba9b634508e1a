"""Builds what `check` reads: lock files and spec files of every format, from the records of an index."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Node = dict[str, Any]
Nodes = dict[str, Node]
"""Hash to a node of format 4 or 5, with its hash."""

SPEC_FORMAT = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6}
"""Format of a lock file to that of its nodes."""


def closure(records: Mapping[str, Any], roots: Iterable[str]) -> Nodes:
    """The nodes that some builds of an index need, and themselves."""
    found: Nodes = {}
    pending = list(roots)
    while pending:
        dag_hash = pending.pop()
        if dag_hash not in found and dag_hash in records:
            found[dag_hash] = {**copy.deepcopy(records[dag_hash]["spec"]), "hash": dag_hash}
            pending += [edge["hash"] for edge in found[dag_hash].get("dependencies", [])]
    return found


def changed(nodes: Nodes, name: str, change: Callable[[Node], object]) -> tuple[Nodes, dict[str, str]]:
    """(nodes with other hashes for those of a package, and for all above them; old hash to new)."""
    nodes = copy.deepcopy(nodes)
    new = {h: "" for h, node in nodes.items() if node["name"] == name}
    for dag_hash in new:
        change(nodes[dag_hash])
    count = -1
    while count < len(new):
        count = len(new)
        for dag_hash, node in nodes.items():
            if any(edge["hash"] in new for edge in node.get("dependencies", [])):
                new[dag_hash] = ""
    new = {dag_hash: f"7777{dag_hash[:28]}" for dag_hash in new}
    for node in nodes.values():
        node["hash"] = new.get(node["hash"], node["hash"])
        for edge in node.get("dependencies", []):
            edge["hash"] = new.get(edge["hash"], edge["hash"])
    return {node["hash"]: node for node in nodes.values()}, new


def node_of(node: Node, spec_format: int) -> Node:
    """A node as a format has it; formats 1 without its name."""
    made = copy.deepcopy(node)
    edges = made.get("dependencies", [])
    if spec_format <= 3:
        edges = [
            {"name": edge["name"], "hash": edge["hash"], "type": edge["parameters"]["deptypes"]}
            for edge in edges
        ]
    if spec_format == 1:
        del made["name"]
        made["dependencies"] = {edge.pop("name"): edge for edge in edges}
    elif edges:
        made["dependencies"] = edges
    return made


def lock_file(nodes: Nodes, roots: Sequence[str], version: int, **more: object) -> bytes:
    """A spack.lock of a format; roots are hashes."""
    made: dict[str, object] = {}
    for dag_hash, node in nodes.items():
        each = node_of(node, SPEC_FORMAT[version])
        made[dag_hash] = {node["name"]: each} if version <= 3 else each
        if version == 3:
            each.pop("name", None)
    meta = {"file-type": "spack-lockfile", "lockfile-version": version}
    if version >= 4:
        meta["specfile-version"] = SPEC_FORMAT[version]
    listed = [{"hash": root, "spec": nodes[root]["name"]} for root in roots]
    return json.dumps({"_meta": meta, "roots": listed, "concrete_specs": made, **more}).encode()


def spec_file(nodes: Nodes, root: str, spec_format: int) -> bytes:
    """A spec.json of a format."""
    ordered = [nodes[root], *(node for dag_hash, node in nodes.items() if dag_hash != root)]
    made = [node_of(node, spec_format) for node in ordered]
    if spec_format == 1:
        listed = [{node["name"]: each} for node, each in zip(ordered, made, strict=True)]
        return json.dumps({"spec": listed}).encode()
    return json.dumps({"spec": {"_meta": {"version": spec_format}, "nodes": made}}).encode()
