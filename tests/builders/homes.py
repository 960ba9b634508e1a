"""Builds homes and machines: their folders and variables, Spack's configuration, the settings of cachetui."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import textwrap
from pathlib import Path

import pytest

from cachetui.config import config_file, site_config_file
from cachetui.spack import SpackConfig, read_config

MACHINE_VARIABLES = (
    *("SPACK_ROOT", "SPACK_ENV", "SPACK_USER_CONFIG_PATH", "SPACK_USER_CACHE_PATH", "NETRC"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)
"""Variables of the user and the machine that change what cachetui finds; no test sees them."""


def home_variables(home: Path) -> dict[str, str]:
    """The variables of a home in which nothing is configured, neither there nor on the system."""
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CACHE", "CONFIG", "DATA", "STATE")}
    system = {"XDG_CONFIG_DIRS": str(home / "system"), "SPACK_SYSTEM_CONFIG_PATH": str(home / "system/spack")}
    return {"HOME": str(home), **folders, **system}


def use_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder the home of this process; it need not exist."""
    for name, value in home_variables(home).items():
        monkeypatch.setenv(name, value)
    for name in MACHINE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return home


def use_temporary_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a new folder the place of the temporary files of this process."""
    folder.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def temporary_files() -> list[str]:
    """The files in the folder for temporary files."""
    return os.listdir(os.environ["TMPDIR"])


def write_text(file: Path, text: str) -> Path:
    """Write a text without its indentation, and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return file


def write_section(file: Path, name: str, text: str) -> Path:
    """Write a file of Spack's configuration with the lines of its one section."""
    return write_text(file, f"{name}:\n" + textwrap.indent(textwrap.dedent(text), "  "))


def configure_mirrors(scope: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> Path:
    """Make a folder the user's scope of Spack, whose mirrors.yaml has these lines in its section."""
    monkeypatch.setenv("SPACK_USER_CONFIG_PATH", str(scope))
    return write_section(scope / "mirrors.yaml", "mirrors", "\n".join(lines) or "{}")


class World:
    """The machine of a user who has configured Spack; this process runs on it.

    Args:
        folder: holds the home, the folder for temporary files, and all folders of Spack.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        use_home(folder / "a home", monkeypatch).mkdir()
        use_temporary_folder(folder / "temporary files", monkeypatch)
        self._monkeypatch = monkeypatch
        self.folder = folder
        self.scope = folder / "scope"
        self.spack_cache = folder / "user cache"
        monkeypatch.setenv("XDG_CONFIG_DIRS", str(folder / "system"))
        monkeypatch.setenv("SPACK_USER_CONFIG_PATH", str(self.scope))
        monkeypatch.setenv("SPACK_USER_CACHE_PATH", str(self.spack_cache))

    def mirrors(self, *lines: str) -> Path:
        """Write the lines of a mirrors.yaml below `mirrors:`."""
        return configure_mirrors(self.scope, self._monkeypatch, *lines)

    def settings(self, text: str) -> Path:
        """Write the user's settings."""
        return write_text(config_file(), text)

    def site_settings(self, text: str) -> Path:
        """Write the settings of an administrator."""
        return write_text(site_config_file(), text)

    def cache_index(self, key: str, content: bytes, age: float = 0.0, sha256: str = "") -> Path:
        """Cache an index as Spack does, below a key of its list."""
        folder = self.spack_cache / "cache" / "indices"
        listed = folder / "contents.json"
        entries = json.loads(listed.read_text()) if listed.exists() else {}
        file = write_text(folder / f"{hashlib.sha256(key.encode()).hexdigest()[:10]}.json", "")
        file.write_bytes(content)
        written = file.stat().st_mtime - age
        os.utime(file, (written, written))
        entries[key] = {
            "index_hash": sha256 or hashlib.sha256(content).hexdigest(),
            "index_path": file.name,
            "etag": None,
        }
        write_text(listed, json.dumps(entries))
        return file


class FakeMachine:
    """A machine with a Spack of any version and all its scopes; this process does not run on it.

    Args:
        folder: holds the home, the system's scope and the Spack.
    """

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
        """Install a Spack of which nothing but the version is there."""
        self.write(self.root / "lib/spack/spack/__init__.py", f'__version__ = "{version}"\n')
        self.environ["SPACK_ROOT"] = str(self.root)
        return self

    def write(self, file: Path, text: str) -> Path:
        """Write a file without the indentation of its text."""
        return write_text(file, text)

    def mirrors(self, scope: Path, text: str) -> Path:
        """Write the mirrors.yaml of a scope with some lines in its section."""
        return write_section(scope / "mirrors.yaml", "mirrors", text)

    def config(self, scope: Path, text: str) -> Path:
        """Write the config.yaml of a scope with some lines in its section."""
        return write_section(scope / "config.yaml", "config", text)

    def environment(self, text: str, name: str = "work") -> Path:
        """Activate an environment with a spack.yaml."""
        folder = self.folder / name
        self.write(folder / "spack.yaml", text)
        self.environ["SPACK_ENV"] = str(folder)
        return folder

    def read(self) -> SpackConfig:
        """Read the configuration of the machine."""
        return read_config(self.environ)

    def urls(self) -> dict[str, str]:
        """The URLs of the configured mirrors by their names."""
        return {mirror.name: mirror.url for mirror in self.read().mirrors}


def scope_names(config: SpackConfig) -> list[str]:
    """The names of all scopes, in the order of a configuration."""
    return [scope.name for scope in config.scopes]
