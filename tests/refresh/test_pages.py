"""Only the changed pages of a tree are read again."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cachetui.refresh import Opened, open_catalog
from cachetui.sources.pages import page
from tests.builders.damage import executed
from tests.conftest import DATA
from tests.refresh.files import catalog_file
from tests.refresh.parts import Content, content, share

Read = list[str]


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "pages", tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """The packages whose pages were read by this process."""
    found: Read = []

    def noted(file: Path, limit: int) -> bytes:
        found.append(file.parent.name)
        return file.read_bytes()

    monkeypatch.setattr(page, "read_bytes", noted)
    return found


def afresh(site: Path) -> Content:
    """The catalog of all pages, read anew."""
    catalog_file().unlink()
    return content(open_catalog([str(site)]))


def specs_page(site: Path, package: str) -> Path:
    return site / "_cache" / "develop" / package / "specs.md"


def test_only_a_changed_page_is_read(site: Path, read: Read) -> None:
    content(open_catalog([str(site)]))
    assert sorted(read) == ["py-build", "py-filelock", "py-werkzeug", "py-wheel"]
    read.clear()
    file = specs_page(site, "py-build")
    file.write_text(file.read_text().replace("e4s", "radiuss"))
    again = open_catalog([str(site)])
    assert again.compiled
    assert read == ["py-build"]
    assert content(again) == afresh(site)


def test_page_at_two_locations_is_stored_once(site: Path) -> None:
    alone = len(open_catalog([str(site)]).catalog)
    opened = open_catalog([str(site), str(site / "_cache" / "develop"), str(site)])
    assert not opened.failures
    assert len(opened.catalog) == alone


def test_new_page_is_read_and_removed_page_is_dropped(site: Path, read: Read) -> None:
    content(open_catalog([str(site)]))
    read.clear()
    shutil.move(specs_page(site, "py-werkzeug").parent, site / "_cache" / "develop" / "werkzeug2")
    found = content(open_catalog([str(site)]))
    assert read == ["werkzeug2"]
    assert not any("py-werkzeug" in str(key) for key, *_ in found["part"])
    assert found == afresh(site)


def test_problems_of_an_unchanged_page_are_reported_again(site: Path, read: Read) -> None:
    bad = specs_page(site, "py-filelock")
    bad.write_text(re.sub(r"[a-z2-7]{32}", "no hash", bad.read_text(), count=1))
    first = open_catalog([str(site)])
    read.clear()
    os.utime(specs_page(site, "py-build"), ns=(1, 1))
    second = open_catalog([str(site)])
    assert read == ["py-build"]
    assert first.skipped == second.skipped == 1
    assert first.problems == second.problems
    second.catalog.close()
    first.catalog.close()


def test_unreadable_page_is_tried_again(site: Path, read: Read) -> None:
    bad = specs_page(site, "py-filelock")
    text = bad.read_text()
    bad.write_text("")
    assert open_catalog([str(site)]).skipped == 1
    bad.write_text(text)
    read.clear()
    opened = open_catalog([str(site)])
    assert (opened.skipped, read) == (0, ["py-filelock"])
    opened.catalog.close()


@pytest.mark.parametrize(
    "damage",
    [
        executed("UPDATE part SET data = x'00'"),
        executed("UPDATE part SET stamp = ''"),
        executed("DROP TABLE part"),
        executed("UPDATE meta SET value = '0' WHERE key = 'schema'"),
        lambda file: file.write_bytes(b"garbage"),
    ],
)
def test_damaged_stored_parts_are_read_again(
    damage: Callable[[Path], object], site: Path, read: Read
) -> None:
    whole = content(open_catalog([str(site)]))
    damage(catalog_file())
    read.clear()
    os.utime(specs_page(site, "py-build"), ns=(1, 1))
    again = content(open_catalog([str(site)]))
    assert sorted(set(read)) == ["py-build", "py-filelock", "py-werkzeug", "py-wheel"]
    del again["part"], whole["part"]
    assert again == whole


def test_helper_gives_the_same_catalog(site: Path, monkeypatch: pytest.MonkeyPatch, read: Read) -> None:
    alone = content(open_catalog([str(site)]))
    share(monkeypatch, shared=True)
    read.clear()
    together = afresh(site)
    assert len(read) < 4
    assert together == alone


def test_page_is_read_again_for_another_location(site: Path) -> None:
    def tags(opened: Opened) -> set[str]:
        with closing(opened.catalog) as catalog:
            return set(catalog.facet("tag").values)

    both = tags(open_catalog([str(site)]))
    assert tags(open_catalog([str(site / "_cache" / "develop")])) < both
