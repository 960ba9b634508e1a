"""What a mirror says of the binary of one build: its size, its date, whether it is signed, by which key.

v3   <mirror>/v3/manifests/spec/<name>/<name>-<version>-<hash>.spec.manifest.json    clearsigned if signed
v2   <mirror>/build_cache/<arch>-<compiler>-<name>-<version>-<hash>.spec.json[.sig]
     <mirror>/build_cache/<arch>/<compiler>/<name>-<version>/<arch>-...-<hash>.spack
oci  the image of the tag <name>-<version>-<hash>.spack; its last layer is the binary
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from msgspec import Struct

from cachetui.bounded import MANIFEST, open_regular, read_stream
from cachetui.errors import MissingError, SourceError
from cachetui.fetch import (
    MANIFEST_TYPES,
    Request,
    RetryingTransport,
    content_of,
    image_url,
    joined,
    last_layer_size,
)
from cachetui.files import unreadable
from cachetui.sources.manifest_v3 import install_blob, is_clearsigned
from cachetui.sources.signature import signing_key
from cachetui.spec import Spec
from cachetui.text import redacted

SIGNED, UNSIGNED, UNKNOWN = "signed", "unsigned", "unknown"

NO_SIZE = -1

MOST_COMPILERS = 3
"""Compilers that are tried for the name of a file in layout v2."""

_PART = re.compile(r"(?!\.)[\w.+=@~\-]+")
"""What names, versions, architectures and compilers consist of; they become parts of a path."""


class Binary(Struct, frozen=True, omit_defaults=True):
    """The binary of a build in one mirror.

    Args:
        size: in bytes, as it is stored and downloaded; NO_SIZE: not known.
        modified: when it, or the manifest that names it, was written, in seconds since 1970; 0: not known.
        signature: SIGNED, UNSIGNED or UNKNOWN; nothing was verified.
        key: the fingerprint or id of the key, as the signature names it.
        note: why something is not known.
    """

    size: int = NO_SIZE
    modified: float = 0.0
    signature: str = UNKNOWN
    key: str = ""
    note: str = ""


class Files(Protocol):
    """The files of a mirror, by their paths relative to it."""

    def read(self, path: str, limit: int) -> tuple[bytes, float]:
        """(the content of a small file, when it was written). Raises SourceError."""

    def stat(self, path: str) -> tuple[int, float]:
        """(the size of a file, when it was written). Raises SourceError."""


class LocalFiles:
    """The files of a mirror on this machine."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)

    def read(self, path: str, limit: int) -> tuple[bytes, float]:
        """See `Files`."""
        file = self._root / path
        try:
            with open_regular(file) as stream:
                return read_stream(stream, limit, str(file)), os.fstat(stream.fileno()).st_mtime
        except (OSError, UnicodeEncodeError) as error:
            raise _problem(file, error) from error

    def stat(self, path: str) -> tuple[int, float]:
        """See `Files`."""
        file = self._root / path
        try:
            stat = file.stat()
        except (OSError, UnicodeEncodeError) as error:
            raise _problem(file, error) from error
        return stat.st_size, stat.st_mtime


def _problem(file: Path, error: OSError | UnicodeEncodeError) -> SourceError:
    # A name that the file system's encoding has no bytes for is the name of no file.
    if isinstance(error, FileNotFoundError | NotADirectoryError | UnicodeEncodeError):
        return MissingError(str(file), "no such file")
    return unreadable(file, error)


class RemoteFiles:
    """The files of a mirror behind a network."""

    def __init__(self, transport: RetryingTransport, url: str, accept: str = "") -> None:
        self._transport = transport
        self._url = url
        self._accept = accept

    def read(self, path: str, limit: int) -> tuple[bytes, float]:
        """See `Files`."""
        url = joined(self._url, quote(path, safe="/")) if path else self._url
        with self._transport.open(Request(url, accept=self._accept, limit=limit)) as reply:
            return content_of(reply, url, limit), reply.modified

    def stat(self, path: str) -> tuple[int, float]:
        """See `Files`."""
        url = joined(self._url, quote(path, safe="/"))
        with self._transport.open(Request(url, raw=True, head=True)) as reply:
            return NO_SIZE if reply.total is None else reply.total, reply.modified


def local_binary(root: str, layout: str, spec: Spec) -> Binary:
    """Read what a mirror on this machine says of a build."""
    return _noted(lambda: _LAYOUTS[layout](LocalFiles(root), spec)) if layout in _LAYOUTS else Binary()


def remote_binary(transport: RetryingTransport, url: str, layout: str, spec: Spec) -> Binary:
    """Ask a mirror behind a network for what it says of a build. Raises SourceError if it fails."""
    if layout == "oci":
        image = image_url(url, f"{spec.name}-{spec.version}-{spec.dag_hash}")
        return _noted(lambda: _oci(RemoteFiles(transport, image, MANIFEST_TYPES), image))
    if layout not in _LAYOUTS:
        return Binary(note="its mirror is known by an index alone")
    return _noted(lambda: _LAYOUTS[layout](RemoteFiles(transport, url), spec))


def _noted(read: Callable[[], Binary]) -> Binary:
    """A file that is not there is an answer; other errors may go away."""
    try:
        return read()
    except MissingError as error:
        return Binary(note=f"not in the mirror ({error.reason})")


def _v3(files: Files, spec: Spec) -> Binary:
    name = _part(spec.name)
    file = f"{name}-{_part(spec.version)}-{spec.dag_hash}.spec.manifest.json"
    path = f"v3/manifests/spec/{name}/{file}"
    text, modified = files.read(path, MANIFEST)
    blob = install_blob(text, path)
    size, note = (blob.content_length, "") if blob else (NO_SIZE, "its manifest names no binary")
    if is_clearsigned(text):
        return Binary(size, modified, SIGNED, signing_key(text), note)
    return Binary(size, modified, UNSIGNED, note=note)


def _v2(files: Files, spec: Spec) -> Binary:
    for folder, name in _names_v2(spec):
        try:
            size, modified = files.stat(f"build_cache/{folder}/{name}.spack")
            note = "" if size != NO_SIZE else "the server does not say its size"
        except MissingError:
            size, modified, note = NO_SIZE, 0.0, "its .spack file is not in the mirror"
        signature, key = _signature_v2(files, f"build_cache/{name}.spec.json")
        if signature != UNKNOWN or modified or size != NO_SIZE:
            return Binary(size, modified, signature, key, note)
    raise MissingError("", "no such file")


def _names_v2(spec: Spec) -> Iterator[tuple[str, str]]:
    """(folder, file name without its ending) of a binary, by each compiler that may be in its name."""
    arch = "-".join(map(_part, (spec.platform, spec.os, spec.target)))
    name = f"{_part(spec.name)}-{_part(spec.version)}"
    compilers = [_part(each.replace("@", "-")) for each in spec.compilers or ()]
    # Spack 1.x names one compiler of several, or none of none.
    for compiler in dict.fromkeys((*compilers[:MOST_COMPILERS], "none-none")):
        yield f"{arch}/{compiler}/{name}", f"{arch}-{compiler}-{name}-{spec.dag_hash}"


def _signature_v2(files: Files, path: str) -> tuple[str, str]:
    """(the signature, its key) of a spec file."""
    try:
        text, _ = files.read(f"{path}.sig", MANIFEST)
        return SIGNED, signing_key(text)
    except MissingError:
        pass
    try:
        files.stat(path)
        return UNSIGNED, ""
    except MissingError:
        return UNKNOWN, ""


def _oci(files: Files, place: str) -> Binary:
    text, modified = files.read("", MANIFEST)
    size = last_layer_size(text, redacted(place))
    return Binary(size, modified, UNSIGNED, note="" if size != NO_SIZE else "its image does not say the size")


def _part(text: str) -> str:
    """A part of a path. Raises MissingError for what cannot be one."""
    if not _PART.fullmatch(text):
        raise MissingError("", "its name makes no file name")
    return text


_LAYOUTS: Mapping[str, Callable[[Files, Spec], Binary]] = {"v3": _v3, "v2": _v2}
