"""What a start imports: downloading and reading configurations are imported only when needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from cachetui import paths
from cachetui.catalog.compile import Staging
from cachetui.refresh.reading import SourcesReader
from cachetui.sources import MirrorSource, Source
from tests.builders.homes import World
from tests.builders.mirrors import index, mirror, v2
from tests.refresh.world import configured, numbers, opened
from tests.servers.faults import faulty

OPEN_CACHED = """
import sys
from cachetui.config import load_config
from cachetui.refresh import Policy, open_cached
opened = open_cached(sys.argv[1:], Policy.of(load_config()))
assert opened is not None and not opened.is_due
print(len(opened.catalog), *sys.modules)
"""

OPENED = """
import sys
from cachetui.cli import run
assert run(["list", "--count", *sys.argv[1:]]) == 0
print(*sys.modules)
"""

FETCHING = {"httpx", "httpcore", "ssl", "certifi", "asyncio", "urllib.request"}
READING = {"yaml", "cachetui.refresh.compiling", "cachetui.sources.specfile"}


def brought_in(code: str, arguments: Sequence[str]) -> tuple[str, set[str]]:
    """What a process prints first, and the modules that it has at its end."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    first, *modules = done.stdout.split()
    return first, set(modules)


@pytest.mark.parametrize("named", [True, False], ids=["named", "configured"])
@pytest.mark.parametrize("where", ["path", "url"])
def test_compiled_catalog_is_opened_with_few_imports(world: World, named: bool, where: str) -> None:
    with faulty(v2("/m", index(1, 2))) as server:
        location = mirror(world.folder / "m", 1, 2) if where == "path" else f"{server.url}/m"
        world.mirrors(f"m: {location}")
        locations = [location] if named else []
        assert numbers(*locations) == {1, 2}
        server.requests.clear()
        count, modules = brought_in(OPEN_CACHED, locations)
        assert count == "2"
        assert "cachetui.catalog.reader" in modules
        assert modules & (FETCHING | READING | {"textual", "rich", "click", "hashlib"}) == set()
        count, modules = brought_in(OPENED, locations)
        assert count == "2"
        assert modules & (FETCHING | READING | {"textual", "rich"}) == set()
        assert server.requests == []


def test_named_catalog_is_opened_with_few_imports(world: World) -> None:
    catalog = opened(mirror(world.folder / "m", 1)).catalog.path
    site = world.folder / "site.sqlite"
    catalog.rename(site)
    count, modules = brought_in(OPEN_CACHED, [str(site)])
    assert count == "1"
    assert modules & (FETCHING | READING | {"cachetui.spack", "cachetui.refresh.updating", "click"}) == set()


def test_changed_configuration_is_read_again(world: World) -> None:
    world.mirrors(f"m: {mirror(world.folder / 'm', 1)}")
    assert numbers() == {1}
    world.mirrors(f"m: {mirror(world.folder / 'other', 2, 3)}")
    assert numbers() == {2, 3}
    (paths.cache_dir() / "spack.json").write_bytes(b"\xff{")
    assert numbers() == {2, 3}


def test_index_replaced_by_another_process_is_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = SourcesReader.read

    def replaced_before(reading: SourcesReader, sources: Sequence[Source]) -> Staging:
        monkeypatch.setattr(SourcesReader, "read", read)
        (source,) = sources
        assert isinstance(source, MirrorSource)
        file = paths.downloads_dir() / "newer.json"
        file.write_bytes(index(1, 2, 3))
        source.store.write(source.address, replace(source.state, file=str(file), size=0, sha256="newer"))
        return read(reading, sources)

    with faulty(v2("/m", index(1))) as server:
        monkeypatch.setattr(SourcesReader, "read", replaced_before)
        assert numbers(f"{server.url}/m") == {1, 2, 3}


TOGETHER = """
import sys
from cachetui.refresh import Policy, open_catalog
print("ready", flush=True)
sys.stdin.readline()
for _ in range(15):
    opened = open_catalog(sys.argv[1:], policy=Policy(max_age=0))
    assert not opened.failures and not opened.stale, (opened.failures, opened.stale)
    assert len(opened.catalog) in (40, 50), len(opened.catalog)
    opened.catalog.close()
"""


def test_two_processes_download_the_same_index(world: World) -> None:
    with faulty(v2("/m", index(*range(40)))) as server:
        command = [sys.executable, "-c", TOGETHER, f"{server.url}/m"]
        pipe = subprocess.PIPE
        running = [
            subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=pipe) for _ in range(2)
        ]
        for process in running:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        errors = [process.communicate()[1] for process in running]
        assert errors == ["", ""]
        assert numbers(f"{server.url}/m", policy=configured()) == set(range(40))
        assert len(list(paths.downloads_dir().glob("*"))) == 2
