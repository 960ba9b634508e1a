"""The public build caches: names such as `develop` and `v2025.07.0/e4s`, and the directory of all."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec
from msgspec import Struct

from cachetui import paths
from cachetui.config import PublicPlaces
from cachetui.errors import SourceError
from cachetui.fetch import Address, mirror_root
from cachetui.refresh.policy import Policy
from cachetui.spec import Place
from cachetui.text import clean, redacted

if TYPE_CHECKING:
    from cachetui.fetch import Session

ROOT = "root"
"""The label of the mirror that holds all stacks of a ref."""

DIRECTORY_AGE = 86400.0
"""Seconds; the directory is made anew once a day, and then asked for again, or with a max age of 0."""

MAX_DIRECTORY = 32 << 20

NEVER_READ = "it was never read; the network is needed for that once"

_BLOBS = r"(.*?)/(?:blobs|v3)/.*"


class PublicMirror(Struct, frozen=True, order=True):
    """A public mirror; without a stack it holds all of the ref."""

    ref: str
    stack: str
    url: str

    @property
    def name(self) -> str:
        """As it is typed: `develop`, `v2025.07.0/e4s`."""
        return f"{self.ref}/{self.stack}" if self.stack else self.ref

    @property
    def place(self) -> Place:
        """How its builds are told."""
        return Place(mirror=self.name, tag=self.ref, stack=self.stack or ROOT)


class _Entry(Struct):
    label: str = ""
    url: str = ""


def read_directory(text: bytes, public: PublicPlaces) -> list[PublicMirror]:
    """The mirrors that a directory lists, by ref and stack. Raises SourceError."""
    try:
        listed = msgspec.json.decode(text, type=dict[str, list[_Entry]])
    except (ValueError, RecursionError) as error:
        place = redacted(public.directory)
        raise SourceError(place, f"not a directory of mirrors: {clean(str(error))}") from error
    found = [
        PublicMirror(clean(ref), "" if entry.label == ROOT else clean(entry.label), url)
        for ref, entries in listed.items()
        for entry in entries
        if (url := _mirror_url(entry.url, public))
    ]
    return sorted(set(found))


def _mirror_url(url: str, public: PublicPlaces) -> str:
    """The mirror that an index belongs to, as everybody can read it; empty if it is none of these."""
    for prefix, readable in public.prefixes.items():
        if url.startswith(prefix) and url.isprintable():
            readable_url = readable + url.removeprefix(prefix)
            match = re.fullmatch(_BLOBS, readable_url)
            return match[1] if match else mirror_root(readable_url).url
    return ""


def find_public(name: str, policy: Policy) -> PublicMirror | None:
    """The mirror of a name: by the directory that was last read, else by how names are made."""
    wanted = name.removesuffix(f"/{ROOT}")
    for mirror in kept_directory(policy.public):
        if mirror.name == wanted:
            return mirror
    match = _ref_pattern(policy.public).fullmatch(wanted)
    if match is None or not policy.public.mirror:
        return None
    return PublicMirror(match["ref"], match["stack"] or "", policy.public.mirror.replace("{name}", wanted))


def place_of(url: str, public: PublicPlaces) -> Place | None:
    """How the builds of a public mirror are told, by its URL; None if it is not public."""
    before, _, after = public.mirror.rstrip("/").partition("{name}")
    if not before or not url.startswith(before) or not url.endswith(after):
        return None
    match = _ref_pattern(public).fullmatch(url[len(before) : len(url) - len(after)])
    return PublicMirror(match["ref"], match["stack"] or "", url).place if match else None


def _ref_pattern(public: PublicPlaces) -> re.Pattern[str]:
    return re.compile(rf"(?P<ref>{public.names})(?:/(?P<stack>[\w.\-]+))?" if public.names else r"(?!)")


def kept_directory(public: PublicPlaces) -> Sequence[PublicMirror]:
    """The mirrors of the directory as it was last read; none if it never was."""
    with suppress(OSError, SourceError):
        return read_directory(_file(public).read_bytes(), public)
    return []


def public_mirrors(policy: Policy, session: Session) -> tuple[Sequence[PublicMirror], str]:
    """(the public mirrors, what a person should know); the directory is fetched once a day.

    Raises:
        SourceError: it cannot be fetched, and never was.
    """
    public = policy.public
    if not public.directory:
        raise SourceError("public build caches", "no directory of them is configured")
    kept = kept_directory(public)
    if kept and (policy.offline or not _is_due(policy)):
        return kept, ""
    if policy.offline:
        raise SourceError(redacted(public.directory), NEVER_READ)
    try:
        text = session.fetch(Address(public.directory), MAX_DIRECTORY)
        found = read_directory(text, public)
    except SourceError as error:
        if kept:
            return kept, f"{error}; this is the directory as it was last read"
        raise
    from cachetui.fetch import Store

    with suppress(OSError):
        Store(paths.downloads_dir()).replace_file(_file(public), text)
    return found, ""


def _file(public: PublicPlaces) -> Path:
    """Where the directory is kept; another one does not take its place."""
    return paths.downloads_dir() / f"public-{crc32(public.directory.encode(errors='replace')):08x}.json"


def _is_due(policy: Policy) -> bool:
    if policy.sure or not policy.max_age:
        return True
    try:
        return not 0 <= time.time() - _file(policy.public).stat().st_mtime < DIRECTORY_AGE
    except OSError:
        return True
