"""What lies at a location: probes are tried in turn, the first that says yes opens it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cachetui import paths
from cachetui.errors import LocationError
from cachetui.sources.base import Source, clean
from cachetui.sources.index_v2 import IndexV2
from cachetui.sources.pages import PageTree, find_pages

SAMPLE = "sample"
"""The location that names the embedded sample."""

_BUILD_CACHE = "build_cache"
_INDEX_NAMES = ("index.json", "index.json.gz")
_INDEX_SUFFIXES = (".json", ".json.gz")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]+)://", re.IGNORECASE)


def open_sources(locations: Sequence[str]) -> list[Source]:
    """One source or more for each location. Raises LocationError for one that names nothing readable."""
    return [source for location in locations for source in _open(location)]


def _open(location: str) -> list[Source]:
    if location == SAMPLE:
        return [source for folder in sorted(paths.sample_dir().iterdir()) for source in _probe(folder)]
    try:
        path = _local_path(location)
        exists = path.exists()
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: the home of an unknown user
        raise LocationError(f"{clean(location)[:200]}: not a path ({error})") from error
    if not exists:
        raise LocationError(f"{clean(location)}: no such file or folder")
    try:
        found = _probe(path)
    except OSError as error:
        raise LocationError(f"{clean(location)}: {error.strerror}") from error
    if not found:
        raise LocationError(f"{clean(location)}: {_what_is_missing(path)}")
    return found


def _local_path(location: str) -> Path:
    scheme = _SCHEME.match(location)
    if scheme is None:
        return Path(location).expanduser()
    if scheme[1].lower() != "file":
        raise LocationError(
            f"{clean(_without_password(location))}: only files and folders are read; download its index"
        )
    return Path(unquote(urlsplit(location).path))


def _without_password(url: str) -> str:
    return re.sub(r"//[^?#]*@", "//", url)


def _probe(path: Path) -> list[Source]:
    return next((sources for probe in _PROBES if (sources := probe(path))), [])


def _index_file(path: Path) -> list[Source]:
    """A file that is an index: by its name, or a blob named by its digest."""
    named = path.name.endswith(_INDEX_SUFFIXES) or _DIGEST.fullmatch(path.name)
    return [IndexV2(path, _mirror_name(path))] if named and not path.is_dir() else []


def _mirror(path: Path) -> list[Source]:
    """A mirror of layout v2, or its `build_cache` folder."""
    for folder in (path / _BUILD_CACHE, path):
        for name in _INDEX_NAMES:
            if path.is_dir() and (folder / name).is_file():
                return [IndexV2(folder / name, _mirror_name(folder / name))]
    return []


def _pages(path: Path) -> list[Source]:
    """Pages of cache.spack.io: the site, one tag, one package or one file."""
    pages = find_pages(path)
    return [PageTree(path, pages)] if pages else []


_PROBES: tuple[Callable[[Path], list[Source]], ...] = (_index_file, _mirror, _pages)


def _mirror_name(index: Path) -> str:
    """The folder of the mirror, or the file's own name where it stands alone."""
    folder = index.resolve().parent
    if folder.name == _BUILD_CACHE:
        return clean(folder.parent.name)
    return clean(folder.name if index.name in _INDEX_NAMES else index.name)


def _what_is_missing(path: Path) -> str:
    if not path.is_dir():
        return "neither an index (index.json) nor a page (specs.md)"
    if (path / "v3").is_dir():
        return (
            "a mirror of layout v3, which is not read as such; name the blob of its index: the file below "
            "blobs/sha256 whose checksum stands in v3/manifests/index/index.manifest.json"
        )
    if not any(path.iterdir()):
        return "the folder is empty; give a mirror (build_cache/index.json) or pages (_cache/, specs.md)"
    return "neither a mirror (build_cache/index.json) nor pages (_cache/, specs.md) in it"
