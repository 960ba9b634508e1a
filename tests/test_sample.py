"""The embedded sample: its size, and that it is a true part of real input."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cachetui import paths
from cachetui.cli import run
from cachetui.cli.notes import SAMPLE_NOTE
from tests.builders.mirrors import records_of

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared" / "data"
BUILDS, PACKAGES = 793, 155


pytestmark = pytest.mark.usefixtures("home")


def records(file: Path) -> dict[str, Any]:
    data = file.read_bytes()
    text = gzip.decompress(data) if file.suffix == ".gz" else data
    return records_of(text)


def mirror() -> dict[str, Any]:
    return records(paths.sample_dir() / "sample-mirror" / "build_cache" / "index.json.gz")


def pages() -> list[Path]:
    return sorted((paths.sample_dir() / "sample-pages").rglob("specs.md"))


def test_number_of_builds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--count"]) == 0
    assert capsys.readouterr().out == f"{BUILDS}\n"


def test_number_of_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["packages", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert len(listed) == PACKAGES
    assert sum(package["builds"] for package in listed) == BUILDS


def test_note_on_the_sample(capsys: pytest.CaptureFixture[str]) -> None:
    run(["list", "--count"])
    assert capsys.readouterr().err == f"cachetui: {SAMPLE_NOTE}\n"


def test_no_note_if_the_sample_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--count", "sample"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (f"{BUILDS}\n", "")


def test_sample_equals_its_folders(capsys: pytest.CaptureFixture[str]) -> None:
    folders = [str(folder) for folder in sorted(paths.sample_dir().iterdir())]
    assert run(["list", "--count", *folders]) == 0
    assert capsys.readouterr().out == f"{BUILDS}\n"


def test_dependencies_of_the_mirror_are_complete() -> None:
    records = mirror()
    edges = [edge for record in records.values() for edge in record["spec"].get("dependencies", [])]
    assert len(edges) > len(records)
    assert {edge["hash"] for edge in edges} <= set(records)


def test_each_record_is_one_of_the_real_mirror() -> None:
    real = REAL / "mirror-v2-spack1.2"
    if not real.is_dir():
        pytest.skip("the real mirror is not beside the checkout")
    original = records(real / "build_cache" / "index.json")
    found = mirror()
    assert found
    assert [dag_hash for dag_hash, record in found.items() if original[dag_hash] != record] == []


def test_pages_are_the_real_ones() -> None:
    if not (REAL / "pages").is_dir():
        pytest.skip("the real pages are not beside the checkout")
    for page in pages():
        original = REAL / "pages" / page.relative_to(paths.sample_dir() / "sample-pages")
        assert page.read_bytes() == original.read_bytes()


def test_pages_are_those_of_the_tests() -> None:
    ours = ROOT / "tests" / "data" / "pages"
    assert len(pages()) == 4
    for page in pages():
        assert (
            page.read_bytes() == (ours / page.relative_to(paths.sample_dir() / "sample-pages")).read_bytes()
        )
