"""Real pages against a naive reader; the forms of a location; batches and fingerprint."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cachetui.sources.pages import front_matter, tree
from cachetui.sources.pages import record as pages_record
from cachetui.sources.pages.tree import PageTree, find_pages
from cachetui.spec import Place
from tests.builders.pages import page, record, write
from tests.sources.pages.page_files import DATA, REAL, naive, no_problem, read

# Real pages


def test_real_pages() -> None:
    files = sorted(DATA.rglob("specs.md"))
    assert [file.parent.name for file in files] == ["py-build", "py-filelock", "py-werkzeug", "py-wheel"]
    for file in files:
        specs, problems = read(file)
        assert problems == []
        assert len(specs) == REAL[file.parent.name]
        assert specs == naive(file)
    specs, _ = read(DATA)
    assert specs == [spec for file in files for spec in naive(file)]


def test_equal_parts_are_shared() -> None:
    specs, _ = read(DATA / "_cache" / "develop" / "py-filelock")
    assert len({id(spec.variants) for spec in specs}) == len({spec.variants for spec in specs}) == 1
    assert len({id(spec.places) for spec in specs}) == len({spec.places for spec in specs})


# Locations


def test_locations() -> None:
    cache = DATA / "_cache"
    everything = sorted(DATA.rglob("specs.md"))
    assert find_pages(DATA) == find_pages(cache) == [cache / file.relative_to(cache) for file in everything]
    assert find_pages(cache / "develop") == everything[:3]
    assert find_pages(cache / "develop" / "py-build") == everything[:1]
    assert find_pages(everything[0]) == everything[:1]


def test_names() -> None:
    cache = DATA / "_cache"
    names = {
        DATA: "develop + develop-2025-03-30",
        cache: "develop + develop-2025-03-30",
        cache / "develop": "develop",
        cache / "develop" / "py-build": "develop",
        cache / "develop" / "py-build" / "specs.md": "develop",
    }
    assert {path: PageTree(path, find_pages(path)).name for path in names} == names


def test_names_without_tags(tmp_path: Path) -> None:
    site = tmp_path / "my-site"
    file = write(site, page(record()), "_cache/zlib/specs.md")
    for path, name in {
        site: "my-site",
        site / "_cache": "my-site",
        file.parent: "zlib",
        file: "zlib",
    }.items():
        assert PageTree(path, find_pages(path)).name == name


def test_a_working_directory_as_location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(DATA / "_cache", tmp_path / "_cache")
    monkeypatch.chdir(tmp_path / "_cache")
    assert len(find_pages(Path())) == 4
    assert PageTree(Path(), find_pages(Path())).name == "develop + develop-2025-03-30"
    monkeypatch.chdir(tmp_path / "_cache" / "develop")
    assert PageTree(Path(), find_pages(Path())).name == "develop"
    monkeypatch.chdir(tmp_path / "_cache" / "develop" / "py-build")
    specs, _ = read(Path("specs.md"))
    assert len(specs) == 24


def test_no_pages(tmp_path: Path) -> None:
    write(tmp_path, "# Read me\n", "README.md")
    write(tmp_path, "---\n---", "docs/index.md")
    write(tmp_path, "not a page", "docs/text/index.md")
    write(tmp_path, page(record()), "_cache2/develop/zlib/specs.md")
    for place in (".", "nothing", "README.md", "docs/text", "README.md/below", "_cache2"):
        assert find_pages(tmp_path / place) == []
    (tmp_path / "_cache" / "develop" / "specs.md").mkdir(parents=True)
    assert find_pages(tmp_path) == []


def test_a_page_under_another_name(tmp_path: Path) -> None:
    file = write(tmp_path, page(record()), "saved.md")
    specs, _ = read(file)
    assert specs[0].places == (Place(tag="develop", stack="e4s"),)
    assert find_pages(write(tmp_path, b"\xef\xbb\xbf---\n", "bom.md")) != []


def test_hidden_folders_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, page(record()), "_cache/.git/zlib/specs.md")
    assert find_pages(tmp_path) == []


def test_newer_page_of_a_folder_has_precedence(tmp_path: Path) -> None:
    write(tmp_path, page(record()), "_cache/zlib/index.md")
    newer = write(tmp_path, page(record()), "_cache/zlib/specs.md")
    assert find_pages(tmp_path) == [newer]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_folder_of_a_tag(tmp_path: Path) -> None:
    write(tmp_path, page(record()))
    closed = tmp_path / "_cache" / "closed"
    closed.mkdir(mode=0)
    try:
        specs, problems = read(tmp_path)
    finally:
        closed.chmod(0o700)
    assert len(specs) == 1
    assert [problem.reason for problem in problems] == ["Permission denied"]


# Streaming


def test_batches_count_bytes(tmp_path: Path) -> None:
    records = [
        record(hash=f"{number:032}".translate(str.maketrans("0189", "abcd"))) for number in range(2500)
    ]
    sizes = [
        write(tmp_path, page(*records), f"_cache/develop/p{n}/specs.md").stat().st_size for n in range(2)
    ]
    batches = list(PageTree(tmp_path, find_pages(tmp_path)).batches(no_problem))
    assert [len(batch.specs) for batch in batches] == [2500, 2500]
    assert [batch.done for batch in batches] == [sizes[0], sum(sizes)]
    assert {batch.total for batch in batches} == {sum(sizes)}


def test_a_big_page_is_read_record_by_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [record(hash=f"{n:032}".translate(str.maketrans("0189", "abcd"))) for n in range(120)]
    write(tmp_path, page(*many[:60], record(versions=7, hash=[]), 5, *many[60:]))
    whole = read(tmp_path)
    monkeypatch.setattr(front_matter, "MOST_AT_ONCE", 100)
    monkeypatch.setattr(tree, "MOST_BYTES", 100)
    monkeypatch.setattr(pages_record, "MOST_VALUES", 10)
    specs, problems = read(tmp_path)
    assert specs == whole[0]
    assert len(specs) == 120
    assert [problem.place for problem in problems] == [problem.place for problem in whole[1]]
    batches = PageTree(tmp_path, find_pages(tmp_path)).batches(lambda problem: None)
    assert max(len(batch.specs) for batch in batches) == 50


def test_batches_are_streamed(tmp_path: Path) -> None:
    records = [record()] * 1001
    for number in range(3):
        write(tmp_path, page(*records), f"_cache/develop/p{number}/specs.md")
    batches = PageTree(tmp_path, find_pages(tmp_path)).batches(no_problem)
    assert len(next(batches).specs) == 1001
    (tmp_path / "_cache" / "develop" / "p2" / "specs.md").write_text(page(*records[:5]))
    assert sum(len(batch.specs) for batch in batches) == 1001 + 5


def test_fingerprint(tmp_path: Path) -> None:
    def fingerprint() -> str:
        return PageTree(tmp_path, find_pages(tmp_path)).fingerprint()

    file = write(tmp_path, page(record()))
    first = fingerprint()
    assert fingerprint() == first
    assert PageTree(file, [file]).fingerprint()
    write(tmp_path, "{}", "_cache/develop/zlib/spec-0.json")
    second = fingerprint()
    os.utime(file, ns=(1, 1))
    assert len({first, second, fingerprint()}) == 3
