"""Runs tests against an installation whose code comes from the code cache: `python tests/installed.py`.

The wheel of this checkout is installed into a temporary environment, and its file for all users is written.
Then pytest runs in it, in one process, and the commands that the tests start are those of it too.

    python tests/installed.py                       # tests/cli
    python tests/installed.py tests/search -k fold  # whatever pytest takes
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from tests.builders.installation import Installation, build_wheel  # noqa: E402

TESTED = """
import atexit, os, sys
from cachetui import code_cache
code_cache.enable()
used = code_cache.state.file
assert used is not None and used.path == code_cache.site_file(), code_cache.state.reason
import pytest
code = pytest.main(sys.argv[1:])
ours = {name: module for name, module in sys.modules.items() if name.startswith("cachetui")}
installed = code_cache.PACKAGE_FOLDER
elsewhere = [name for name, module in ours.items() if not module.__file__.startswith(installed)]
cached = [name for name, module in ours.items() if type(module.__spec__.loader).__name__ == "CodeLoader"]
print(f"{len(cached)} of {len(ours)} modules of cachetui came from {used.path}")
sys.exit(code or bool(elsewhere) or len(cached) < len(ours) - 3)
"""


def main(arguments: list[str]) -> int:
    """Run tests; return the exit code of pytest."""
    with tempfile.TemporaryDirectory(prefix="cachetui-") as folder:
        wheel = Path(folder, "wheel")
        wheel.mkdir()
        installed = Installation.of(build_wheel(wheel), Path(folder, "environment"), Path(folder, "home"))
        written = installed("code-cache", "--write", "--site")
        print(written.err, end="", flush=True)
        if written.code:
            return written.code
        options = (
            "-n",
            "0",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(ROOT),
            "-c",
            str(ROOT / "pyproject.toml"),
        )
        paths = [str(ROOT / word) if (ROOT / word).exists() else word for word in arguments]
        command = [str(installed.python), "-c", TESTED, *options, *(paths or [str(ROOT / "tests" / "cli")])]
        return subprocess.run(command, env=installed.environ(), cwd=installed.home).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
