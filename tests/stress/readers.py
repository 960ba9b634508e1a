"""Every reader of text from outside: real input for it, and a function that reads a changed one.

A reader answers or raises a CachetuiError; everything else is a crash. What it answers is used as the program
uses it, so that nothing half read is stored or shown.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from cachetui import paths
from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.config import PublicPlaces, read_settings
from cachetui.errors import CachetuiError
from cachetui.fetch import Address, Store, address_of, last_layer_size, layer_digest
from cachetui.fetch.registry import docker_login, token_of, token_url
from cachetui.graph import check_files
from cachetui.locate import LocationResolver, read_directory
from cachetui.query import Dialect, cleaned, parse
from cachetui.search import FACETS, Engine, Selection
from cachetui.sources import IndexFile, Report, open_path, read_wanted
from cachetui.sources.base import NotDivisible
from cachetui.sources.manifest_v3 import index_blob, install_blob
from cachetui.sources.signature import signing_key
from cachetui.spack import cached_indexes, read_config
from cachetui.spec import Spec
from cachetui.text import redacted
from cachetui.tui.remembered import load_remembered
from cachetui.tui.terminal_input import TerminalInput
from cachetui.version import VersionSyntaxError, parse_versions
from tests.conftest import DATA
from tests.stress import real_input as real

T = TypeVar("T")

_PUBLIC = PublicPlaces(directory="https://h/d.json", prefixes={"https://h/": "https://h/"})


@dataclass(frozen=True)
class Reader:
    """One reader.

    Args:
        what: what it reads, in the words of the table.
        make_seeds: makes the real input.
        read: reads it; may write below the folder.
        weight: its share of the rounds.
    """

    name: str
    what: str
    make_seeds: Callable[[], Iterable[bytes]]
    read: Callable[[bytes, Path], None]
    weight: float = 1.0

    @cached_property
    def seeds(self) -> list[bytes]:
        """The real input."""
        return list(self.make_seeds())


def _read_index(data: bytes, folder: Path) -> None:
    file = folder / "index.json"
    file.write_bytes(data)
    compiled(specs_of(file), folder)


def specs_of(path: Path, report: Report = lambda problem: None) -> list[Spec]:
    """The specs of what lies at a path."""
    specs: list[Spec] = []
    for source in open_path(str(path)):
        source.fingerprint()
        if isinstance(source, IndexFile):
            _read_parts(source)
        for batch in source.batches(report):
            specs += batch.specs
    return specs


def _read_parts(source: IndexFile) -> None:
    try:
        for part in source.parts(lambda problem: None):
            list(part.batches(lambda problem: None))
    except NotDivisible:
        return


def compiled(specs: list[Spec], folder: Path) -> None:
    """Compile what was read, and read it back: all hashes are there, and every facet can be counted."""
    path = folder / "read.sqlite"
    compile_catalog(specs, path, {"title": "fuzz"})
    with closing(Catalog(path)) as catalog:
        hashes = {spec.dag_hash for row in range(len(catalog)) if (spec := catalog.spec(row))}
        assert hashes >= {spec.dag_hash for spec in specs}, "a build was lost"
        result = Engine(catalog).select(Selection())
        assert len(result.rows) == len(catalog.listed)
        for facet in FACETS:
            result.facet_counts(facet.name)


def _read_page(data: bytes, folder: Path) -> None:
    file = folder / "_cache/develop/zlib/specs.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    compiled(specs_of(folder), folder)


def _read_wanted(data: bytes, folder: Path) -> None:
    wanted = read_wanted(data, "the file")
    check_files(_engine(), [wanted])


def _read_query(data: bytes, folder: Path) -> None:
    text = data.decode(errors="surrogateescape")[:2000]
    _each(lambda dialect: parse(text, dialect), Dialect)


def _search(data: bytes, folder: Path) -> None:
    text = data.decode(errors="replace")[:300]
    _each(_answered, (Selection().with_text(text), Selection(text=text, exact=True)))


def _answered(selection: Selection) -> None:
    result = _engine().select(selection)
    str((result.reading, result.written, result.notes, result.offers, result.unmet))
    assert len(result.rows) <= len(result.packages) or result.packages, "builds of no package"


def _each(read: Callable[[T], object], items: Iterable[T]) -> None:
    """Read all, also where the first raises an error of the program."""
    for item in items:
        try:
            read(item)
        except CachetuiError as error:
            assert "\x1b" not in str(error), "an escape sequence in a message"


@cache
def _engine() -> Engine:
    """An engine over real builds; its catalog is open until the process ends."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "real.sqlite"
        compile_catalog([spec for name in real.MIRRORS for spec in specs_of(DATA / name)], path)
        engine = Engine(Catalog(path))
        engine.warm()
        list(map(engine.catalog.spec, range(len(engine.catalog))))
        return engine


def _read_versions(data: bytes, folder: Path) -> None:
    text = data.decode(errors="replace")[:300]
    try:
        found = parse_versions(text)
    except VersionSyntaxError:
        return
    other = parse_versions("1.2:1.4,=1.9")
    found.contains(text), found.intersects(other), found.satisfies(other), str(found.union(other))
    str(found.intersection(other))
    assert parse_versions(str(found)) == found, "it is not written as it was read"


def _read_manifest(data: bytes, folder: Path) -> None:
    signing_key(data)
    _each(lambda read: read(data, "a manifest"), (index_blob, install_blob))


def _read_image(data: bytes, folder: Path) -> None:
    token_of(data)
    token_url(data.decode(errors="replace"), registry_is_plain=False)
    (folder / "config.json").write_bytes(data)
    docker_login("h", {"DOCKER_CONFIG": str(folder)})
    _each(lambda read: read(data, "an image"), (layer_digest, last_layer_size))


def _read_spack(data: bytes, folder: Path) -> None:
    for name in ("mirrors", "config", "upstreams", "include", "packages"):
        (folder / f"{name}.yaml").write_bytes(data)
    (folder / "spack.yaml").write_bytes(data)
    environ = {"HOME": str(folder), "SPACK_USER_CONFIG_PATH": str(folder), "SPACK_ENV": str(folder)}
    config = read_config({**environ, "SPACK_SYSTEM_CONFIG_PATH": str(folder / "none"), "PATH": ""})
    assert all(note.isprintable() for note in config.notes), "a control character in a note"
    resolver = LocationResolver(_PUBLIC)
    _each(resolver.resolve_mirror, config.mirrors)


def _read_settings(data: bytes, folder: Path) -> None:
    file = folder / "settings.yaml"
    file.write_bytes(data)
    read_settings(file)


def _read_installed(data: bytes, folder: Path) -> None:
    file = folder / ".spack-db/index.json"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    compiled(specs_of(folder), folder)


def _read_directory(data: bytes, folder: Path) -> None:
    for mirror in read_directory(data, _PUBLIC):
        assert mirror.url.isprintable() and mirror.name.isprintable() and mirror.place


def _read_location(data: bytes, folder: Path) -> None:
    text = data.decode(errors="surrogateescape").replace("\0", "")[:500]
    resolved = LocationResolver(_PUBLIC).resolve(text)
    shown = f"{resolved!r} {redacted(text)}"
    assert ":secret@" not in text or "secret" not in shown, "a password in a text for people"
    if "://" in text:
        address_of(text)


def _read_kept(data: bytes, folder: Path) -> None:
    """Read what the program itself, or Spack, has written in folders of the user."""
    address = Address("https://h/m")
    state = paths.downloads_dir() / f"{address.key}.state"
    for file in (paths.state_dir() / "browser.json", state, folder / "indices/contents.json"):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_bytes(data)
    load_remembered()
    found = Store(paths.downloads_dir()).read(address)
    str((found.has_index, found.age()))
    cached_indexes(str(folder))


def _read_keys(data: bytes, folder: Path) -> None:
    """Feed bytes in pieces of any size, with pauses."""
    numbers = random.Random(len(data))
    terminal = TerminalInput()
    while data:
        size = numbers.choice((1, 2, 3, 7, 64, 4096))
        terminal.feed(data[:size])
        data = data[size:]
        if numbers.random() < 0.2:
            terminal.expire()
    for _ in range(3):  # an end mark, a sequence, a paste
        terminal.expire()
    assert terminal.patience is None, "something is waited for that never comes"
    assert terminal.feed(b"q"), "a key is not heard"


def _read_pasted(data: bytes, folder: Path) -> None:
    cleaned(data.decode(errors="replace"))


READERS: tuple[Reader, ...] = (
    Reader("query", "query parser", real.queries, _read_query, 4.0),
    Reader("search", "words and queries over real builds", real.queries, _search, 0.5),
    Reader("versions", "version ranges", real.versions, _read_versions, 4.0),
    Reader("index", "indexes, versions 5 to 9: compiled, read back", real.indexes, _read_index),
    Reader("page", "pages: compiled, read back", real.pages, _read_page),
    Reader("installed", "databases of install trees: compiled, read back", real.databases, _read_installed),
    Reader("manifest", "manifests of layout v3, signed ones too", real.manifests, _read_manifest, 4.0),
    Reader("image", "manifests, tokens and logins of registries", real.images, _read_image, 4.0),
    Reader("spack", "mirrors.yaml and other files of Spack", lambda: real.SPACK_FILES, _read_spack),
    Reader("settings", "config.yaml", lambda: real.SETTINGS, _read_settings, 2.0),
    Reader("wanted", "spack.lock, spec.json, lists: checked", real.wanted_files, _read_wanted, 0.5),
    Reader("directory", "public directory", lambda: real.DIRECTORIES, _read_directory, 4.0),
    Reader("location", "locations and URLs", lambda: real.LOCATIONS, _read_location, 2.0),
    Reader("kept", "files that cachetui and Spack keep", lambda: real.KEPT_FILES, _read_kept),
    Reader("keys", "bytes from the terminal", real.typed_bytes, _read_keys, 4.0),
    Reader("pasted", "pasted lines", real.pasted_lines, _read_pasted, 4.0),
)  # fmt: skip
"""All readers."""

BY_NAME = {reader.name: reader for reader in READERS}
