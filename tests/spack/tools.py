"""A fake machine: a home, a system folder, and Spacks of any version."""

from __future__ import annotations

import textwrap
from pathlib import Path

from cachetui.spack import SpackConfig, read_config


class FakeMachine:
    """Folders below one temporary folder, and the environment that names them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.user = self.home / ".spack"
        self.system = folder / "system"
        self.root = folder / "spack"
        self.etc = self.root / "etc" / "spack"
        self.home.mkdir()
        self.environ = {
            "HOME": str(self.home),
            "PATH": str(folder / "bin"),
            "SPACK_SYSTEM_CONFIG_PATH": str(self.system),
        }

    def spack(self, version: str = "1.1.0") -> FakeMachine:
        """Puts a Spack there, with nothing in it but its version."""
        self.write(self.root / "lib/spack/spack/__init__.py", f'__version__ = "{version}"\n')
        self.environ["SPACK_ROOT"] = str(self.root)
        return self

    def write(self, file: Path, text: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def mirrors(self, folder: Path, text: str) -> Path:
        """A mirrors.yaml whose section holds some lines."""
        return self.write(
            folder / "mirrors.yaml", "mirrors:\n" + textwrap.indent(textwrap.dedent(text), "  ")
        )

    def config(self, folder: Path, text: str) -> Path:
        """A config.yaml whose section holds some lines."""
        return self.write(folder / "config.yaml", "config:\n" + textwrap.indent(textwrap.dedent(text), "  "))

    def environment(self, text: str, name: str = "work") -> Path:
        """An active environment with a spack.yaml."""
        folder = self.folder / name
        self.write(folder / "spack.yaml", text)
        self.environ["SPACK_ENV"] = str(folder)
        return folder

    def read(self) -> SpackConfig:
        return read_config(self.environ)

    def urls(self) -> dict[str, str]:
        return {mirror.name: mirror.url for mirror in self.read().mirrors}


def scope_names(config: SpackConfig) -> list[str]:
    return [scope.name for scope in config.scopes]
