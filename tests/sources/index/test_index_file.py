"""An index file as a source: real ones against a naive reader, damaged files, hostile records, streaming."""

from __future__ import annotations

import gzip
import json
import os
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import to_builtins

from cachetui.errors import SourceError
from cachetui.sources.base import BATCH_SIZE, Problem
from cachetui.sources.index.file import IndexFile
from cachetui.spec import Place, Spec
from tests.builders.mirrors import database, records_of
from tests.conftest import MIRROR_023, MIRROR_12, dag_hash, shared_data, texts_of

HASH = "abcdefghijklmnopqrstuvwxyz234567"
OTHER = "z" * 32
GOOD = {"spec": {"name": "good", "version": "1"}}


def record(**fields: object) -> dict[str, Any]:
    return {"spec": {"name": "zlib", "version": "1.3", "hash": HASH, **fields}, "in_buildcache": True}


def index(installs: object, version: object = "8") -> str:
    return database(installs, version).decode()


def beside_good(broken: object, key: str = HASH) -> str:
    """An index of a broken record and a good one."""
    return index({key: broken, OTHER: GOOD})


def read(folder: Path, content: str | bytes) -> tuple[list[Spec], list[Problem]]:
    file = folder / "index.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    problems: list[Problem] = []
    batches = list(IndexFile(file, Place("here")).batches(problems.append))
    assert batches[-1].done == batches[-1].total
    return [spec for batch in batches for spec in batch.specs], problems


def no_problem(problem: Problem) -> None:
    pytest.fail(str(problem))


def only(folder: Path, content: str | bytes) -> Spec:
    """Read an index of one spec and no problems."""
    specs, problems = read(folder, content)
    assert problems == []
    (spec,) = specs
    return spec


def failure(folder: Path, content: str | bytes) -> str:
    """Return the error of an index that cannot be read: one printable line with its place."""
    with pytest.raises(SourceError) as caught:
        read(folder, content)
    assert caught.value.place == str(folder / "index.json")
    assert str(caught.value).isprintable()
    return caught.value.reason


# Real indexes


@pytest.mark.parametrize("mirror", [MIRROR_023, MIRROR_12])
def test_real_index(mirror: Path, tmp_path: Path) -> None:
    data = gzip.decompress((mirror / "build_cache" / "index.json.gz").read_bytes())
    installs = records_of(data)
    specs, problems = read(tmp_path, data)
    assert problems == []
    assert [spec.dag_hash for spec in specs] == list(installs)
    for spec in specs:
        node, in_buildcache = installs[spec.dag_hash]["spec"], installs[spec.dag_hash]["in_buildcache"]
        assert (spec.name, spec.version, spec.namespace) == (node["name"], node["version"], node["namespace"])
        assert spec.in_buildcache == in_buildcache
        assert spec.listed
        arch = node["arch"]
        assert (spec.platform, spec.os) == (arch["platform"], arch["platform_os"])
        target = (
            arch["target"] if isinstance(arch["target"], dict) else {"name": arch["target"], "parents": []}
        )
        assert (spec.target, list(spec.target_parents)) == (target["name"], target["parents"])
        ours = {**dict(spec.variants), "patches": spec.patches, **dict(spec.flags)}
        assert {k: list(v) if isinstance(v, tuple) else v for k, v in ours.items() if v != ()} == {
            k: v for k, v in node["parameters"].items() if v != []
        }
        edges = [(e.name, e.dag_hash, list(e.deptypes), list(e.virtuals)) for e in spec.dependencies]
        assert edges == [
            (e["name"], e["hash"], e["parameters"]["deptypes"], sorted(e["parameters"]["virtuals"]))
            for e in node.get("dependencies", [])
        ]
        assert spec.external == (node.get("external") or {}).get("path", "")
        assert spec.package_hash == node.get("package_hash", "")
        assert spec.places == (Place(mirror="here"),)


@pytest.mark.parametrize(
    ("mirror", "records", "externals", "packages", "edges"),
    [("mirror-v2-spack0.23", 5027, 41, 545, 29011), ("mirror-v2-spack1.2", 1777, 30, 155, 12719)],
)
def test_whole_mirror(mirror: str, records: int, externals: int, packages: int, edges: int) -> None:
    problems: list[Problem] = []
    file = shared_data(mirror) / "build_cache" / "index.json"
    specs = [s for batch in IndexFile(file, Place("here")).batches(problems.append) for s in batch.specs]
    assert problems == []
    assert len(specs) == len({spec.dag_hash for spec in specs}) == records
    assert sum(not spec.in_buildcache for spec in specs) == externals
    assert sum(bool(spec.external) for spec in specs) == externals
    assert len({spec.name for spec in specs}) == packages
    assert sum(len(spec.dependencies) for spec in specs) == edges


def test_mixed_spec_formats() -> None:
    index_file = shared_data("fetched/mirror-v2-mixed-signed") / "build_cache" / "index.json"
    problems: list[Problem] = []
    specs = [
        s for batch in IndexFile(index_file, Place("here")).batches(problems.append) for s in batch.specs
    ]
    assert problems == []
    assert {spec.spec_format for spec in specs} == {4, 5}


# The file


def test_compressed_and_plain_are_equal(tmp_path: Path) -> None:
    text = beside_good(record()).encode()
    assert read(tmp_path, gzip.compress(text)) == read(tmp_path, text)


@pytest.mark.parametrize("version", [8, 8.0, "8", "8.1"])
def test_database_version(tmp_path: Path, version: object) -> None:
    assert only(tmp_path, index({OTHER: GOOD}, version)).spec_format == 5


@pytest.mark.parametrize(
    ("version", "spec_format"),
    [("0.9.3", 1), (5, 1), (6, 3), (7, 4), (9, 6), ("inf", 6), (10**400, 6), ("nan", 6), (None, 6), ([], 6)],
)
def test_any_database_version_is_read(tmp_path: Path, version: object, spec_format: int) -> None:
    assert only(tmp_path, index({OTHER: GOOD}, version)).spec_format == spec_format


def test_newer_database_is_read_with_a_note(tmp_path: Path) -> None:
    specs, problems = read(tmp_path, index({OTHER: GOOD}, "10"))
    assert [spec.name for spec in specs] == ["good"]
    reason = "database version 10 is newer than 9; read as 9"
    assert problems == [Problem(str(tmp_path / "index.json"), reason, skipped=False)]


@pytest.mark.parametrize("before", ["\ufeff", "", " \r\n\t"])
@pytest.mark.parametrize("after", ["", "\n", "\0\0\0", "}", "{}", "\ufeff junk \x1b[31m"])
def test_bytes_around_the_json(tmp_path: Path, before: str, after: str) -> None:
    assert only(tmp_path, before + index({OTHER: GOOD}) + after).name == "good"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the index is empty"),
        (" \n\n", "the index is empty"),
        ("\ufeff", "the index is empty"),
        ("null", "not a JSON index: it begins with 'null'"),
        ("[]", "not a JSON index"),
        ("<!DOCTYPE html><html>\x1b]0;x\x07", "a web page, not a JSON index; is there"),
        ("\0\0\0", "not a JSON index"),
        (b"\xff\xfe{\0", "not a JSON index"),
        ("{}", "it has no `database`"),
        ('{"database": null}', "it has no `database`"),
        ('{"database": []}', "got `array` - at `$.database`"),
        ('{"database": {"version": "8"}}', "`installs` is not a mapping"),
        (index(None), "`installs` is not a mapping"),
        (index([]), "`installs` is not a mapping"),
        (index("x"), "`installs` is not a mapping"),
        (index({HASH: record()})[:100], "truncated or damaged JSON at the end, byte 100"),
        (index({HASH: record()}).replace('"spec"', 'spec"'), "truncated or damaged JSON at byte "),
        ('{"database": {"x": ' + "[" * 100_000, "nested too deep"),
        (gzip.compress(index({OTHER: GOOD}).encode(), mtime=0)[:-12], "truncated gzip data"),
        (gzip.compress(b"{}", mtime=0)[:10] + b"\xff" * 20, "gzip data"),
        (gzip.compress(b"", mtime=0), "the index is empty"),
    ],
)
def test_file_that_is_not_an_index(tmp_path: Path, content: str | bytes, reason: str) -> None:
    assert reason in failure(tmp_path, content)


def test_every_truncation_is_an_error(tmp_path: Path) -> None:
    text = index({HASH: record(), OTHER: GOOD})
    for end in range(len(text)):
        failure(tmp_path, text[:end])


def test_any_damaged_byte_of_a_gzip_file(tmp_path: Path) -> None:
    packed = gzip.compress(beside_good(record()).encode(), mtime=0)
    refused = 0
    for position in range(2, len(packed)):
        damaged = packed[:position] + bytes([packed[position] ^ 0xFF]) + packed[position + 1 :]
        try:
            read(tmp_path, damaged)
        except SourceError:
            refused += 1
    assert refused > len(packed) // 2


def test_fingerprint_of_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"\xff.json")
    try:
        file.write_text("{}")
    except OSError:
        pytest.skip("this file system takes only text")
    before = IndexFile(file, Place("m")).fingerprint()
    assert before.encode()
    file.write_text("{ }")
    assert IndexFile(file, Place("m")).fingerprint() != before


def test_gzip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = index({OTHER: GOOD}).encode()
    monkeypatch.setattr("cachetui.fetch.unpacking.SMALL", len(text))
    assert only(tmp_path, gzip.compress(text)).name == "good"
    assert "decompresses to more than" in failure(tmp_path, gzip.compress(text + b" " * 200_000))


def test_missing_file(tmp_path: Path) -> None:
    source = IndexFile(tmp_path / "index.json", Place("here"))
    with pytest.raises(SourceError, match="No such file"):
        list(source.batches(print))
    with pytest.raises(SourceError, match="No such file"):
        source.fingerprint()


def test_fingerprint_follows_the_file(tmp_path: Path) -> None:
    source = IndexFile(tmp_path / "index.json", Place("here"))
    prints = set()
    for text in ("{}", "{ }", "{  }"):
        source.file.write_text(text)
        prints |= {source.fingerprint(), source.fingerprint()}
    assert len(prints) == 3


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    for field in ({"name": "z@"}, {"parameters": {"k": "v@"}}, {"arch": "linux-os@-zen"}, {"version": "@"}):
        content = beside_good(record(**field)).encode().replace(b"@", b"\xff")
        specs, problems = read(tmp_path, content)
        assert problems == []
        assert "\ufffd" in specs[0].text()
        assert specs[1].name == "good"
    named = {"spec": {"zlib": {"version": "1@"}}}
    assert read(tmp_path, beside_good(named).encode().replace(b"@", b"\xff"))[0][0].version == "1\ufffd"


def test_key_that_is_not_utf8(tmp_path: Path) -> None:
    specs, problems = read(tmp_path, beside_good(record(), "@").encode().replace(b'"@"', b'"\xff"'))
    assert [spec.name for spec in specs] == ["good"]
    assert [problem.place.endswith("record \ufffd") for problem in problems] == [True]


# Records


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (None, "got `null`"),
        ([], "got `array`"),
        ("x", "got `str`"),
        ({}, "no `spec`"),
        ({"spec": None}, "no `spec`"),
        ({"spec": {}}, "no name"),
        ({"spec": {"a": {"version": "1"}, "b": {"version": "1"}}}, "no name"),
        ({"spec": {"": {"version": "1"}}}, "no name"),
        (record(name=None), "no name"),
        (record(name=""), "no name"),
        (record(name=5), "$.spec.name"),
        (record(version=None), "no version"),
        (record(version=None, versions=[]), "no version"),
        (record(version={}), "$.spec.version"),
        (record(namespace=5), "$.spec.namespace"),
        (record(dependencies="x"), "$.spec.dependencies"),
        (record(dependencies=[None]), "$.spec.dependencies[0]"),
        (record(provided_virtuals={}), "$.spec.provided_virtuals"),
    ],
)
def test_bad_record_does_not_affect_others(tmp_path: Path, broken: object, reason: str) -> None:
    specs, problems = read(tmp_path, beside_good(broken))
    assert [spec.name for spec in specs] == ["good"]
    (problem,) = problems
    assert reason in problem.reason
    assert problem.place == f"{tmp_path / 'index.json'}: record {HASH}"


@pytest.mark.parametrize(
    "key", [HASH.upper(), HASH[:31], HASH + "a", HASH[:-1] + "1", "", "é" * 32, HASH + "\n"]
)
def test_key_that_is_not_a_hash(tmp_path: Path, key: str) -> None:
    specs, problems = read(tmp_path, beside_good(record(), key))
    assert [spec.name for spec in specs] == ["good"]
    (problem,) = problems
    assert "is not 32 characters of a-z2-7" in problem.reason
    assert str(problem).isprintable()


def test_key_overrides_the_hash_of_the_node(tmp_path: Path) -> None:
    spec = only(tmp_path, index({OTHER: record()}))
    assert (spec.dag_hash, spec.legacy_hashes) == (OTHER, (HASH,))


def test_in_buildcache_and_external(tmp_path: Path) -> None:
    external: dict[str, object] = {"path": "/usr", "module": None, "extra_attributes": {}}
    forms = [
        ({"spec": GOOD["spec"]}, True, True),
        ({**GOOD, "in_buildcache": None}, True, True),
        ({**GOOD, "in_buildcache": False}, False, False),
        ({**record(external=external), "in_buildcache": False}, False, True),
    ]
    for form, in_buildcache, listed in forms:
        spec = only(tmp_path, index({OTHER: form}))
        assert (spec.in_buildcache, spec.listed) == (in_buildcache, listed)


def test_unknown_keys_are_ignored(tmp_path: Path) -> None:
    node = record(build_spec={"name": "zlib", "hash": OTHER}, propagate=[], concrete=True, later=[[{}]])
    extended = {**node, "ref_count": "many", "path": "None", "installed": None, "installation_time": 0,
            "deprecated_for": OTHER, "origin": "external-db", "explicit": False}  # fmt: skip
    text = json.dumps({"later": 1, "database": {"version": "8", "installs": {HASH: extended}, "more": []}})
    assert only(tmp_path, text) == only(tmp_path, index({HASH: record()}))


def test_deeply_nested_parameters(tmp_path: Path) -> None:
    text = beside_good(record(parameters={"deep": "@", "shared": True}))
    for depth in (1, 100, 500, *range(sys.getrecursionlimit() - 120, sys.getrecursionlimit())):
        nested = text.replace('"@"', "[" * depth + "]" * depth)
        try:
            specs, problems = read(tmp_path, nested)
        except SourceError:
            assert depth > 500
        else:
            assert specs[-1].name == "good"
            assert len(specs) + len(problems) == 2


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.just(HASH),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_KEYS = ("name", "version", "arch", "compiler", "namespace", "parameters", "package_hash", "dependencies",
         "hash", "full_hash", "external", "annotations", "provided_virtuals", "patches")  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(fields=st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=4))
def test_any_node(fields: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> None:
    specs, problems = read(tmp_path_factory.getbasetemp(), beside_good(record(**fields)))
    assert specs[-1].name == "good"
    assert len(specs) + len(problems) == 2
    assert all(text.isprintable() for spec in specs for text in texts_of(to_builtins(spec)))
    assert all(str(problem).isprintable() for problem in problems)


# Streaming


def test_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    count = 2 * BATCH_SIZE + 17
    file = tmp_path / "index.json"
    file.write_text(index({dag_hash(number): GOOD for number in range(count)}))
    size = file.stat().st_size
    reading = IndexFile(file, Place("here")).batches(no_problem)
    first = next(reading)
    file.write_text("")
    batches = [first, *reading]
    assert [len(batch.specs) for batch in batches] == [BATCH_SIZE, BATCH_SIZE, 17]
    done = [batch.done for batch in batches]
    assert done == sorted(set(done))
    assert {batch.total for batch in batches} == {size} == {done[-1]}


def test_memory_stays_small(tmp_path: Path) -> None:
    edges = [
        {"name": f"dep-{i}", "hash": HASH, "parameters": {"deptypes": ["link"], "virtuals": []}}
        for i in range(8)
    ]
    one = json.dumps(record(package_hash="x" * 56, dependencies=edges, parameters={"shared": True}))
    file = tmp_path / "index.json"
    with file.open("w") as stream:
        stream.write('{"database":{"version":"8","installs":{')
        stream.write(",".join(f'"{dag_hash(n)}":{one}' for n in range(20_000)))
        stream.write("}}}")
    tracemalloc.start()
    try:
        count = sum(len(batch.specs) for batch in IndexFile(file, Place("here")).batches(no_problem))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < file.stat().st_size * 2
