"""Pages that are damaged or hostile."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cachetui import bounded, yaml_text
from cachetui.bounded import PAGE
from cachetui.errors import CachetuiError, SourceError
from cachetui.sources.base import Batch, Problem
from cachetui.sources.pages import PageTree, find_pages
from cachetui.sources.pages.front_matter import MAX_YAML_BYTES, BigRecords, PageRecord, read_front_matter
from cachetui.spec import Spec
from tests.builders.pages import HASH, page, record, write
from tests.sources.pages.page_files import DATA, OTHER, naive, no_problem, read

# Bad records


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record(hash=None), "the record has no hash"),
        ({"versions": ["1"]}, "the record has no hash"),
        (record(hash="abc"), "the hash 'abc' is not 32 characters of a-z2-7"),
        (record(hash=HASH.upper()), f"the hash '{HASH.upper()}' is not"),
        (record(hash=HASH + "\n"), "is not 32 characters"),
        (record(hash="\x1b" * 99), "the hash '" + "\ufffd" * 40 + "' is not"),
        (record(hash=7), "the hash '7' is not"),
        (record(hash=["x"]), "Expected `int | str | null`, got `array`"),
        (record(versions=[]), "the record has no version"),
        (record(versions=None), "the record has no version"),
        (record(versions={"a": 1}), "got `object`"),
        (record(variants=["shared"]), "'shared' is not a variant"),
        (record(variants=["+"]), "'+' is not a variant"),
        (record(variants=["+x=y"]), "'+x=y' is not a variant"),
        (record(os=True), "got `bool`"),
        ("text", "Expected `object`, got `str`"),
        (None, "Expected `object`, got `null`"),
        ([], "Expected `object`, got `array`"),
    ],
)
def test_a_bad_record_is_skipped(tmp_path: Path, bad: object, reason: str) -> None:
    file = write(tmp_path, page(record(), bad, record(hash=OTHER)))
    specs, (problem,) = read(file)
    assert [spec.dag_hash for spec in specs] == [HASH, OTHER]
    assert problem.place == f"{file}: record 2"
    assert reason in problem.reason
    assert problem.reason.isprintable()
    assert problem.skipped


# Bad pages

BAD_PAGES = {
    "empty": (b"", "does not begin with ---"),
    "no front matter": (b"# Title\n", "does not begin with ---"),
    "unclosed": (page(record())[:-3].encode(), "not closed by ---"),
    "only an opening": (b"---", "not closed by ---"),
    "nothing in it": (b"---\n---\n", "no records"),
    "no records": (b"---\ntitle: x\nspec_details: []\n---", "no records"),
    "null records": (b"---\ntitle: x\nspec_details: null\n---", "no records"),
    "no value": (b"---\ntitle: x\nspec_details:\nspec_files:\n---", "no records"),
    "a sequence": (b"---\n- a\n---", "not a mapping"),
    "a scalar": (b"---\ntext\n---", "not a mapping"),
    "records as a mapping": (b'---\nspec_details: {"a": 1}\n---', "spec_details is not a list"),
    "records as text": (b"---\nspec_details: text\n---", "spec_details is not a list"),
    "duplicate key": (b"---\ntitle: a\ntitle: b\n---", "line 3: duplicate key 'title'"),
    "duplicate records": (
        b"---\nspec_details: []\nspec_details: []\n---",
        "line 3: duplicate key 'spec_details'",
    ),
    "duplicate forms": (b"---\nspec_details: []\nspec_details:\n- a\n---", "duplicate key 'spec_details'"),
    "alias": (b"---\na: &x [1]\nb: [*x, *x]\n---", "line 2: anchors and aliases are not supported"),
    "tag": (b"---\na: !!python/object/apply:os.system [x]\n---", "line 2: the tag "),
    "tab": (b"---\na:\n\tb: 1\n---", "line 3: found character"),
    "unclosed quote": (b'---\na: "b\n---', "unexpected end of stream"),
    "escape": (b'---\na: "\\UFFFFFFFF"\n---', ""),
    "key that is no text": (b"---\n? [a]\n: b\n---", "line 2: a key that is not text"),
    "deep": (b"---\na: " + b"[" * 500 + b"\n---", "line 2: nested deeper"),
    "deep records": (b"---\nspec_details: " + b"[" * 500 + b"\n---", "line 2: nested deeper"),
    "very deep": (
        b"---\na: " + b"[" * 100_000 + b"\n---",
        "line 2: ",
    ),  # beyond the recursion limit of some parsers
    "control character": (b"---\na: \x00\x1b\n---", "not allowed"),
    "almost JSON": (page(record(), [float("inf"), "\x7f"]).encode(), "not allowed"),
    "two documents": (b"---\na: 1\n...\nb: 1\n---", "line 4: "),
    "utf-16": ("\ufeff---\ntitle: x\n---".encode("utf-16-le"), "does not begin with ---"),
    "too much yaml": (b"---\n" + b"# comment\n" * (MAX_YAML_BYTES // 10 + 1) + b"---", "one-line JSON"),
    "cut json": (page(*[record()] * 60_000)[:-9].encode() + b"\n---", "one-line JSON"),
}


@pytest.mark.parametrize("loader", [yaml_text._LOADER, yaml.SafeLoader], ids=["usual", "python"])
@pytest.mark.parametrize("case", BAD_PAGES)
def test_a_bad_page(
    tmp_path: Path, case: str, loader: type[yaml.SafeLoader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_text, "_LOADER", loader)
    text, reason = BAD_PAGES[case]
    bad = write(tmp_path, text)
    with pytest.raises(SourceError) as raised:
        read(bad)
    if loader is not yaml.SafeLoader or case in ("alias", "tag", "deep", "duplicate key"):
        assert reason in raised.value.reason
    assert raised.value.place == str(bad)
    assert str(raised.value).isprintable()

    write(tmp_path, page(record()), "_cache/develop/zz/specs.md")
    specs, problems = read(tmp_path)
    assert len(specs) == 1
    assert problems[-1] == Problem(str(bad), raised.value.reason)


def test_every_page_is_bad(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path, "---", f"_cache/develop/p{number}/specs.md")
    problems: list[Problem] = []
    with pytest.raises(SourceError, match="none of its 3 pages can be read; the first: the front matter"):
        list(PageTree(tmp_path, find_pages(tmp_path)).batches(problems.append))
    assert len(problems) == 3


@pytest.mark.parametrize("pages", [1, 2])
def test_read_errors_are_transient(pages: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(pages):
        write(tmp_path, page(record()), f"_cache/develop/p{number}/specs.md")

    def sick(file: Path) -> BinaryIO:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(bounded, "open_regular", sick)
    with pytest.raises(SourceError, match="Input/output error") as caught:
        read(tmp_path)
    assert caught.value.transient


def test_empty_page_tree(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="it has no pages"):
        list(PageTree(tmp_path, []).batches(no_problem))


def test_vanished_page(tmp_path: Path) -> None:
    gone = write(tmp_path, page(record()))
    write(tmp_path, page(record()), "_cache/develop/zz/specs.md")
    tree = PageTree(tmp_path, find_pages(tmp_path))
    gone.unlink()
    problems: list[Problem] = []
    batches: list[Batch] = list(tree.batches(problems.append))
    assert sum(len(batch.specs) for batch in batches) == 1
    assert problems == [Problem(str(gone), "No such file or directory")]
    assert tree.fingerprint()


def test_too_large_page(tmp_path: Path) -> None:
    file = write(tmp_path, "---\n")
    os.truncate(file, PAGE + 1)
    with pytest.raises(SourceError, match="longer than"):
        read(file)


@pytest.mark.parametrize(
    "change", [(b"\n", b"\r\n"), (b"---\n", b"\xef\xbb\xbf---\n"), (b"\n---", b"\n--- \nbody")]
)
def test_odd_line_ends(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    real = DATA / "_cache" / "develop" / "py-build" / "specs.md"
    text = real.read_bytes()
    text = text.replace(*change, 1) if change[0] == b"---\n" else text.replace(*change)
    specs, problems = read(write(tmp_path, text))
    assert problems == []
    assert specs == naive(real)


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    file = write(tmp_path, page(record(os="OS")).encode().replace(b"OS", b"o\xff"))
    (spec,), (problem,) = read(file)
    assert spec.os == "o\ufffd"
    assert problem.place == str(file)
    assert "is not UTF-8" in problem.reason
    assert not problem.skipped


def test_a_very_long_line(tmp_path: Path) -> None:
    records = [record()] * 60_000
    specs, problems = read(write(tmp_path, page(*records)))
    assert (len(specs), problems) == (60_000, [])


# Mutations of real pages

PAGES = [file.read_bytes() for file in sorted(DATA.rglob("specs.md"))]
SNIPPETS = [
    b"---\n",
    b"\n",
    b"\t",
    b'"',
    b"[",
    b"{",
    b"&a ",
    b"*a",
    b"!!set ",
    b"\xff",
    b"\0",
    b": ",
    b"null",
]
EDIT = st.tuples(
    st.integers(0, 13_000), st.integers(0, 40), st.one_of(st.sampled_from(SNIPPETS), st.binary(max_size=6))
)


@settings(max_examples=300, deadline=None, database=None)
@given(st.sampled_from(PAGES), st.lists(EDIT, max_size=4), st.integers(0, 13_000))
def test_mutated_pages_raise_only_source_errors(
    text: bytes, edits: list[tuple[int, int, bytes]], end: int
) -> None:
    for start, length, snippet in edits:
        text = text[:start] + snippet + text[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        for cut in (text, text[:end] + b"\n---"):
            file = write(Path(folder), cut)
            try:
                specs, problems = read(file)
            except CachetuiError as error:
                assert str(error).isprintable()
                continue
            assert all(isinstance(spec, Spec) for spec in specs)
            assert all(str(problem).isprintable() for problem in problems)


FIELDS = ("versions", "variants", "stacks", "compiler", "size", "os", "architecture", "hash")
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
NO_JSON = st.sampled_from([float("inf"), float("-inf"), float("nan")])
"""Python writes NaN and infinity as words, which make the line invalid JSON; it may be invalid YAML, too."""


def nested(scalars: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(
        st.none() | st.booleans() | st.text(max_size=9) | scalars,
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=6,
    )


@settings(max_examples=200, deadline=None, database=None)
@given(nested(NUMBERS))
@example("\x7f\x85\u2028\ufffe\U0010ffff")
def test_any_json_as_records(value: object) -> None:
    records = [value, *[record(**{name: value}) for name in FIELDS]]
    matter = read_front_matter(page(*records).encode(), "page")
    assert matter.records is not None
    assert len(matter.records) == len(records)


@settings(max_examples=200, deadline=None, database=None)
@given(nested(NUMBERS | NO_JSON))
def test_almost_json_is_read_or_an_error(value: object) -> None:
    records = [value, *[record(**{name: value}) for name in FIELDS]]
    try:
        matter = read_front_matter(page(*records).encode(), "page")
    except SourceError as error:
        assert error.place == "page"
        assert error.reason and str(error).isprintable()
    else:
        assert matter.records is not None
        assert len(matter.records) == len(records)


def test_records_of_a_big_page_are_forgotten_as_they_are_read() -> None:
    left = BigRecords([msgspec.Raw(b'{"hash":"a"}'), msgspec.Raw(b"[]"), msgspec.Raw(b'{"hash":"b"}')])
    records = iter(left)
    first = next(records)
    assert isinstance(first, PageRecord) and first.hash == "a"
    assert len(left) == 2
    bad, last = records
    assert isinstance(bad, str) and isinstance(last, PageRecord) and last.hash == "b"
    assert not left
