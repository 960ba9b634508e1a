"""Read pages back, with a naive reader to compare with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cachetui.sources.base import Problem
from cachetui.sources.pages.tree import PageTree, find_pages
from cachetui.spec import Place, Spec
from tests.builders.pages import write

DATA = Path(__file__).parents[2] / "data" / "pages"
REAL = {"py-werkzeug": 37, "py-wheel": 43, "py-filelock": 124, "py-build": 24}
OTHER = "z" * 32


def read(path: Path) -> tuple[list[Spec], list[Problem]]:
    problems: list[Problem] = []
    batches = list(PageTree(path, find_pages(path)).batches(problems.append))
    return [spec for batch in batches for spec in batch.specs], problems


def no_problem(problem: Problem) -> None:
    pytest.fail(str(problem))


def only(root: Path, text: str | bytes) -> Spec:
    """Read a page of one spec and no problems."""
    specs, problems = read(write(root, text))
    assert problems == []
    assert len(specs) == 1
    return specs[0]


def naive_spec(name: str, tag: str, record: dict[str, object]) -> Spec:
    """Convert a record of the newest form, with just the syntax of these four pages."""
    variants: list[tuple[str, bool | str]] = []
    for text in record["variants"]:  # type: ignore[attr-defined]
        variants.append(tuple(text.split("=")) if "=" in text else (text[1:], text[0] == "+"))
    compiler = str(record["compiler"]).replace("@=", "@")
    return Spec(
        name=name,
        dag_hash=str(record["hash"]),
        version="".join(record["versions"]),  # type: ignore[arg-type]
        platform=str(record["platform"]),
        os=str(record["os"]),
        target=str(record["target"]),
        compilers=() if compiler == "none" else (compiler,),
        variants=tuple(sorted(variants)),
        in_buildcache=True,
        spec_format=0,
        places=tuple(Place("", tag, stack) for stack in record["stacks"]),  # type: ignore[attr-defined]
        size=0,
    )


def naive(file: Path) -> list[Spec]:
    (line,) = (line for line in file.read_text().split("\n") if line.startswith("spec_details: "))
    record = json.loads(line.removeprefix("spec_details: "))
    return [naive_spec(file.parent.name, file.parent.parent.name, item) for item in record]
