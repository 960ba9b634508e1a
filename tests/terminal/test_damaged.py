"""A catalog that turns out to be damaged while it is browsed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.refresh import open_catalog
from tests.builders.damage import executed
from tests.builders.homes import use_home, write_section, write_text
from tests.builders.mirrors import mirror, record
from tests.terminal.harness import Terminal, environment

DAMAGE = executed("UPDATE chunk SET data = x'42' WHERE name = 'by_hash'")
"""It is read when a hash is typed."""

BROWSER = [sys.executable, "-m", "cachetui"]
READY = "1 build of 1 package"
TITLE = "▲ a catalog was damaged ! details"


@pytest.mark.parametrize("is_of_site", [False, True], ids=["own", "of the site"])
def test_the_browser_begins_again_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_of_site: bool
) -> None:
    home = use_home(tmp_path / "home", monkeypatch)
    location, site = mirror(tmp_path / "m", record(1)), tmp_path / "site.sqlite"
    opened = open_catalog([location], output=site if is_of_site else None)
    opened.catalog.close()
    DAMAGE(opened.catalog.path)
    if is_of_site:
        write_text(home / "config/cachetui/config.yaml", f"catalog: {site}")
        write_section(home / ".spack/mirrors.yaml", "mirrors", f"here: {location}")
    said = "the mirrors are read instead" if is_of_site else "the catalog was damaged and is compiled again"
    with Terminal([*BROWSER, *([] if is_of_site else [location])], environment(home)) as shown:
        shown.wait_for(READY)
        shown.send("zlib/aaaa")
        shown.wait_for(said)
        shown.wait_for(lambda: READY in shown.text and TITLE in shown.lines[0])
        assert shown.lines[1].startswith(" / zlib/a")
        shown.send("\x1b")
        shown.wait_for(lambda: said not in shown.text)
        assert TITLE in shown.lines[0]  # also where keys were typed ahead
        shown.send("!")
        shown.wait_for(said)
        shown.send("\x1bq")
        assert shown.exit_code() == 0
    assert len(list(paths.catalog_dir().glob("*.damaged"))) == (not is_of_site)


def test_what_cannot_be_compiled_again_is_said_with_the_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = use_home(tmp_path / "home", monkeypatch)
    location = mirror(tmp_path / "m", record(1))
    opened = open_catalog([location])
    opened.catalog.close()
    DAMAGE(opened.catalog.path)
    with Terminal([*BROWSER, location], environment(home)) as shown:
        shown.wait_for(READY)
        index = tmp_path / "m/build_cache/index.json"
        index.write_bytes(index.read_bytes()[:-40])
        shown.send("zlib/aaaa")
        assert shown.exit_code() == 3
        text = " ".join(shown.text.split())
        assert "the catalog was damaged and is compiled again, which failed: " in text
        assert "index.json: " in text
