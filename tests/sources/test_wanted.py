"""Lock files, spec files and lists: what `check` reads."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cachetui.bounded import WANTED
from cachetui.errors import SourceError
from cachetui.sources import Wanted, is_wanted, read_wanted, read_wanted_file
from cachetui.spec import Spec
from tests.builders.mirrors import records_of
from tests.builders.wanted import closure, lock_file, spec_file
from tests.conftest import DATA, MIRROR_023, MIRROR_12

INDEX = "build_cache/index.json.gz"
RECORDS = records_of(gzip.decompress((MIRROR_023 / INDEX).read_bytes()))
ROOT = next(h for h, record in RECORDS.items() if record["spec"]["name"] == "hdf5")
NODES = closure(RECORDS, [ROOT])
NEW_RECORDS = records_of(gzip.decompress((MIRROR_12 / INDEX).read_bytes()))


def plain(specs: Wanted) -> dict[str, Spec]:
    """The specs without what old formats do not have: virtuals of edges, and the format itself."""

    def without(spec: Spec) -> Spec:
        edges = tuple(sorted((replace(e, virtuals=()) for e in spec.dependencies), key=lambda e: e.name))
        return replace(spec, dependencies=edges, spec_format=0)

    return {dag_hash: without(spec) for dag_hash, spec in specs.specs.items()}


def refused(data: bytes) -> str:
    """Why a text is refused: one line, with its place."""
    with pytest.raises(SourceError) as caught:
        read_wanted(data, "FILE")
    message = str(caught.value)
    assert message.startswith("FILE") and "\n" not in message and message.isprintable()
    return message


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_lock_files_of_all_formats_read_alike(version: int) -> None:
    newest = read_wanted(lock_file(NODES, [ROOT], 6), "FILE")
    wanted = read_wanted(lock_file(NODES, [ROOT], version), "FILE")
    assert [(root.text, root.dag_hash) for root in wanted.roots] == [("hdf5", ROOT)]
    assert plain(wanted) == plain(newest) and set(wanted.specs) == set(NODES)
    assert not wanted.notes


@pytest.mark.parametrize("spec_format", [1, 2, 3, 4])
def test_spec_files_of_all_formats_read_alike(spec_format: int) -> None:
    newest = read_wanted(spec_file(NODES, ROOT, 5), "FILE")
    wanted = read_wanted(spec_file(NODES, ROOT, spec_format), "FILE")
    assert [root.dag_hash for root in wanted.roots] == [ROOT]
    assert plain(wanted) == plain(newest)


def test_newer_formats_are_read_with_a_note() -> None:
    lock = json.loads(lock_file(NODES, [ROOT], 6))
    lock["_meta"]["lockfile-version"] = 9
    assert read_wanted(json.dumps(lock).encode(), "FILE").notes == (
        "lock file format 9 is newer than 7; read as 7",
    )
    spec = json.loads(spec_file(NODES, ROOT, 5))
    spec["spec"]["_meta"]["version"] = 8
    assert read_wanted(json.dumps(spec).encode(), "FILE").notes == (
        "spec format 8 is newer than 6; read as 6",
    )


def test_edges_by_old_hashes_lead_to_the_hash_that_caches_have() -> None:
    """Lock files up to format 3 name nodes by `build_hash`."""
    old = {dag_hash: f"7777{dag_hash[:28]}" for dag_hash in NODES}
    lock = json.loads(lock_file(NODES, [ROOT], 2))
    text = json.dumps(lock["concrete_specs"])
    for dag_hash, build_hash in old.items():
        text = text.replace(f'"{dag_hash}"', f'"{build_hash}"')
    specs = json.loads(text)
    for build_hash, named in specs.items():
        (node,) = named.values()
        node["build_hash"] = build_hash
        node["hash"] = next(h for h, other in old.items() if other == build_hash)
    lock["concrete_specs"] = specs
    lock["roots"] = [{"hash": old[ROOT], "spec": "hdf5"}]
    wanted = read_wanted(json.dumps(lock).encode(), "FILE")
    assert plain(wanted).keys() == NODES.keys()
    assert [root.dag_hash for root in wanted.roots] == [ROOT]
    edges = {edge.dag_hash for spec in wanted.specs.values() for edge in spec.dependencies}
    assert edges <= set(NODES)


def test_included_environments_are_read_too() -> None:
    inner = json.loads(lock_file(NODES, [ROOT], 6))
    other = next(h for h in NODES if h != ROOT)
    included = {"/path": {"roots": inner["roots"], "concrete_specs": inner["concrete_specs"]}}
    outer = lock_file({other: NODES[other]}, [other], 6, include_concrete=included)
    wanted = read_wanted(outer, "FILE")
    assert {root.dag_hash for root in wanted.roots} == {ROOT, other}
    assert set(wanted.specs) == set(NODES)


def test_several_documents_and_lists_of_nodes() -> None:
    """`spack spec --json A B` prints one document after the other, `spack find --json` a list."""
    one = spec_file(NODES, ROOT, 4)
    other = next(h for h in NODES if h != ROOT)
    two = spec_file(closure(RECORDS, [other]), other, 4)
    wanted = read_wanted(one + b"\n" + two + b"\n\n", "FILE")
    assert [root.dag_hash for root in wanted.roots] == [ROOT, other]
    listed = read_wanted(json.dumps([NODES[ROOT], NODES[other]]).encode(), "FILE")
    assert [root.dag_hash for root in listed.roots] == [ROOT, other]
    find = next((DATA / "installed-spack1.2").rglob("find*.json"), None)
    if find is not None:
        assert read_wanted(find.read_bytes(), "FILE").roots


def test_packed_signed_and_marked_files_are_read() -> None:
    text = spec_file(NODES, ROOT, 4)
    signed = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
        + text
        + b"\n-----BEGIN PGP SIGNATURE-----\nx\n"
    )
    for form in (gzip.compress(text), b"\xef\xbb\xbf" + text, signed):
        assert [root.dag_hash for root in read_wanted(form, "FILE").roots] == [ROOT]


def test_lists_skip_comments_and_blank_lines() -> None:
    wanted = read_wanted(b"# mine\n\nhdf5 +mpi  # the one\n  /abcdefg\r\n", "stdin")
    assert [(line.place, line.text) for line in wanted.lines] == [
        ("stdin, line 3", "hdf5 +mpi"),
        ("stdin, line 4", "/abcdefg"),
    ]


def test_what_is_a_file_to_check(tmp_path: Path) -> None:
    def written(name: str, content: bytes) -> Path:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        return file

    lock = lock_file(NODES, [ROOT], 6)
    index = json.dumps({"database": {"version": "8", "installs": {}}}).encode()
    assert is_wanted(written("any name", lock)) and is_wanted(written("a.gz", gzip.compress(lock)))
    assert is_wanted(written("env/spack.lock", lock).parent)
    assert is_wanted(written("list.txt", b"hdf5\n"))
    for other in (
        index,
        gzip.compress(index),
        b"SQLite format 3\x00",
        b'{"version": 3, "data": []}',
        b"---\nx",
    ):
        assert not is_wanted(written("other", other)), other
    assert not is_wanted(tmp_path)
    assert read_wanted_file(tmp_path / "env").roots[0].dag_hash == ROOT


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"# only this\n", "only comments"),
        (b"{", "truncated or damaged JSON"),
        (b'{"a": 1}', "neither a spack.lock nor a spec.json"),
        (b"[1, 2]", "a list of something else"),
        (b'{"database": {}}', "this is an index"),
        (b'{"concrete_specs": {}, "roots": []}', "no specs; concretize"),
        (b'{"concrete_specs": {}, "roots": [{"spec": "hdf5"}]}', "the root 'hdf5' has no hash"),
        (b'{"concrete_specs": {"a": 1}, "roots": []}', "concrete_specs.a"),
        (b'{"spec": {"nodes": []}}', "lists no specs"),
        (b'{"spec": {"nodes": [{"name": "x", "version": "1"}]}}', "x has no hash"),
        (b'{"spec": {"nodes": [{"name": "x", "version": "1", "hash": "abc"}]}}', "nodes[0]"),
        (b"[" * 100_000, "damaged JSON"),
        (b"\xff\xfe", "line 1: not UTF-8"),
        (b"# mine\nspack:\n  specs: [hdf5]\n", "give the spack.lock beside it"),
        (b"\x00\x01", "neither JSON nor text"),
        (b"\x1f\x8b\x00", "gzip data"),
        (b"hdf5\n" * 100_001, "more than 100,000 lines"),
    ],
)
def test_bad_files_are_refused_with_a_reason(data: bytes, reason: str) -> None:
    assert reason in refused(data)


def test_files_that_are_too_big_are_refused() -> None:
    assert "larger than 100 MB" in refused(b" " * (WANTED + 1))
    assert "larger than 100 MB" in refused(gzip.compress(b" " * (WANTED + 1)))


LOCK = lock_file(closure(RECORDS, [ROOT]), [ROOT], 4)[:4000]


@given(st.integers(0, len(LOCK)), st.binary(max_size=8), st.integers(0, 8))
def test_damage_anywhere_gives_one_line(place: int, inserted: bytes, dropped: int) -> None:
    data = LOCK[:place] + inserted + LOCK[place + dropped :]
    if data.lstrip()[:1] in (b"{", b"["):  # else it is a list
        refused(data)


KEYS = (
    *("concrete_specs", "roots", "_meta", "spec", "nodes", "name", "version", "hash", "dependencies"),
    *("lockfile-version", "include_concrete", "arch", "parameters", "compiler", "external"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_or_refused_in_one_line(value: object) -> None:
    try:
        wanted = read_wanted(json.dumps(value).encode(), "FILE")
    except SourceError as error:
        assert "\n" not in str(error) and str(error).isprintable()
    else:
        assert wanted.roots or wanted.lines
