"""Fixtures of many tests: homes, small specs and catalogs of them, real input."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.catalog.schema import unpack_hash
from cachetui.cli import run
from cachetui.host import Host
from cachetui.search import FACETS
from cachetui.sources import Problem, Source, open_path
from cachetui.spec import Dependency, Place, Spec
from tests.builders.homes import World, use_home, use_temporary_folder
from tests.builders.installation import Installation, build_wheel

# The same cases in every run: a failure is one of the change, and nobody's bad luck.
# How long a machine takes is no property of what is tested.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

DATA = Path(__file__).parent / "data"
MIRROR_023 = DATA / "mirror-v2-spack0.23"
MIRROR_12 = DATA / "mirror-v2-spack1.2"

HOST = Host("linux", "ubuntu22.04", "x86_64_v3", "glibc", "2.35")

FACET_NAMES = tuple(facet.name for facet in FACETS)

CatalogOf = Callable[[Iterable[Spec]], Catalog]


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read nothing of the user's own configuration and write nothing there; all tests share this home."""
    use_home(tmp_path_factory.getbasetemp() / "home", monkeypatch)


@pytest.fixture(autouse=True)
def own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs here must not depend on the machine of the tests."""
    monkeypatch.setattr("cachetui.host.detect_host", lambda: HOST)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a folder for temporary files that the test has for itself."""
    use_temporary_folder(tmp_path / "temporary files", monkeypatch)
    return use_home(tmp_path / "a home", monkeypatch)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test works in a folder that holds its home too."""
    use_home(tmp_path / "home", monkeypatch)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A machine with a home and a Spack of the test's own."""
    return World(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def own_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL that one test makes of variables must not be shown by them in another one."""
    monkeypatch.setattr("cachetui.text._written", {})


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Restore SIGPIPE, which a command changes: a reader that stops would end all tests."""
    pipe = signal.getsignal(signal.SIGPIPE)
    yield
    signal.signal(signal.SIGPIPE, pipe)


@pytest.fixture
def without_collection() -> Iterator[None]:
    """Turn garbage collection off: an object that is freed was in no reference cycle."""
    gc.disable()
    yield
    gc.enable()


class Done(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Call = Callable[..., Done]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command in this process."""

    def called(*arguments: str) -> Done:
        code = run(list(arguments))
        return Done(code, *capsys.readouterr())

    return called


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, which the processes of a run build once."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "wheel"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return next(folder.glob("*.whl"), None) or build_wheel(folder)


@pytest.fixture(scope="session")
def shared_installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation of the wheel that no test changes."""
    folder = tmp_path_factory.mktemp("installed")
    return Installation.of(wheel, folder / "environment", folder / "home")


@pytest.fixture(scope="session")
def recorded_code(shared_installation: Installation) -> tuple[str, bytes]:
    """Name and content of the file of code that commands on the shared installation have written."""
    shared_installation.state()
    assert shared_installation("list", "--count").out == "793\n"
    file = shared_installation.file()
    return file.name, file.read_bytes()


@pytest.fixture
def new_user(shared_installation: Installation, tmp_path: Path) -> Installation:
    """The shared installation, which must not be changed, and a user of it that has no file of code yet."""
    return Installation(shared_installation.prefix, tmp_path / "home")


@pytest.fixture
def used_installation(new_user: Installation, recorded_code: tuple[str, bytes]) -> Installation:
    """The shared installation and a user of it that has a file of code."""
    new_user.folder.mkdir(mode=0o700, parents=True)
    name, content = recorded_code
    (new_user.folder / name).write_bytes(content)
    (new_user.folder / name).chmod(0o600)
    return new_user


@pytest.fixture
def own_installation(shared_installation: Installation, tmp_path: Path) -> Installation:
    """An installation that the test may change, and a user that has no file yet."""
    return Installation(shared_installation.prefix, tmp_path / "home").copied(tmp_path / "environment")


@pytest.fixture
def catalog_of(tmp_path: Path) -> Iterator[CatalogOf]:
    """Compiles specs into a catalog, which is closed after the test."""
    opened: list[Catalog] = []

    def compiled(specs: Iterable[Spec]) -> Catalog:
        path = tmp_path / "catalogs" / f"{len(opened)}.sqlite"
        compile_catalog(specs, path)
        opened.append(Catalog(path))
        return opened[-1]

    yield compiled
    for catalog in opened:
        catalog.close()


@pytest.fixture(scope="module")
def real_specs() -> list[Spec]:
    """The specs of the trimmed mirror that Spack 0.23 wrote."""
    return read(MIRROR_023)[0]


@pytest.fixture(scope="module")
def real_catalog(real_specs: list[Spec], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """The catalog of `real_specs`."""
    path = tmp_path_factory.mktemp("catalog") / "real.sqlite"
    compile_catalog(real_specs, path)
    catalog = Catalog(path)
    yield catalog
    catalog.close()


def shared_data(name: str) -> Path:
    """Full-size input beside the checkout; without it the test is skipped."""
    path = Path(os.path.normpath(DATA.parents[1] / "../shared/data" / name))
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout (../shared/data)")
    return path


def open_sources(locations: Iterable[str]) -> list[Source]:
    """The sources at some paths, and in the sample."""
    return [source for location in locations for source in open_path(location)]


def read(*locations: Path) -> tuple[list[Spec], list[Problem]]:
    """All specs of some locations, and their problems."""
    problems: list[Problem] = []
    sources = open_sources([str(location) for location in locations])
    specs = [spec for source in sources for batch in source.batches(problems.append) for spec in batch.specs]
    return specs, problems


def dag_hash(number: int) -> str:
    """A well-formed hash for each number; the last characters differ first."""
    return unpack_hash(number.to_bytes(20, "big"))


def build(number: int = 1, name: str = "zlib", **fields: Any) -> Spec:
    """A spec whose hash is that of a number; `needs` are its dependencies as (name, number, deptypes)."""
    needs = fields.pop("needs", ())
    defaults = {
        "version": "1.3",
        "compilers": ("gcc@13.2.0",),
        "platform": "linux",
        "os": "debian12",
        "target": "x86_64_v3",
        "places": (Place(mirror="here"),),
        "dependencies": tuple(Dependency(n, dag_hash(to), tuple(types)) for n, to, *types in needs),
    }
    return Spec(**{"name": name, "dag_hash": dag_hash(number), **defaults, **fields})


def facet_values(spec: Spec, facet: str) -> set[str]:
    """The facet values of a spec, found naively; variants and flags are not quoted."""
    if facet in ("tag", "mirror", "stack", "view"):
        return {getattr(place, facet) for place in spec.places} - {""}
    if facet == "compiler":
        return set(spec.compilers or ("none",))
    if facet != "variant":
        return {getattr(spec, facet)} - {""}
    values = {f"{name}={' '.join(words)}" for name, words in spec.flags}
    for name, value in spec.variants:
        for part in value if isinstance(value, tuple) else (value,):
            values.add(("~+"[part] + name) if isinstance(part, bool) else f"{name}={part}")
    return values


def texts_of(value: object) -> Iterator[str]:
    """Every text in nested plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_of(inner)
