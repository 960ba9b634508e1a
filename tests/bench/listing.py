"""The command line: `cachetui list`, beside Spack's own where there is one, and `--help`."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.bench.bench import Bench, Compiled, tell
from tests.bench.processes import wall_ms
from tests.bench.report import Row, median_row
from tests.bench.start import painted_texts

LIST_MS = 80.0
HELP_MS = 120.0
TIMES_FASTER = 100.0
TIMES_FASTER_FROM = 45_000
"""Specs; among fewer, Spack spends its time on starting."""

QUERY = "hdf5"
FOUND_OR_NOT = (0, 1)
"""Exit codes: a small index may have no such build."""

RECORDED = "the recorded time of Spack 0.23 for hdf5 among 45,002 specs is 17.8 s, with 713 MB"


def measure(bench: Bench, size: int) -> list[Row]:
    """Fresh processes of an installation with its code in one file, output to nowhere."""
    compiled = bench.compiled(size)
    environ = bench.installed_environ(compiled.home)
    command = listing(bench, compiled, size)
    wall_ms(command, environ, FOUND_OR_NOT)
    times = [wall_ms(command, environ, FOUND_OR_NOT) for _ in range(bench.runs)]
    rows = [median_row(f"list -q {QUERY}", size, times, "ms", LIST_MS)]
    if size == bench.sizes[0]:
        rows += [_help(bench, environ), *([] if shutil.which("spack") else [_without_spack()])]
    if shutil.which("spack"):
        rows += _spack(bench, size, compiled.location, statistics.median(times))
    return rows


def listing(bench: Bench, compiled: Compiled, size: int) -> list[str]:
    """The command of an installation that has written the file of its code."""
    environ = bench.installed_environ(compiled.home)
    bench.installed().warm(compiled.home, environ, compiled.location, painted_texts(size))
    return [*bench.installed().program, "list", str(compiled.location), "-q", QUERY]


def _help(bench: Bench, environ: Mapping[str, str]) -> Row:
    command = [*bench.installed().program, "--help"]
    wall_ms(command, environ)
    return median_row("--help", None, [wall_ms(command, environ) for _ in range(bench.runs)], "ms", HELP_MS)


def _without_spack() -> Row:
    return Row("spack buildcache list", note=f"there is no spack on the PATH; {RECORDED}")


def _spack(bench: Bench, size: int, mirror: Path, ours: float) -> list[Row]:
    """Spack on the same index, with a configuration and caches of its own."""
    with tempfile.TemporaryDirectory(dir=bench.homes) as folder:
        scope = Path(folder) / "scope"
        scope.mkdir()
        (scope / "mirrors.yaml").write_text(f"mirrors:\n  bench: {mirror.as_uri()}\n")
        own = {f"SPACK_USER_{name}_PATH": f"{folder}/{name.lower()}" for name in ("CONFIG", "CACHE")}
        environ = bench.environ(Path(folder)) | own | {"SPACK_DISABLE_LOCAL_CONFIG": "1"}
        command = ["spack", "-C", str(scope), "buildcache", "list", "--allarch", QUERY]
        tell(f"spack buildcache list, {size:,} specs; the first run fills Spack's own caches")
        wall_ms(command, environ)
        times = [wall_ms(command, environ) for _ in range(bench.runs)]
    ratio = statistics.median(times) / ours
    budget = TIMES_FASTER if size >= TIMES_FASTER_FROM else None
    return [
        median_row("spack buildcache list", size, [ms / 1000 for ms in times], "s"),
        Row("spack buildcache list / cachetui list", size, ratio, "x", budget, least=True),
    ]
