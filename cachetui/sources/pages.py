"""The pages of cache.spack.io: a tree of `specs.md` files, each with the builds of one package under one tag.

<site>/_cache/<tag>/<package>/specs.md     since 2022
<site>/_cache/<package>/specs.md           2021; the builds are in spec files beside it
<site>/_cache/<package>/index.md           2021, earlier
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cachetui.errors import SourceError
from cachetui.sources.base import (
    BATCH_SIZE,
    Batch,
    Problem,
    Report,
    clean,
    files_fingerprint,
    unreadable,
)
from cachetui.spec import Spec

CACHE_FOLDER = "_cache"

PAGE_NAMES = ("specs.md", "index.md")
"""The newer name goes first: a folder with both is read once."""

_OPENING = (b"---", b"\xef\xbb\xbf---")


def find_pages(path: Path) -> list[Path]:
    """The pages of a site, of its `_cache` folder, of a tag, of a package, or the one page; sorted.

    Empty when the path is none of these. Raises SourceError when the folder cannot be listed.
    """
    if os.path.isfile(path):
        return [path] if _is_page(path) else []
    if os.path.isdir(path / CACHE_FOLDER):
        return sorted(_pages_below_cache(path / CACHE_FOLDER))
    if _absolute(path).name == CACHE_FOLDER:
        return sorted(_pages_below_cache(path))
    if page := _page_in(path, PAGE_NAMES):
        return [page] if _is_page(page) else []
    # `index.md` is too common a name to be searched for outside of `_cache`.
    return sorted(page for folder in _subfolders(path) if (page := _page_in(folder, PAGE_NAMES[:1])))


def _is_page(file: Path) -> bool:
    if file.name == PAGE_NAMES[0]:
        return True
    if file.suffix != ".md":
        return False
    try:
        with file.open("rb") as stream:
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
    """Some pages, as a source.

    Args:
        root: what was given: a site, `_cache`, a tag, a package or a page.
        pages: what `find_pages` found there, at least one.
    """

    def __init__(self, root: Path, pages: Sequence[Path]) -> None:
        self.root = root
        self.pages = tuple(pages)
        self._folder = root.parent if self.pages == (root,) else root

    @property
    def name(self) -> str:
        """The tags, `develop + develop-2025-03-30`; without tags the folder's name."""
        tags = sorted({tag for tag in map(self._folder_tag, self.pages) if tag})
        if tags:
            return " + ".join(tags)
        folder = _absolute(self._folder)
        return clean(folder.parent.name if folder.name == CACHE_FOLDER else folder.name)

    def fingerprint(self) -> str:
        """By size and modification time of the pages and the spec files beside them."""
        files = (file for page in self.pages for file in (page, *_spec_files(page.parent)))
        return files_fingerprint((file for file in files if os.path.isfile(file)), self._folder)

    def batches(self, report: Report) -> Iterator[Batch]:
        """The specs page by page; what cannot be read goes to `report`.

        Raises:
            SourceError: not one page could be read.
        """
        sizes = [_size_of(page) for page in self.pages]
        done, total = 0, sum(sizes)
        failures: list[SourceError] = []
        pending: list[Spec] = []
        for page, size in zip(self.pages, sizes, strict=True):
            for spec in self._specs(page, report, failures):
                pending.append(spec)
                if len(pending) >= BATCH_SIZE:
                    yield Batch(pending, done, total)
                    pending = []
            done += size
        if len(failures) == len(self.pages):
            raise _nothing_read(self.root, failures)
        yield Batch(pending, total, total)

    def _specs(self, file: Path, report: Report, failures: list[SourceError]) -> Iterator[Spec]:
        # Not at the top: a catalog that is up to date is opened without PyYAML.
        from cachetui.sources.page import page_specs

        try:
            specs = page_specs(file, self._folder_tag(file), report)
        except SourceError as error:
            failures.append(error)
            if len(self.pages) > 1:
                report(Problem(error.place, error.reason))
            return
        yield from specs

    def _folder_tag(self, page: Path) -> str:
        """The tag that the folders tell; empty if there is none, as in 2021."""
        folder = _absolute(page).parent.parent
        if folder.name == CACHE_FOLDER:
            return ""
        is_tag = folder.parent.name == CACHE_FOLDER or folder == _absolute(self.root)
        return clean(folder.name) if is_tag else ""


def _nothing_read(root: Path, failures: list[SourceError]) -> SourceError:
    first = failures[0] if failures else SourceError(clean(str(root)), "it has no pages")
    if len(failures) < 2:
        return first
    return SourceError(
        clean(str(root)), f"none of its {len(failures)} pages can be read; the first: {first.reason}"
    )


def _spec_files(folder: Path) -> list[Path]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(folder / name for name in names if name.startswith("spec-") and name.endswith(".json"))


def _size_of(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # reading it tells why
