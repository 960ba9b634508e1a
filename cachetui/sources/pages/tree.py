"""The pages of cache.spack.io: a tree of `specs.md` files, each with the builds of one package and tag.

<site>/_cache/<tag>/<package>/specs.md     since 2022
<site>/_cache/<package>/specs.md           2021; the builds are in spec files beside it
<site>/_cache/<package>/index.md           2021, earlier
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path

from msgspec import Struct

from cachetui.bounded import open_regular
from cachetui.errors import SourceError
from cachetui.files import unreadable
from cachetui.sources.base import Batch, Problem, Report, none_readable
from cachetui.text import clean

CACHE_FOLDER = "_cache"

MOST_BYTES, FEW = 4 << 20, 50
"""Bytes of a page from which on it is read in batches of so few records: they may be large."""

PAGE_NAMES = ("specs.md", "index.md")
"""The newer name first: of a folder with both, only that page is read."""

_OPENING = (b"---", b"\xef\xbb\xbf---")


def find_pages(path: Path) -> list[Path]:
    """Find the pages of a site, its `_cache` folder, a tag or a package, or the one page; sorted.

    Empty if the path is none of these. Raises SourceError if a folder cannot be listed.
    """
    if os.path.isfile(path):
        return [path] if _is_page(path) else []
    if os.path.isdir(path / CACHE_FOLDER):
        return sorted(_pages_below_cache(path / CACHE_FOLDER))
    if _absolute(path).name == CACHE_FOLDER:
        return sorted(_pages_below_cache(path))
    if page := _page_in(path, PAGE_NAMES):
        return [page] if _is_page(page) else []
    # Outside of `_cache`, an `index.md` in a subfolder may be anything.
    return sorted(page for folder in _subfolders(path) if (page := _page_in(folder, PAGE_NAMES[:1])))


def _is_page(file: Path) -> bool:
    if file.name == PAGE_NAMES[0]:
        return True
    if file.suffix != ".md":
        return False
    try:
        with open_regular(file) as stream:
            return stream.read(6).startswith(_OPENING)
    except OSError as error:
        raise unreadable(file, error) from error


def _pages_below_cache(cache: Path) -> Iterator[Path]:
    for folder in _subfolders(cache):
        if page := _page_in(folder, PAGE_NAMES):
            yield page
        else:
            yield from _pages_of_tag(folder)


def _pages_of_tag(tag: Path) -> Iterator[Path]:
    try:
        packages = _subfolders(tag)
    except SourceError:
        yield tag / PAGE_NAMES[0]  # reading it reports why, and the other tags are read
        return
    yield from (page for package in packages if (page := _page_in(package, PAGE_NAMES)))


def _page_in(folder: Path, names: Iterable[str]) -> Path | None:
    return next((folder / name for name in names if os.path.isfile(folder / name)), None)


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [folder / entry.name for entry in entries if entry.is_dir() and entry.name[0] != "."]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise unreadable(folder, error) from error


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))


class PageTree:
    """A tree of pages as a source.

    Args:
        root: a site, a `_cache` folder, a tag, a package or a page.
        pages: the result of `find_pages(root)`, at least one.
    """

    is_one_file = False

    def __init__(self, root: Path, pages: Sequence[Path]) -> None:
        self.root = root
        self.label = clean(str(root))
        self.pages = tuple(pages)
        self._folder = root.parent if self.pages == (root,) else root

    @cached_property
    def name(self) -> str:
        """The tags, as in `develop + develop-2025-03-30`; without tags, the name of the folder."""
        tags = sorted({tag for tag in map(self._folder_tag, self.pages) if tag})
        if tags:
            return " + ".join(tags)
        folder = _absolute(self._folder)
        return clean(folder.parent.name if folder.name == CACHE_FOLDER else folder.name)

    def fingerprint(self) -> str:
        """Return a digest of sizes and modification times of the pages and the spec files beside them."""
        import hashlib  # slow to import, as it loads OpenSSL

        digest = hashlib.sha256()
        for part in self._parts:
            digest.update(f"{part.key}\0{part.stamp}\n".encode(errors="replace"))
        return digest.hexdigest()

    def parts(self, report: Report) -> list[PagePart]:
        """Return the pages."""
        return self._parts

    @cached_property
    def _parts(self) -> list[PagePart]:
        # Resolved once per tag folder, not once per page.
        tags = {page.parent.parent: page for page in self.pages}
        tag_of = {folder: self._folder_tag(page) for folder, page in tags.items()}
        return [_page_part(page, tag_of[page.parent.parent]) for page in self.pages]

    def batches(self, report: Report) -> Iterator[Batch]:
        """Yield the specs page by page; what cannot be read goes to `report`.

        Raises:
            SourceError: no page could be read.
        """
        done, total = 0, sum(part.size for part in self._parts)
        failures: list[SourceError] = []
        for part in self._parts:
            done += part.size
            try:
                for batch in part.batches(report):
                    yield Batch(batch.specs, done, total)
            except SourceError as error:
                failures.append(error)
                if len(self.pages) > 1:
                    report(Problem(error.place, error.reason))
        if len(failures) == len(self.pages):
            raise none_readable(self.label, failures)

    def _folder_tag(self, page: Path) -> str:
        """Return the tag from the path of a page; empty if it has none, as in 2021."""
        folder = _absolute(page).parent.parent
        if folder.name == CACHE_FOLDER:
            return ""
        is_tag = folder.parent.name == CACHE_FOLDER or folder == _absolute(self.root)
        return clean(folder.name) if is_tag else ""


class PagePart(Struct, frozen=True):
    """One page.

    Args:
        folder_tag: the tag from the path of the page.
        size: of the page and its spec files, in bytes; 0 if unknown.
        stamp: sizes and modification times of the page and its spec files.
    """

    file: Path
    folder_tag: str
    size: int
    stamp: str

    @property
    def label(self) -> str:
        """The page."""
        return clean(str(self.file))

    @property
    def key(self) -> str:
        """The path, and the tag, which becomes part of the specs."""
        return f"{os.path.abspath(self.file)}\0{self.folder_tag}"

    def batches(self, report: Report) -> Iterator[Batch]:
        """Yield all its specs. Raises SourceError."""
        # Imported here: a catalog that is up to date is opened without PyYAML.
        from cachetui.sources.pages.page import page_specs

        specs = page_specs(self.file, self.folder_tag, report)
        while batch := list(islice(specs, None if self.size < MOST_BYTES else FEW)):
            yield Batch(batch, self.size, self.size)


def _page_part(page: Path, folder_tag: str) -> PagePart:
    size, stamps = 0, []
    try:
        with os.scandir(page.parent) as entries:
            for entry in entries:
                if entry.name == page.name or _is_spec_file(entry.name):
                    stat = entry.stat()
                    stamps.append(f"{entry.name}\0{stat.st_size}\0{stat.st_mtime_ns}")
                    size += stat.st_size
    except OSError:
        stamps.append("unread")  # the error is raised when the page is read
    return PagePart(page, folder_tag, size, "\n".join(sorted(stamps)))


def _is_spec_file(name: str) -> bool:
    return name.startswith("spec-") and name.endswith(".json")
