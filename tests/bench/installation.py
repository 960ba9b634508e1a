"""An installation of this checkout, to measure what users have: a wheel beside its dependencies in a venv.

Everything is copied: the code of a checkout is not cached, and a link would be followed to another file
system.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement

from tests.bench.processes import wall_ms
from tests.terminal.harness import ROOT, Terminal

BARE_APP = Path(__file__).parent / "bare_app.py"
ENTRY = "import sys\nfrom cachetui.code_cache import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
"""The script as installers write it."""

WITHOUT_CODE = {"CACHETUI_NO_CODE_CACHE": "1"}
WRITING_SECONDS = 6.0
"""Seconds after the first paint in which the browser has written its code, even on a busy machine."""

MOST_STARTS = 10


@dataclass
class Installation:
    """A virtual environment with the program and a bare Textual app.

    Args:
        folder: where it lies.
    """

    folder: Path
    _warm: set[Path] = field(default_factory=set)

    @property
    def program(self) -> tuple[str, ...]:
        """The program's command."""
        return (str(self.folder / "bin" / "cachetui"),)

    @property
    def bare(self) -> tuple[str, ...]:
        """The bare app, a script beside that of the program."""
        return (str(self.folder / "bin" / "bare"),)

    def warm(self, home: Path, environ: Mapping[str, str], location: Path, painted: tuple[str, ...]) -> None:
        """Start browser and `list` until the file of their code is there and stays as it is."""
        if home in self._warm:
            return
        for _ in range(MOST_STARTS):
            before = _code_files(home)
            with Terminal([*self.program, str(location)], environ) as terminal:
                for text in painted:
                    terminal.wait_for(text)
                deadline = time.monotonic() + WRITING_SECONDS
                while _code_files(home) == before and time.monotonic() < deadline:
                    terminal.pump(0.05)
            wall_ms([*self.program, "list", str(location), "-q", "zlib"], environ, (0, 1))
            if before and _code_files(home) == before:
                self._warm.add(home)
                return
        raise AssertionError(f"no file of code that stays after {MOST_STARTS} starts: {_code_files(home)}")


def _code_files(home: Path) -> set[tuple[Path, int]]:
    """The files of code with their numbers; a file that is written anew has another."""
    return {(path, path.stat().st_ino) for path in (home / "cache" / "cachetui" / "code").glob("*.code")}


def install(folder: Path) -> Installation:
    """Make an environment, with the wheel of this checkout and copies of what it depends on."""
    _run("-m", "venv", "--without-pip", str(folder))
    (packages,) = folder.glob("lib/python*/site-packages")
    _run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(packages)
    for name in _needed("cachetui"):
        _copy(name, packages)
    python = folder / "bin" / "python"
    for script, text in (("cachetui", ENTRY), ("bare", BARE_APP.read_text())):
        path = folder / "bin" / script
        path.write_text(f"#!{python}\n{text}")
        path.chmod(0o755)
    subprocess.run([python, "-m", "compileall", "-q", packages], check=True)
    return Installation(folder)


def _run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _needed(name: str) -> list[str]:
    """The distributions that one needs, those that they need, and so on."""
    found: dict[tuple[str, str], None] = {}
    waiting = [(name, "")]
    while waiting:
        wanted = waiting.pop()
        if wanted not in found:
            found[wanted] = None
            waiting += _requirements(*wanted)
    return sorted({each for each, _ in found} - {name})


def _requirements(name: str, extra: str) -> Iterator[tuple[str, str]]:
    """What a distribution needs for itself or for one of its extras."""
    for line in distribution(name).requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield from ((requirement.name, each) for each in ("", *requirement.extras))


def _copy(name: str, packages: Path) -> None:
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        raise AssertionError(f"{name} is not installed here") from None
    for file in files:
        if ".." not in file.parts and file.suffix != ".pyc":
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file.locate(), target)
