"""The catalog is the same however many parts and processes read an index."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import SourceError
from cachetui.refresh import open_catalog
from cachetui.refresh.helper import Helper, Task
from cachetui.refresh.parts import ReadParts
from cachetui.sources import Problem, Report, SourcePart
from cachetui.sources.index.file import IndexFile
from cachetui.spec import Place
from tests.builders.mirrors import database, mirror, records_of
from tests.conftest import dag_hash
from tests.refresh.files import catalog_file, files, hashes
from tests.refresh.parts import Content, content, cut_into, share, unpacked, watch

WHOLE = 1 << 40

Change = Callable[[bytes], bytes]


pytestmark = pytest.mark.usefixtures("home")


def compiled(monkeypatch: pytest.MonkeyPatch, file: Path, size: int, shared: bool = False) -> Content:
    """The catalog of an index that is read in parts of a size."""
    with monkeypatch.context() as patched:
        cut_into(patched, size)
        share(patched, shared)
        opened = open_catalog([str(file)])
    assert opened.compiled
    found = content(opened)
    catalog_file().unlink()
    return found


def small_index(folder: Path, *builds: int) -> Path:
    return Path(mirror(folder, *builds)) / "build_cache" / "index.json"


@pytest.mark.parametrize("name", ["mirror-v2-spack0.23", "mirror-v2-spack1.2", "whole-v2-spack1.2"])
def test_catalog_is_the_same_for_any_parts_and_processes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = unpacked(name, tmp_path)
    whole = compiled(monkeypatch, index, WHOLE)
    assert len([name for name, *_ in whole["chunk"] if name == "ancestors 0"]) > 0
    for size in (1, 700, 20_000):
        assert compiled(monkeypatch, index, size) == whole
    for size in (700, 20_000):
        assert compiled(monkeypatch, index, size, shared=True) == whole


def test_parts_cover_each_record_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = small_index(tmp_path / "m", *range(40))
    cut_into(monkeypatch, 1)
    source = IndexFile(index, Place("m"))
    problems: list[Problem] = []
    parts = source.parts(problems.append)
    assert len(parts) == 40
    found = [spec for part in parts for batch in part.batches(problems.append) for spec in batch.specs]
    assert not problems
    assert found == [spec for batch in source.batches(problems.append) for spec in batch.specs]


def edited(change: Callable[[dict[str, object]], object]) -> Change:
    def written(text: bytes) -> bytes:
        return json.dumps({"database": change(json.loads(text)["database"])}).encode()

    return written


def nameless(text: bytes) -> bytes:
    """Some records have no name."""
    broken = {dag_hash(number): {"spec": {"version": "1"}} for number in (3, 20)}
    return database(records_of(text) | broken)


def as_database_5(text: bytes) -> bytes:
    """The node of each record stands below its name."""
    return database({key: {"spec": {"zlib": {"version": "1"}}} for key in records_of(text)}, "5")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(nameless, id="records without a name"),
        pytest.param(as_database_5, id="database 5"),
        pytest.param(edited(lambda found: dict(reversed(found.items()))), id="version at the end"),
        pytest.param(edited(lambda found: {**found, "version": "10"}), id="newer"),
        pytest.param(lambda text: json.dumps(json.loads(text), indent=4).encode(), id="indented"),
        pytest.param(lambda text: text.replace(b'"1.7"', b'"1.\xff"'), id="not UTF-8"),
        pytest.param(lambda text: text.replace(b'"1.7"', b'{"a": [1]}'), id="a version that is none"),
        pytest.param(lambda text: text + b" trailing", id="trailing data"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="byte order mark"),
        pytest.param(
            lambda text: b'{"more": ' + text.replace(b'"1.', b'"2.') + b", " + text[1:], id="two of it"
        ),
        pytest.param(
            lambda text: text[:-1] + b', "more": {"%b": {"spec": {}}, "b": {}}}' % dag_hash(80).encode(),
            id="what looks like a record behind",
        ),
        pytest.param(
            lambda text: (
                b'{"more": {"%b": {"spec": {"name": "a", "version": "1"}}}, ' % dag_hash(80).encode()
                + text[1:]
            ),
            id="what looks like a record before",
        ),
        pytest.param(
            lambda text: (
                b'{"more": {"%b": {"spec": {"name": "a", "version": "1"}}}, ' % dag_hash(80).encode()
                + text.replace(b'{"spec":', b'{"ref_count": 1, "spec":')[1:]
            ),
            id="only what looks like a record before",
        ),
        pytest.param(
            lambda text: text.replace(b'{"spec":', b'{"ref_count": 1, "spec":'), id="another order of keys"
        ),
        pytest.param(
            lambda text: text.replace(dag_hash(30).encode(), dag_hash(2).encode()), id="a hash stands twice"
        ),
        pytest.param(
            lambda text: text.replace(b'"1.9"', b'"x", "more": {"%b": {"spec": {}}}' % dag_hash(77).encode()),
            id="what looks like a record in a record",
        ),
    ],
)
def test_odd_indexes_give_the_same_catalog_in_parts(
    change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = small_index(tmp_path / "m", *range(40))
    index.write_bytes(change(index.read_bytes()))
    whole = compiled(monkeypatch, index, WHOLE)
    for shared in (False, True):
        for size in (1, 400):
            assert compiled(monkeypatch, index, size, shared) == whole


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text[: len(text) // 2], id="cut short"),
        pytest.param(lambda text: text[:-1], id="without the last brace"),
        pytest.param(lambda text: text.replace(b'"1.19"', b'"1.19'), id="damaged in the middle"),
        pytest.param(lambda text: text.replace(b'}}, "', b'}} "', 1), id="without a comma"),
        pytest.param(lambda text: text.replace(b'}}, "', b'}},, "', 1), id="with two commas"),
    ],
)
def test_damage_is_reported_as_when_read_as_a_whole(
    change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = small_index(tmp_path / "m", *range(40))
    index.write_bytes(change(index.read_bytes()))
    messages = set()
    for size, shared in ((WHOLE, False), (1, False), (1, True), (400, True)):
        with pytest.raises(SourceError, match=r"truncated or damaged JSON at .*byte") as caught:
            compiled(monkeypatch, index, size, shared)
        messages.add(str(caught.value))
    assert len(messages) == 1
    assert files(paths.cache_dir()) == []


def test_catalog_has_no_part_of_a_damaged_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = small_index(tmp_path / "bad", *range(40)), mirror(tmp_path / "good", 50)
    bad.write_bytes(bad.read_bytes().replace(b'"1.39"', b'"1.39'))
    cut_into(monkeypatch, 1)
    share(monkeypatch, shared=True)
    opened = open_catalog([str(bad), good])
    assert len(opened.failures) == 1
    assert hashes(opened) == {dag_hash(50)}


def test_two_sources_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locations = [mirror(tmp_path / "a", *range(30)), mirror(tmp_path / "b", *range(20, 50))]
    found = []
    for size, shared in ((WHOLE, False), (1, False), (400, True)):
        cut_into(monkeypatch, size)
        share(monkeypatch, shared)
        found.append(content(open_catalog(locations)))
        catalog_file().unlink()
    assert found[0] == found[1] == found[2]
    assert ("specs", "50") in found[0]["meta"]


def test_file_replaced_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = small_index(tmp_path / "m", *range(40))
    cut_into(monkeypatch, 1)
    share(monkeypatch, shared=True)

    def replace_once(helper: Helper, task: Task[object]) -> None:
        if isinstance(task, ReadParts) and not index.with_name("old").exists():
            index.rename(index.with_name("old"))
            mirror(tmp_path / "m", *range(100, 140))

    watch(monkeypatch, replace_once)
    assert hashes(open_catalog([str(index)])) == {dag_hash(number) for number in range(100, 140)}


@pytest.mark.parametrize("shared", [False, True], ids=["one process", "two processes"])
def test_transient_failure_of_a_part_is_not_stored(
    shared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, other = small_index(tmp_path / "m", *range(40)), mirror(tmp_path / "other", 50)
    away = index.with_name("away")
    cut_into(monkeypatch, 1)
    share(monkeypatch, shared)

    def parts(source: IndexFile, report: Report) -> Sequence[SourcePart]:
        found = divide(source, report)
        if source.file == index:
            index.rename(away)
        return found

    divide = IndexFile.parts
    with monkeypatch.context() as patched:
        patched.setattr(IndexFile, "parts", parts)
        opened = open_catalog([str(index), other])
    assert "No such file" in opened.failures[0]
    assert hashes(opened) == {dag_hash(50)}
    away.rename(index)  # the same content, by its size and time
    opened = open_catalog([str(index), other])
    assert opened.failures == ()
    assert hashes(opened) == {dag_hash(number) for number in (*range(40), 50)}


def test_deeply_nested_record_does_not_hide_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = small_index(tmp_path / "m", *range(40))
    deep = b'"1.9", "more": ' + b"[" * 100_000 + b"]" * 100_000
    index.write_bytes(index.read_bytes().replace(b'"1.9"', deep))
    for size in (WHOLE, 1):
        cut_into(monkeypatch, size)
        opened = open_catalog([str(index)])
        assert opened.skipped == 1
        catalog_file().unlink()
        assert hashes(opened) == {dag_hash(number) for number in range(40) if number != 9}
