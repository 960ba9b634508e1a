"""Records that no decoder takes beside good ones: they are skipped, counted and named, the rest is read."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cachetui.errors import SourceError
from cachetui.sources.base import NotDivisible, Problem, SourcePart
from cachetui.sources.index import members, parts, records
from cachetui.sources.index.database import check_complete
from cachetui.sources.index.file import IndexFile
from cachetui.spec import Place, Spec
from tests.conftest import dag_hash

BAD = dag_hash(1_000_000)

Read = Callable[[bytes], tuple[list[Spec], list[Problem]]]


def text_of(bad: bytes, good: int = 3) -> bytes:
    """An index with a bad record in the middle, or at the end."""
    found = [b'"%b":{"spec":{"name":"p%d","version":"1"}}' % (dag_hash(n).encode(), n) for n in range(good)]
    found.insert(good // 2, b'"%b":%b' % (BAD.encode(), bad))
    return b'{"database":{"version":"8","installs":{%b}}}' % b",\n ".join(found)


def node(fields: bytes) -> bytes:
    return b'{"spec":{"name":"bad","version":"1",%b}}' % fields


def read(file: Path, content: bytes) -> tuple[list[Spec], list[Problem]]:
    file.write_bytes(content)
    problems: list[Problem] = []
    source = IndexFile(file, Place("here"))
    batches: Sequence[SourcePart | IndexFile] = source.parts(problems.append) or [source]
    return [spec for part in batches for b in part.batches(problems.append) for spec in b.specs], problems


SKIPPED = {
    "deep": node(b'"parameters":{"v":' + b"[" * 1000 + b"]" * 1000 + b"}"),
    "very deep": node(b'"x":' + b'{"a":[' * 50_000 + b"]}" * 50_000),
    "nan as version": b'{"spec":{"name":"bad","version":NaN}}',
    "long number": b'{"spec":{"name":"bad","version":%b}}' % (b"9" * 10_000),
    "a million variants": node(b'"parameters":{%b}' % b",".join(b'"v%d":1' % n for n in range(20_000))),
    "no value": b'{"spec":{"name":"bad","version":}}',
    "no json": b'{"spec":{"name":"bad","version":nope}}',
    "not a value": b"nope",
    "comma is missing": b'{"spec":{"name":"bad" "version":"1"}}',
}

BROKEN = {
    "brace is missing": b'{"spec":{"name":"bad","version":"1"}',
    "bracket is missing": node(b'"x":[1,2'),
    "brace too many": b'{"spec":{"name":"bad","version":"1"}}}}',
    "quote is missing": b'{"spec":{"name":"bad","version":"1}}',
}

TAKEN = {
    "nan": node(b'"parameters":{"v":NaN,"w":-Infinity,"x":Infinity}'),
    "lone surrogate": b'{"spec":{"name":"\\ud800","version":"\\udfff\\ud800\\\\ud800"}}',
    "surrogate as a key": node(b'"parameters":{"\\udc00":"1"}'),
    "control characters": b'{"spec":{"name":"a\x01b\tc\nd","version":"1"}}',
    "not utf8": b'{"spec":{"name":"a\xff\xed\xa0\x80","version":"1"}}',
    "all of it": b'{"spec":{"name":"a\xff\x02\\ud800","version":"1","external":NaN}}',
    "a key twice": node(b'"version":"2"'),
    "infinite": node(b'"x":1e999,"parameters":{"v":1e999}'),
}


@pytest.mark.parametrize("good", [1, 3], ids=["first", "middle"])
@pytest.mark.parametrize("bad", SKIPPED.values(), ids=SKIPPED)
def test_a_bad_record_is_named_and_the_rest_is_read(tmp_path: Path, bad: bytes, good: int) -> None:
    specs, problems = read(tmp_path / "index.json", text_of(bad, good))
    assert [spec.name for spec in specs] == [f"p{n}" for n in range(good)]
    (problem,) = problems
    assert problem.place.endswith(BAD)
    assert problem.reason.isprintable()
    check_complete(tmp_path / "index.json", "")
    assert read(tmp_path / "index.json.gz", gzip.compress(text_of(bad, good)))[0] == specs


@pytest.mark.parametrize("bad", BROKEN.values(), ids=BROKEN)
def test_a_text_that_is_cut_or_has_lost_bytes_is_refused(tmp_path: Path, bad: bytes) -> None:
    with pytest.raises(SourceError, match="truncated or damaged JSON"):
        read(tmp_path / "index.json", text_of(bad))


@pytest.mark.parametrize("bad", TAKEN.values(), ids=TAKEN)
def test_what_spack_takes_is_taken(tmp_path: Path, bad: bytes) -> None:
    for content in (text_of(bad), text_of(bad, 1), text_of(bad, 0)):
        specs, problems = read(tmp_path / "index.json", content)
        if bad != TAKEN["infinite"]:
            assert problems == []
            (found,) = [spec for spec in specs if spec.dag_hash == BAD]
            assert found.text().isprintable()


def test_a_pair_of_surrogates_and_a_backslash_stay_what_they_are() -> None:
    assert (
        members.repaired(rb'["\ud83d\ude00", "\\ud800", "\ud83d"]').decode()
        == '["\U0001f600","\\\\ud800","�"]'
    )


@pytest.mark.parametrize("bad", [*SKIPPED.values(), TAKEN["lone surrogate"]], ids=[*SKIPPED, "surrogate"])
def test_in_parts(tmp_path: Path, bad: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a whole or in parts, the same is read; or the parts are refused and it is read as a whole."""
    content = text_of(bad, 40)
    whole = read(tmp_path / "index.json", content)
    monkeypatch.setattr(parts, "PART_BYTES", 500)
    for at_once in (10_000, 100):
        monkeypatch.setattr(parts, "MOST_AT_ONCE", at_once)
        try:
            specs, problems = read(tmp_path / "index.json", content)
        except NotDivisible:
            continue
        assert (specs, [problem.place for problem in problems]) == (whole[0], [p.place for p in whole[1]])


def test_of_two_records_of_one_hash_the_last_counts(tmp_path: Path) -> None:
    content = text_of(
        b'{"spec":{"name":"bad","version":NaN}},"%b":{"spec":{"name":"b","version":"1"}}' % BAD.encode()
    )
    specs, problems = read(tmp_path / "index.json", content)
    assert [spec.name for spec in specs] == ["p0", "b", "p1", "p2"]
    assert problems == []


def test_members_around_the_records(tmp_path: Path) -> None:
    bad = text_of(SKIPPED["deep"])[len(b'{"database":{"version":"8",') : -2]
    for around in (
        b'{"x":NaN,"database":{"y":"\\ud800","version":"5",%b}}',
        b'{"x":{"database":[1,"}"]},"data\\u0062ase":{"y":[[]],%b,"version":5,"z":NaN},"q":1}\n',
        b'\xef\xbb\xbf {"database": {"version": NaN, %b } }',
    ):
        specs, problems = read(tmp_path / "index.json", around.replace(b"%b", bad))
        assert [spec.name for spec in specs] == ["p0", "p1", "p2"]
        assert len(problems) == 1


def test_every_truncation_beside_a_bad_record_is_an_error(tmp_path: Path) -> None:
    for bad in (SKIPPED["no json"], TAKEN["nan"], TAKEN["lone surrogate"]):
        content = text_of(bad, 2)
        for end in range(len(content)):
            with pytest.raises(SourceError):
                read(tmp_path / "index.json", content[:end])


def test_a_record_of_too_many_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = node(b'"dependencies":[%b]' % b",".join([b"{}"] * 1000))
    assert read(tmp_path / "index.json", text_of(many))[1] == []
    monkeypatch.setattr(records, "MOST_VALUES", 900)
    specs, (problem,) = read(tmp_path / "index.json", text_of(many))
    assert len(specs) == 3
    assert "more than 900 values" in problem.reason
