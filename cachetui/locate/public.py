"""The public build caches: names such as `develop` and `v2025.07.0/e4s`, and the directory of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from cachetui import paths
from cachetui.config import PublicPlaces
from cachetui.errors import SourceError
from cachetui.fetch import mirror_root
from cachetui.files import read_own
from cachetui.keyed import checksum
from cachetui.spec import Place
from cachetui.text import clean, reason_of, redacted

ROOT = "root"
"""The label of the mirror that holds all stacks of a ref."""

_BLOBS = r"(.*?)/(?:blobs|v3)/.*"


class PublicMirror(Struct, frozen=True, order=True):
    """A public mirror; without a stack it holds all stacks of the ref."""

    ref: str
    stack: str
    url: str

    @property
    def name(self) -> str:
        """As it is typed: `develop`, `v2025.07.0/e4s`."""
        return f"{self.ref}/{self.stack}" if self.stack else self.ref

    @property
    def place(self) -> Place:
        """The place of its builds."""
        return Place(mirror=self.name, tag=self.ref, stack=self.stack or ROOT)


class _Entry(Struct):
    label: str = ""
    url: str = ""


Report = Callable[[str], None]


def read_directory(
    text: bytes, public: PublicPlaces, report: Report = lambda reason: None
) -> list[PublicMirror]:
    """The mirrors that a directory lists, by ref and stack; why a bad entry is left out goes to `report`.

    Raises:
        SourceError: it is no directory, or has only bad entries.
    """
    errors: list[str] = []
    entries: list[tuple[str, _Entry]] = []
    try:
        for ref, listed in msgspec.json.decode(text, type=dict[str, Raw]).items():
            entries += [(ref, entry) for entry in _entries(ref, listed, errors)]
    except (ValueError, RecursionError) as error:
        errors.append(reason_of(error))
    if errors and not entries:
        raise SourceError(redacted(public.directory), f"not a directory of mirrors: {errors[0]}")
    for reason in errors:
        report(reason)
    found = {
        PublicMirror(clean(ref), "" if entry.label == ROOT else clean(entry.label), url)
        for ref, entry in entries
        if (url := _mirror_url(entry.url, public))
    }
    return sorted(found)


def _entries(ref: str, listed: Raw, errors: list[str]) -> Iterator[_Entry]:
    """The entries of a ref; why others cannot be read goes to `errors`."""
    name = clean(ref)[:80]
    try:
        raw_entries = msgspec.json.decode(listed, type=list[Raw])
    except (ValueError, RecursionError) as error:
        errors.append(f"{name}: {reason_of(error)}")
        return
    for number, raw in enumerate(raw_entries, 1):
        try:
            yield msgspec.json.decode(raw, type=_Entry)
        except (ValueError, RecursionError) as error:
            errors.append(f"{name}, entry {number}: {reason_of(error)}")


def _mirror_url(url: str, public: PublicPlaces) -> str:
    """The readable URL of the mirror that an index belongs to; empty if it is not a public one."""
    for prefix, readable in public.prefixes.items():
        if url.startswith(prefix) and url.isprintable():
            readable_url = readable + url.removeprefix(prefix)
            match = re.fullmatch(_BLOBS, readable_url)
            return match[1] if match else mirror_root(readable_url).url
    return ""


def find_public(
    name: str, public: PublicPlaces, directory: Sequence[PublicMirror] | None = None
) -> PublicMirror | None:
    """Find a mirror by name: in the cached directory, else by the pattern of names.

    Args:
        directory: the cached directory; None: it is read.
    """
    wanted = name.removesuffix(f"/{ROOT}")
    for mirror in cached_directory(public) if directory is None else directory:
        if mirror.name == wanted:
            return mirror
    match = _ref_pattern(public).fullmatch(wanted)
    if match is None or not public.mirror:
        return None
    return PublicMirror(match["ref"], match["stack"] or "", public.mirror.replace("{name}", wanted))


def public_place(url: str, public: PublicPlaces) -> Place | None:
    """The place of the builds of a public mirror, by its URL; None if it is not public."""
    before, _, after = public.mirror.rstrip("/").partition("{name}")
    if not before or not url.startswith(before) or not url.endswith(after):
        return None
    match = _ref_pattern(public).fullmatch(url[len(before) : len(url) - len(after)])
    return PublicMirror(match["ref"], match["stack"] or "", url).place if match else None


def _ref_pattern(public: PublicPlaces) -> re.Pattern[str]:
    return re.compile(rf"(?P<ref>{public.names})(?:/(?P<stack>[\w.\-]+))?" if public.names else r"(?!)")


def cached_directory(public: PublicPlaces) -> Sequence[PublicMirror]:
    """The mirrors of the directory downloaded last; none if it never was."""
    with suppress(OSError, SourceError):
        return read_directory(read_own(directory_file(public)), public)
    return []


def directory_file(public: PublicPlaces) -> Path:
    """The file of a downloaded directory; another directory has another file."""
    return paths.downloads_dir() / f"public-{checksum(public.directory)[:8]}.json"
