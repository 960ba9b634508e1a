"""The pages of cache.spack.io: a tree of `specs.md` files, each with the builds of one package under one tag.

<site>/_cache/<tag>/<package>/specs.md     since 2022
<site>/_cache/<package>/specs.md           2021; the builds are in spec files beside it
<site>/_cache/<package>/index.md           2021, earlier
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from cachetui.errors import SourceError
from cachetui.sources.base import (
    BATCH_SIZE,
    Batch,
    Problem,
    Report,
    clean,
    files_fingerprint,
    read_bytes,
    unreadable,
)
from cachetui.sources.front_matter import FrontMatter, Record, read_front_matter
from cachetui.sources.page_record import places_of, spec_from_record
from cachetui.sources.specfile import read_document
from cachetui.spec import Spec

CACHE_FOLDER = "_cache"

PAGE_NAMES = ("specs.md", "index.md")
"""The newer name goes first: a folder with both is read once."""

MAX_FILE_BYTES = 256 * 2**20

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
        try:
            specs = _page_specs(file, self._folder_tag(file), report)
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


def _page_specs(file: Path, folder_tag: str, report: Report) -> Iterator[Spec]:
    """The specs of a page; bad records go to `report`. Raises SourceError at once if there is no page."""
    place = clean(str(file))
    matter = read_front_matter(_read_text(file, report), place)
    page = _Page(
        folder=file.parent,
        place=place,
        name=_title(matter) or clean(_absolute(file).parent.name),
        tag=_category(matter) or folder_tag,
    )
    if matter.records:
        return page.recorded(matter.records, report)
    files = matter.values.get("spec_files")
    if isinstance(files, list) and files:
        return page.referenced(files, report)
    raise SourceError(place, "it has no records")


def _read_text(file: Path, report: Report) -> bytes:
    """The file as valid UTF-8."""
    data = _read_bounded(file)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        report(Problem(clean(str(file)), f"byte {error.start} is not UTF-8; read as \ufffd"))
        return data.decode(errors="replace").encode()
    return data


def _read_bounded(file: Path) -> bytes:
    if _size_of(file) > MAX_FILE_BYTES:
        raise SourceError(clean(str(file)), f"it is larger than {MAX_FILE_BYTES} bytes")
    return read_bytes(file)


def _title(matter: FrontMatter) -> str:
    title = matter.values.get("title")
    return clean(title).strip() if isinstance(title, str) else ""


def _category(matter: FrontMatter) -> str:
    """The first category that is not `package`: the tag."""
    given = matter.values.get("categories")
    listed = given if isinstance(given, list) else [given]
    named = (clean(value).strip() for value in listed if isinstance(value, str))
    return next((value for value in named if value not in ("", "package")), "")


@dataclass(frozen=True, slots=True)
class _Page:
    """What all records of a page share."""

    folder: Path
    place: str
    name: str
    tag: str

    def recorded(self, records: Iterable[Record | str], report: Report) -> Iterator[Spec]:
        """The specs of `spec_details`."""
        for number, record in enumerate(records, 1):
            try:
                spec = spec_from_record(record, name=self.name, tag=self.tag)
            except ValueError as error:
                report(Problem(f"{self.place}: record {number}", str(error)))
            else:
                yield spec

    def referenced(self, files: Iterable[object], report: Report) -> Iterator[Spec]:
        """The specs of `spec_files`, each in a spec file beside the page."""
        for number, item in enumerate(files, 1):
            try:
                spec = self._referenced(item)
            except SourceError as error:
                report(Problem(f"{self.place}: record {number}", error.reason))
            else:
                yield spec

    def _referenced(self, item: object) -> Spec:
        name = next(iter(item.values()), None) if isinstance(item, dict) else item
        if not isinstance(name, str):
            raise SourceError(self.place, "it names no file")
        shown = clean(name[:80])
        if name in ("", ".", "..") or any(c in name for c in "/\\\0"):
            raise SourceError(self.place, f"{shown!r} is not the name of a file beside the page")
        file = self.folder / name
        if not os.path.isfile(file):
            raise SourceError(self.place, f"{shown} is missing")
        data = _read_bounded(file)
        try:
            spec = read_document(data)
        except SourceError as error:
            raise SourceError(self.place, f"{shown}: {error.reason}") from error
        except RecursionError as error:
            raise SourceError(self.place, f"{shown}: nested too deeply") from error
        return replace(spec, places=places_of(self.tag))
