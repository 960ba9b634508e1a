"""Part 1: every place of a JSON text with every other kind of value; one bad record hides no other.

What no decoder takes beside what is of another type: NaN, lone surrogates, control bytes, 1,000 brackets.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from cachetui.sources import Problem
from tests.builders.pages import write
from tests.builders.wanted import closure, spec_file
from tests.stress import real_input as real
from tests.stress.fuzz import Failure, failure_of
from tests.stress.outcome import Outcome, Run, tell
from tests.stress.readers import BY_NAME, Reader, compiled, specs_of

_HERE = "here it is changed"
"""Stands for a value until the text is written."""

VALUES: tuple[bytes, ...] = (
    *(b"null", b"true", b"false", b"0", b"-1", b"1.5", b"1e308", b"1e999", b"NaN", b"-Infinity"),
    *(b"9" * 30, b"9" * 5000, b'""', b'"x"', b'"\\ud800"', b'"a\x01\x1bb"', b'"\xff\xfe"'),
    *(b'"' + b"y" * 3000 + b'"', b'"' + b'\\"' * 100 + b'"'),
    *(b"[]", b"[[]]", b"[null]", b'["x",1,null,{}]', b"{}", b'{"":null}', b'{"x":{"x":[]}}', b"{}{", b"nope"),
    *(b"[" * 1000 + b"]" * 1000, b'{"a":' * 1000 + b"1" + b"}" * 1000),
)

REFUSES_ALL = (b"{}{",)
"""What makes a text that is none: it may end anywhere."""

NO_JSON = (b"NaN", b"-Infinity", b"1e999", b'"a\x01\x1bb"', b'"\xff\xfe"', b"nope", *REFUSES_ALL)
"""What msgspec does not take."""

OTHER = "z" * 32
_OTHER = json.dumps(
    {"spec": {"_meta": {"version": 5}, "nodes": [{"name": "o", "version": "1", "hash": OTHER}]}}
).encode()
_OTHER_RECORD = json.dumps({"hash": OTHER, "versions": ["1"]}).encode()

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Change:
    """A text with one changed value.

    Args:
        where: the keys that lead to it.
    """

    where: Path_
    value: bytes
    text: bytes


def places_of(value: object, where: Path_ = ()) -> Iterator[Path_]:
    """Every place of a document: of its values, from the root down."""
    yield where
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places_of(each, (*where, key))
    elif isinstance(value, list):
        for number, each in enumerate(value[:3]):
            yield from places_of(each, (*where, number))


def changed(document: object, where: Path_, value: bytes) -> Change:
    """A document with another value at a place."""
    if not where:
        return Change(where, value, value)
    copy = deepcopy(document)
    inner: Any = copy
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = _HERE
    text = json.dumps(copy).encode().replace(json.dumps(_HERE).encode(), value)
    return Change(where, value, text)


def changes(document: object, seed: str, most: int) -> Iterator[Change]:
    """Some of all changes, each place about as often, or all of them if they are no more."""
    places = list(places_of(document))
    every = [(where, value) for where in places for value in VALUES]
    random.Random(seed).shuffle(every)
    return (changed(document, where, value) for where, value in islice(every, most))


@dataclass(frozen=True)
class Case:
    """A document, and what reads it.

    Args:
        read: raises a CachetuiError, or AssertionError for a wrong answer.
    """

    name: str
    document: Any
    read: Callable[[Change, Path], None]


def cases() -> Iterator[Case]:
    """Every kind of JSON text that is read."""
    for name in ("index", "installed", "manifest", "image", "wanted", "directory", "kept"):
        for number, data in enumerate(_documents(name)):
            read = _beside_others if name in ("index", "installed") else _as_usual
            yield Case(f"{name} {number}", data, partial(read, BY_NAME[name]))
    records = real.records("hole-v2-spack1.2")
    nodes = closure(records, list(records)[:1])
    for version in (1, 2, 5):
        document = json.loads(spec_file(nodes, next(iter(nodes)), version))
        yield Case(f"spec file beside a page {version}", document, _beside_a_page)
    yield Case("record of a page", _page_records()[0], _in_a_page)


def _documents(name: str) -> Iterator[Any]:
    """The seeds of a reader that are JSON objects, a short one of each form."""
    seen = set()
    for data in sorted(BY_NAME[name].seeds, key=len):
        try:
            document = json.loads(data)
        except ValueError:
            continue
        form = _form(document)
        if isinstance(document, dict) and form not in seen:
            seen.add(form)
            yield _short(document)


def _form(document: Any) -> str:
    """What tells the forms of a text apart: keys, and the versions of it."""
    database = document.get("database", document) if isinstance(document, dict) else {}
    version = database.get("version", database.get("_meta", database.get("spec")))
    return f"{sorted(document)} {version if isinstance(version, str | int) else str(version)[:60]}"


def _short(document: Any) -> Any:
    """The document with two records at most."""
    database = document.get("database")
    if isinstance(database, dict):
        database["installs"] = dict(list(database["installs"].items())[:2])
    return document


def _page_records() -> list[Any]:
    (page, *_) = BY_NAME["page"].seeds
    line = next(line for line in page.split(b"\n") if line.startswith(b"spec_details:"))
    records: list[Any] = json.loads(line.partition(b":")[2])
    return records[:2]


def _as_usual(reader: Reader, change: Change, folder: Path) -> None:
    reader.read(change.text, folder)


def _beside_others(reader: Reader, change: Change, folder: Path) -> None:
    """Read records of which one is changed: the others are there, and it is there or named."""
    file = folder / (".spack-db/index.json" if reader.name == "installed" else "index.json")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(change.text)
    problems: list[Problem] = []
    specs = specs_of(folder if reader.name == "installed" else file, problems.append)
    compiled(specs, folder)
    if change.where[:2] != ("database", "installs") or len(change.where) < 3 or change.value in REFUSES_ALL:
        return
    hashes = {spec.dag_hash for spec in specs}
    bad = str(change.where[2])
    others = {key.decode() for key in re.findall(rb'"([a-z2-7]{32})": \{"spec"', change.text)} - {bad}
    assert hashes >= others, "a good record is lost"
    assert bad in hashes or any(bad[:30] in problem.place for problem in problems), (
        "a bad record is not named"
    )
    assert all(problem.reason.isprintable() for problem in problems), "a reason that is not printable"


def _beside_a_page(change: Change, folder: Path) -> None:
    """Read a spec file beside another one: the other one is there, and it is there or named."""
    page = write(folder, '---\ntitle: "a"\nspec_files: [spec-a.json, spec-b.json]\n---\n')
    (page.parent / "spec-a.json").write_bytes(change.text)
    (page.parent / "spec-b.json").write_bytes(_OTHER)
    _check_read(folder)


def _in_a_page(change: Change, folder: Path) -> None:
    """Read records of a page of which one is changed."""
    write(folder, b'---\ntitle: "a"\nspec_details: [%b]\n---\n' % b",".join([change.text, _OTHER_RECORD]))
    if change.value in NO_JSON:  # then it is read as YAML
        specs_of(folder)
    else:
        _check_read(folder)


def _check_read(folder: Path) -> None:
    """There is the other build, and the changed one or a reason why not."""
    problems: list[Problem] = []
    hashes = {spec.dag_hash for spec in specs_of(folder, problems.append)}
    assert OTHER in hashes, "a good record is lost"
    assert len(hashes) > 1 or problems, "a bad record is not named"


def failures(case: Case, seed: int, most: int, folder: Path) -> list[Failure]:
    """Read changed texts; one failure of each reason."""
    found: dict[str, Failure] = {}
    for change in changes(case.document, f"{case.name} {seed}", most):
        reader = Reader(case.name, "", list, lambda data, folder, change=change: case.read(change, folder))  # type: ignore[misc]
        if reason := failure_of(reader, change.text, folder):
            found.setdefault(
                reason, Failure(f"{reason} at {change.where}: {change.value[:20]!r}", change.text)
            )
    return list(found.values())


def measure(run: Run) -> list[Outcome]:
    """Change every value of every kind of text."""
    outcome = Outcome("JSON of another type, or no JSON, at every place of every text that is read")
    for case in cases():
        tell(f"typed: {case.name}")
        folder = run.place(f"typed-{case.name.replace(' ', '-')}")
        most = run.times(len(list(places_of(case.document))) * len(VALUES))
        outcome.times += most
        outcome.failures += [failure.reason for failure in failures(case, run.seed, most, folder)]
    outcome.crashed = len(outcome.failures)
    return [outcome]
