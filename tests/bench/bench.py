"""What the measures share: generated indexes, catalogs that the program compiled, and its environment."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.generate import write_index, write_pages
from tests.bench.installation import Installation, install
from tests.terminal.harness import ROOT, environment

PROGRAM = (sys.executable, "-m", "cachetui")
SPECS_A_PAGE = 60


def tell(message: str) -> None:
    """Say how far it is."""
    print(message, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A mirror, and the home whose cache folder holds its catalog."""

    location: Path
    home: Path

    @property
    def index(self) -> Path:
        """The index of the mirror."""
        return self.location / "build_cache" / "index.json"

    @property
    def catalog(self) -> Path:
        """The one catalog of the home."""
        (path,) = (self.home / "cache" / "cachetui" / "catalogs").glob("*.sqlite")
        return path


@dataclass
class Bench:
    """One run of the benchmark.

    Args:
        folder: generated indexes stay here for the next run.
        homes: what this run writes; catalogs are compiled by the program as it is now.
        sizes: specs of the indexes, ascending.
        runs: how often a thing is measured.
    """

    folder: Path
    homes: Path
    sizes: Sequence[int]
    runs: int
    _compiled: dict[tuple[int, int], Compiled] = field(default_factory=dict)
    _installed: list[Installation] = field(default_factory=list)

    def index(self, size: int, version: int = 7) -> Path:
        """A mirror with an index of that many specs."""
        name = f"v{version}-{size}"
        return self._generated(name, lambda mirror: write_index(size, mirror, version))

    def pages(self, size: int) -> Path:
        """A site whose pages have that many builds altogether."""
        return self._generated(f"pages-{size}", lambda site: write_pages(size, site, size // SPECS_A_PAGE))

    def _generated(self, name: str, write: Callable[[Path], object]) -> Path:
        """What is written once; aside first, so that an interrupted run leaves nothing half done."""
        path = self.folder / name
        if not path.exists():
            tell(f"generating {name}")
            unfinished = Path(tempfile.mkdtemp(dir=self.folder))
            write(unfinished)
            unfinished.rename(path)
        return path

    def compiled(self, size: int, version: int = 7) -> Compiled:
        """An index that the program has compiled in this run."""
        key = (size, version)
        if key not in self._compiled:
            mirror = self.index(size, version)
            tell(f"compiling {mirror.name}")
            home = self.homes / mirror.name
            command = [*PROGRAM, "list", str(mirror), "--count"]
            done = subprocess.run(
                command, env=self.environ(home), capture_output=True, text=True, check=True, cwd=ROOT
            )
            assert int(done.stdout) <= size, done.stdout
            os.sync()  # nothing is measured while the disk is still busy with it
            self._compiled[key] = Compiled(mirror, home)
        return self._compiled[key]

    def installed(self) -> Installation:
        """An installation of the program, made in this run."""
        if not self._installed:
            tell("installing")
            self._installed.append(install(self.homes.parent / "installation"))
        return self._installed[0]

    def installed_environ(self, home: Path) -> dict[str, str]:
        """The environment of an installation: nothing leads to the checkout."""
        environ = self.environ(home)
        del environ["PYTHONPATH"]
        return environ

    def environ(self, home: Path) -> dict[str, str]:
        """The tests' environment, but Python keeps bytecode as it does after an installation."""
        environ = environment(home, TERM="xterm-256color")
        del environ["PYTHONDONTWRITEBYTECODE"]
        return environ


def write_bytecode() -> None:
    """Compile what an installation would have compiled; the first run of each program does the rest."""
    for folder in ("cachetui", "tests/bench"):
        compileall.compile_dir(ROOT / folder, quiet=2)
