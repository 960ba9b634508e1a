"""Install lines run by a real Spack: what it has installed is pushed, and installed again elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.tools import program

MOST_NEEDED = 5
"""Builds in the closure of what is pushed: a test is no site."""


def spack(environ: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(["spack", *arguments], env=environ, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user of Spack who has configured nothing."""
    if shutil.which("spack") is None:  # no tool to install beside the tests: a site has it or not
        pytest.skip("spack is not on the PATH")
    names = ("SPACK_USER_CONFIG_PATH", "SPACK_USER_CACHE_PATH")
    folders = {name: str(tmp_path / name.lower()) for name in names}
    return {**os.environ, **folders}


def small_builds(environ: Mapping[str, str]) -> list[str]:
    """The hashes of installed builds that need little, of different packages."""
    found = json.loads(spack(environ, "find", "--json"))
    own = {node["hash"]: node for node in found if not node.get("external")}
    small = {
        node["name"]: key for key, node in own.items() if len(node.get("dependencies", ())) <= MOST_NEEDED
    }
    return sorted(small.values())[:2]


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_pushed_is_installed_elsewhere(tmp_path: Path, environ: dict[str, str], count: int) -> None:
    hashes = small_builds(environ)[:count]
    if len(hashes) < count:
        pytest.skip(f"this Spack has not installed {count} small builds that could be pushed")
    cache = tmp_path / "my cache"
    names = [f"/{each}" for each in hashes]
    spack(environ, "buildcache", "push", "--unsigned", "--update-index", str(cache), *names)
    config = Path(environ["SPACK_USER_CONFIG_PATH"])
    config.mkdir(exist_ok=True)
    (config / "config.yaml").write_text(f"config:\n  install_tree:\n    root: {tmp_path}/tree\n")
    for dag_hash in hashes:
        pick = ("pick", str(cache), "-q", f"/{dag_hash}", "-1", "--print", "install")
        lines = program(*pick, env=environ).stdout
        done = subprocess.run(["bash", "-ec", lines], env=environ, text=True, capture_output=True)
        assert done.returncode == 0, f"{lines}\n{done.stderr}"
    installed = json.loads(spack(environ, "find", "--json"))
    assert set(hashes) <= {node["hash"] for node in installed}
