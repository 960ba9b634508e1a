"""Read a page: its front matter, then a Spec per record."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cachetui.bounded import PAGE, read_bytes
from cachetui.errors import SourceError
from cachetui.sources.base import Problem, Report
from cachetui.sources.pages.front_matter import FrontMatter, PageRecord, read_front_matter
from cachetui.sources.pages.record import places_of, spec_from_record
from cachetui.sources.specfile import read_document
from cachetui.spec import Spec
from cachetui.text import clean


def page_specs(file: Path, folder_tag: str, report: Report) -> Iterator[Spec]:
    """Yield the specs of a page; bad records go to `report`. Raises SourceError at once for a bad page."""
    place = clean(str(file))
    matter = read_front_matter(_read_text(file, report), place)
    page = _Page(
        folder=file.parent,
        place=place,
        name=_title(matter) or clean(Path(os.path.abspath(file)).parent.name),
        tag=_category(matter) or folder_tag,
    )
    if matter.records:
        return page.specs_of_records(matter.records, report)
    files = matter.values.get("spec_files")
    if isinstance(files, list) and files:
        return page.specs_of_files(files, report)
    raise SourceError(place, "the page has no records")


def _read_text(file: Path, report: Report) -> bytes:
    """Read the file, with U+FFFD for invalid UTF-8."""
    data = read_bytes(file, PAGE)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        report(Problem(clean(str(file)), f"byte {error.start} is not UTF-8; read as \ufffd", skipped=False))
        return data.decode(errors="replace").encode()
    return data


def _title(matter: FrontMatter) -> str:
    title = matter.values.get("title")
    return clean(title).strip() if isinstance(title, str) else ""


def _category(matter: FrontMatter) -> str:
    """Return the first category that is not `package`: the tag."""
    given = matter.values.get("categories")
    listed = given if isinstance(given, list) else [given]
    named = (clean(value).strip() for value in listed if isinstance(value, str))
    return next((value for value in named if value not in ("", "package")), "")


class _Page(Struct, frozen=True):
    """What all records of a page have in common."""

    folder: Path
    place: str
    name: str
    tag: str

    def specs_of_records(self, records: Iterable[PageRecord | str], report: Report) -> Iterator[Spec]:
        """Yield the specs of `spec_details`."""
        for number, record in enumerate(records, 1):
            try:
                spec = spec_from_record(record, name=self.name, tag=self.tag)
            except ValueError as error:
                report(Problem(f"{self.place}: record {number}", str(error)))
            else:
                yield spec

    def specs_of_files(self, files: Iterable[object], report: Report) -> Iterator[Spec]:
        """Yield the specs of `spec_files`, each in a spec file beside the page."""
        for number, item in enumerate(files, 1):
            try:
                spec = self._spec_of_file(item)
            except SourceError as error:
                report(Problem(f"{self.place}: record {number}", error.reason))
            else:
                yield spec

    def _spec_of_file(self, item: object) -> Spec:
        name = next(iter(item.values()), None) if isinstance(item, dict) else item
        if not isinstance(name, str):
            raise SourceError(self.place, "the record names no file")
        shown = clean(name[:80])
        if name in ("", ".", "..") or any(c in name for c in "/\\\0"):
            raise SourceError(self.place, f"{shown!r} is not the name of a file beside the page")
        file = self.folder / name
        if not os.path.isfile(file):
            raise SourceError(self.place, f"{shown} is missing")
        data = read_bytes(file, PAGE)
        try:
            spec = read_document(data)
        except SourceError as error:
            raise SourceError(self.place, f"{shown}: {error.reason}", error.transient) from error
        return replace(spec, places=places_of(self.tag))
