"""Detect what is at a path: probes are tried in turn, the first that finds something opens it."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from cachetui import paths
from cachetui.bounded import MANIFEST, read_bytes
from cachetui.errors import LocationError
from cachetui.fetch import is_digest, is_view_name, manifest_path, mirror_root, scheme_of
from cachetui.files import kind_of
from cachetui.install_tree import DATABASE_FOLDER, database_files, folder_names, is_database, is_padding
from cachetui.sources.base import Source
from cachetui.sources.index import IndexFile, StoredBytes
from cachetui.sources.pages import PageTree, find_pages
from cachetui.spec import INSTALLED, Place
from cachetui.text import clean, redacted, redacted_text

SAMPLE = "sample"
"""The location of the embedded sample; INSTALLED is that of all that Spack has installed here."""

_BUILD_CACHE = "build_cache"
_INDEX_NAMES = ("index.json", "index.json.gz")
_INDEX_SUFFIXES = (".json", ".json.gz")

Probe = Callable[[Path, Place], list[Source]]


def open_path(location: str, place: Place = Place()) -> list[Source]:  # noqa: B008 - frozen
    """Open the sources at a path or `file://` URL, or those of the sample.

    Args:
        place: of its builds, as far as known; by default, a mirror is named after its folder.

    Raises:
        LocationError: there is nothing to read; says what is missing.
        SourceError: there is a source that cannot be read.
    """
    if location == SAMPLE:
        return [
            source
            for folder in sorted(paths.sample_dir().iterdir())
            for source in _probe(folder, place, stat.S_IFDIR)
        ]
    try:
        path = local_path(location)
        kind = kind_of(path)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: the home of an unknown user
        reason = getattr(error, "strerror", "") or redacted_text(str(error))  # strerror: without the path
        raise LocationError(f"{redacted(location)[:200]}: not a path ({reason})") from error
    if not kind:
        raise LocationError(f"{redacted(location)}: no such file or folder")
    try:
        found = _probe(path, place, kind)
    except OSError as error:
        raise LocationError(f"{shown_location(location)}: {error.strerror}") from error
    if not found:
        raise LocationError(f"{shown_location(location)}: {_what_is_missing(path, place)}")
    return found


def local_path(location: str) -> Path:
    """Return a location that is a path or a `file://` URL as a path. Raises ValueError, RuntimeError."""
    if scheme_of(location) == "file":
        return Path(unquote(urlsplit(location).path))
    return Path(location).expanduser()


def shown_location(location: str) -> str:
    """Return the location of an existing file or folder for messages: a path has no secrets."""
    return redacted(location) if scheme_of(location) else clean(location)


def _probe(path: Path, place: Place, kind: int) -> list[Source]:
    probes = _FOLDER_PROBES if kind == stat.S_IFDIR else _FILE_PROBES
    return next((sources for probe in probes if (sources := probe(path, place))), [])


def _mirror_v3(path: Path, place: Place) -> list[Source]:
    """Open a mirror of layout v3, one of its views, or the manifest of either."""
    root = mirror_root(str(path))
    base, view = Path(root.url), place.view or root.view
    if view and not is_view_name(view):
        raise LocationError(f"{clean(view)!r} is not a valid view name")
    manifest = base / manifest_path(view)
    if root.layout not in ("", "v3") or not manifest.is_file():
        return []
    # Imported here: few starts read such a mirror.
    from cachetui.sources.manifest_v3 import index_blob, is_clearsigned

    text = read_bytes(manifest, MANIFEST)
    blob = index_blob(text, clean(str(manifest)))
    place = replace(place, mirror=place.mirror or clean(base.resolve().name), view=view)
    stored = StoredBytes(blob.content_length, blob.checksum, is_clearsigned(text))
    return [IndexFile(base / blob.path, place, stored)]


def _installed(path: Path, place: Place) -> list[Source]:
    """Open what is installed in an install tree: its root, also unpadded, or its Spack."""
    path = path.absolute()
    tree = path.parent if path.name == DATABASE_FOLDER else path
    names = folder_names(str(tree))  # none if they cannot be read
    files = database_files(tree, names)
    if not files and (not names or "opt" in names):
        files = database_files(tree / "opt" / "spack")
    return _databases(files, place)


def _database(path: Path, place: Place) -> list[Source]:
    """Open the database of an install tree."""
    path = path.absolute()
    return _databases([path] if is_database(path) and path.name in _INDEX_NAMES else [], place)


def _databases(files: Sequence[Path], place: Place) -> list[Source]:
    # Views are of mirrors.
    return [
        IndexFile(file, replace(_named_after_tree(place, file, files), kind=INSTALLED))
        for file in files
        if not place.view
    ]


def _index_file(path: Path, place: Place) -> list[Source]:
    """Open a file that is an index by its name, or a blob named by its digest."""
    named = path.name.endswith(_INDEX_SUFFIXES) or is_digest(path.name)
    return [IndexFile(path, _named_after(place, path))] if named else []


def _mirror_v2(path: Path, place: Place) -> list[Source]:
    """Open a mirror of layout v2, or its `build_cache` folder; views came with v3."""
    if place.view:
        return []
    for folder in (path / _BUILD_CACHE, path):
        for name in _INDEX_NAMES:
            file = folder / name
            kind = kind_of(file, follow=False)
            if kind == stat.S_IFREG or (kind == stat.S_IFLNK and file.is_file()):
                return [IndexFile(file, _named_after(place, file, kind == stat.S_IFREG))]
    return []


def _pages(path: Path, place: Place) -> list[Source]:
    """Open pages of cache.spack.io: the site, one tag, one package or one file."""
    pages = find_pages(path)
    return [PageTree(path, pages)] if pages else []


_FOLDER_PROBES: tuple[Probe, ...] = (_mirror_v3, _installed, _mirror_v2, _pages)
_FILE_PROBES: tuple[Probe, ...] = (_mirror_v3, _database, _index_file, _pages)


def layout_of(source: Source) -> str:
    """Return the layout of a source on this machine: v3, v2, file, pages or installed."""
    if isinstance(source, IndexFile):
        if source.place.is_installed:
            return INSTALLED
        if source.is_blob:
            return "v3"
        return "v2" if source.file.parent.name == _BUILD_CACHE else "file"
    return "pages"


def root_of(source: IndexFile | PageTree) -> Path:
    """Return the mirror, page tree or single index file that a source on this machine belongs to."""
    if isinstance(source, PageTree):
        return source.root
    # `<root>/blobs/sha256/ab/<digest>`, `<root>/build_cache/index.json`, `<root>/.spack-db/index.json`
    above = {"v3": 4, "v2": 2, INSTALLED: 2}.get(layout_of(source), 0)
    return (source.file, *source.file.parents)[above]


def _named_after(place: Place, index: Path, is_plain: bool = False) -> Place:
    """Name the mirror after its folder, or after the file if that is outside a mirror.

    Args:
        is_plain: the index is known to be no link.
    """
    if place.mirror:
        return place
    folder = _without_links(index, is_plain).parent
    if folder.name == _BUILD_CACHE:
        name = folder.parent.name
    else:
        name = folder.name if index.name in _INDEX_NAMES else index.name
    return replace(place, mirror=clean(name))


def _without_links(file: Path, is_plain: bool) -> Path:
    """A path whose last three names are those of no links; those above, which name nothing, may be."""
    path = file.absolute()
    nearest = (path, *path.parents)[is_plain:3]
    if ".." in path.parts or any(each.is_symlink() for each in nearest):
        return Path(os.path.realpath(path))
    return path


def _named_after_tree(place: Place, file: Path, files: Sequence[Path]) -> Place:
    """Name an install tree after its folder, `opt/spack` after the Spack that it belongs to."""
    if place.mirror:
        return place
    root = file.resolve().parent.parent
    parts = list(root.parts)
    while len(parts) > 2 and is_padding(parts[-1]):
        parts.pop()
    if parts[-2:] == ["opt", "spack"] and len(parts) > 3:
        parts = parts[:-2]
    padded = f" padded to {len(str(root))}" if len(files) > 1 else ""
    return replace(place, mirror=clean(parts[-1]) + padded)


def _what_is_missing(path: Path, place: Place) -> str:
    if not path.is_dir():
        return "neither an index (index.json) nor a page (specs.md)"
    if path.name == DATABASE_FOLDER or (path / DATABASE_FOLDER).is_dir():
        return "an install tree without a database (.spack-db/index.json); create it with spack reindex"
    if tree := next((parent for parent in path.absolute().parents if database_files(parent)), None):
        return f"a folder inside an install tree; open the tree: cachetui {shlex.quote(clean(str(tree)))}"
    if views := _views(path):
        here = f"the view {clean(place.view)!r}" if place.view else "a default index"
        named = f"PATH/{manifest_path('VIEW')}"
        return f"a mirror of layout v3 without {here}; it has views: {', '.join(views)} ({named})"
    if (path / "v3").is_dir():
        return "a mirror of layout v3 without an index; create it with spack buildcache update-index"
    if not any(path.iterdir()):
        return "the folder is empty; give a mirror (v3/, build_cache/index.json) or pages (_cache/, specs.md)"
    return "contains neither a mirror (v3/, build_cache/index.json) nor pages (_cache/, specs.md)"


def _views(path: Path) -> Sequence[str]:
    """List the views of a mirror of layout v3."""
    folder = (path / manifest_path("")).parent
    if not folder.is_dir():
        return []
    names = [child.name for child in folder.iterdir()]
    return sorted(clean(name) for name in names if (path / manifest_path(name)).is_file())
