"""Builds installations of the wheel, as users have them: a virtual environment with a command.

The packages that the program needs are links to those of the environment that runs the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

from cachetui.code_cache import VERIFY_SECONDS
from tests.builders.homes import MACHINE_VARIABLES, home_variables, write_text

ROOT = Path(__file__).parents[2]

SETTLED = 3600.0
"""Seconds since the folder of packages last changed, where nothing else is said."""

COMMAND = """\
#!{python}
import sys
from cachetui.code_cache import main
if __name__ == "__main__":
    sys.exit(main())
"""
"""The script that installers write of today."""

LOADERS = """
import atexit, sys
def show():
    for name, module in sorted(sys.modules.items()):
        print(name, type(getattr(module, "__loader__", None)).__name__, file=sys.stderr)
atexit.register(show)
from cachetui.__main__ import main
main()
"""


WRITE_FOR_ALL = """
from cachetui import code_cache
code_cache.enable()
import cachetui.cli.commands, pathlib
from cachetui.code_writing import READABLE, write
write(pathlib.Path(code_cache.site_file()), READABLE)
"""


NONE_YET = "not used: there is no file yet; it is written after this command\n"


def is_used(state: str, file: Path) -> bool:
    """Whether the command `code-cache` has said that this file is used."""
    return state.startswith("used: ") and state.endswith(f" modules from {file}\n")


class Done(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout without a network."""
    environ = {**os.environ, **home_variables(folder), "PYTHONPATH": ""}
    command = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


class Installation:
    """An installation and a user of it.

    Args:
        prefix: the folder of the environment.
        home: that of the user; it need not exist.
    """

    def __init__(self, prefix: Path, home: Path) -> None:
        self.prefix = prefix
        self.home = home
        self.site = prefix / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        self.package = self.site / "cachetui"
        self.command = prefix / "bin" / "cachetui"
        self.python = prefix / "bin" / "python"

    @classmethod
    def of(cls, wheel: Path, prefix: Path, home: Path) -> Installation:
        """Install a wheel."""
        venv = (sys.executable, "-m", "venv", "--without-pip", str(prefix))
        subprocess.run(venv, env={**os.environ, **home_variables(home), "PYTHONPATH": ""}, check=True)
        made = cls(prefix, home)
        with ZipFile(wheel) as archive:
            archive.extractall(made.site)
        made._link_packages()
        made.write_command()
        assert made("list", "--count", CACHETUI_NO_CODE_CACHE="1").out == "793\n"  # writes `__pycache__`
        made.settle()
        return made

    def _link_packages(self) -> None:
        for folder in {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}:
            for entry in Path(folder).iterdir():
                is_other = entry.suffix != ".pth" and "cachetui" not in entry.name
                if is_other and not (self.site / entry.name).exists():
                    (self.site / entry.name).symlink_to(entry)

    def write_command(self) -> None:
        """Write the script of the command; it names the interpreter."""
        self.command.write_text(COMMAND.format(python=self.python))
        self.command.chmod(0o755)

    def copied(self, prefix: Path) -> Installation:
        """Install the same for the same user elsewhere."""
        shutil.copytree(self.prefix, prefix, symlinks=True)
        copy = Installation(prefix, self.home)
        copy.write_command()
        copy.settle()
        return copy

    def search(self, *folders: Path) -> None:
        """Let Python search for packages in more folders, after that of the installation."""
        (self.site / "more.pth").write_text("".join(f"{folder}\n" for folder in folders))
        self.settle()

    def set(self, text: str) -> None:
        """Write the user's settings."""
        write_text(self.home / "config" / "cachetui" / "config.yaml", text)

    def forget_verification(self, ago: float = 2 * VERIFY_SECONDS) -> None:
        """Let the user's file have been compared with what is installed some seconds ago."""
        then = time.time() - ago
        os.utime(self.file(), (then, then))

    def settle(self, seconds: float = SETTLED) -> None:
        """Let the folder of packages have changed last some seconds ago."""
        changed = time.time() - seconds
        os.utime(self.site, (changed, changed))

    def environ(self, **variables: str) -> dict[str, str]:
        """The environment of the user."""
        left_out = {*MACHINE_VARIABLES, "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "CACHETUI_NO_CODE_CACHE"}
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        return {**kept, **home_variables(self.home), **variables}

    def __call__(self, *arguments: str, **variables: str) -> Done:
        """Run the command."""
        return self.run([str(self.command), *arguments], **variables)

    def run(self, command: Sequence[str], **variables: str) -> Done:
        """Run any program as the user, at home."""
        self.home.mkdir(exist_ok=True)
        return self.run_in(self.home, command, **variables)

    def run_in(self, folder: Path, command: Sequence[str], **variables: str) -> Done:
        """Run any program as the user in a folder."""
        environ = self.environ(**variables)
        done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True)
        return Done(done.returncode, done.stdout, done.stderr)

    def loaders(self, *arguments: str, **variables: str) -> dict[str, str]:
        """The types of the loaders of the modules that a command has imported."""
        done = self.run([str(self.python), "-c", LOADERS, *arguments], **variables)
        lines = [line.split() for line in done.err.splitlines()]
        return {line[0]: line[1] for line in lines if len(line) == 2}

    def write_for_all(self) -> Path:
        """Write the file for all users, with the modules of few commands: the whole one takes a while."""
        done = self.run([str(self.python), "-c", WRITE_FOR_ALL])
        assert (done.code, done.err) == (0, "")
        (file,) = self.package.glob("*.code")
        return file

    @property
    def folder(self) -> Path:
        """The folder of the user's files of code."""
        return self.home / "cache" / "cachetui" / "code"

    def files(self) -> list[Path]:
        """What is in the folder of the user's files of code."""
        return sorted(self.folder.glob("*")) if self.folder.is_dir() else []

    def file(self) -> Path:
        """The user's only file of code."""
        (file,) = (file for file in self.files() if not file.name.startswith("."))
        return file

    def state(self, **variables: str) -> str:
        """What the program says of its code cache."""
        done = self("code-cache", **variables)
        assert (done.code, done.err) == (0, ""), done
        return done.out
