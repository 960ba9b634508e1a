"""What ships: the wheel and what is in it, and the top level of the repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.builders.homes import home_variables

ROOT = Path(__file__).parent.parent
SAMPLE_LIMIT = 300_000
"""Bytes, compressed."""

LONGEST_FILE = 600

TOP_LEVEL = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "cachetui",
    "styles",
    "tests",
    ".ci",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
}


def python(*arguments: str, home: Path, pythonpath: str = "") -> str:
    """The output of a Python that runs in another folder with a home of its own."""
    environ = {**os.environ, **home_variables(home), "PYTHONPATH": pythonpath}
    done = subprocess.run([sys.executable, *arguments], env=environ, cwd=home, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def files_below(folder: str) -> set[str]:
    return {
        str(file.relative_to(ROOT))
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }


def test_wheel_has_all_of_the_package(names: set[str]) -> None:
    assert "cachetui/py.typed" in names
    assert names >= files_below("cachetui")


def test_wheel_has_the_styles_inside_the_package(names: set[str]) -> None:
    styles = files_below("styles")
    assert "styles/app.tcss" in styles
    assert names >= {f"cachetui/{file}" for file in styles}
    assert not names & styles


def test_wheel_has_the_license_and_the_command(wheel: Path, names: set[str]) -> None:
    (information,) = {name.partition("/")[0] for name in names if ".dist-info/" in name}
    with ZipFile(wheel) as archive:
        assert archive.read(f"{information}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
        assert b"cachetui = cachetui.code_cache:main" in archive.read(f"{information}/entry_points.txt")
        assert b"Requires-Python: >=3.10" in archive.read(f"{information}/METADATA")


def test_wheel_has_no_tests(names: set[str]) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"cachetui"}


def test_sample_is_small(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        sizes = [
            entry.compress_size
            for entry in archive.infolist()
            if entry.filename.startswith("cachetui/sample/")
        ]
    assert len(sizes) == 5
    assert sum(sizes) <= SAMPLE_LIMIT


def test_installed_wheel_works(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    pip = (
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-compile",
        "--target",
        str(site),
    )
    python(*pip, str(wheel), home=tmp_path)
    show = "from cachetui import paths; print(paths.styles_dir())"
    styles = python("-c", show, home=tmp_path, pythonpath=str(site)).strip()
    assert styles == str(site / "cachetui" / "styles")
    listed = python("-m", "cachetui", "list", "--count", home=tmp_path, pythonpath=str(site))
    assert listed == "793\n"


def git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("git is not on the PATH")
    if done.returncode:
        pytest.skip(f"this is no git checkout: {done.stderr.strip()}")
    return done.stdout


def test_top_level_of_the_repository() -> None:
    if Path(git("rev-parse", "--show-toplevel").strip()).resolve() != ROOT.resolve():
        pytest.skip("this is part of another git checkout")
    tracked = {file.partition("/")[0] for file in git("ls-files", "-z").split("\0") if file}
    others = git("ls-files", "-z", "--others", "--exclude-standard").split("\0")
    assert tracked <= TOP_LEVEL
    assert tracked | {file.partition("/")[0] for file in others} >= TOP_LEVEL


def test_no_file_of_the_package_is_too_long() -> None:
    lengths = {file: len(file.read_bytes().splitlines()) for file in (ROOT / "cachetui").rglob("*.py")}
    assert {file: length for file, length in lengths.items() if length > LONGEST_FILE} == {}
