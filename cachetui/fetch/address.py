"""Where a mirror is: its URL, how its builds are named, what opens it."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from cachetui.errors import LocationError
from cachetui.spec import Place
from cachetui.text import ELLIPSIS, clean, redacted

_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*)://", re.IGNORECASE)

REMOTE_SCHEMES = frozenset({"http", "https", "s3", "gs", "oci", "oci+http"})
"""What is read through a network."""


class Access(Struct, frozen=True):
    """What opens a mirror; empty texts: nothing is needed, or it is found elsewhere.

    Args:
        user, password: a name and its secret; for object stores the id and the secret of a key.
        token: a session token of an object store.
        profile: of the AWS configuration.
        endpoint_url: of an object store that is not the usual one.
    """

    user: str = ""
    password: str = ""
    token: str = ""
    profile: str = ""
    endpoint_url: str = ""

    def __repr__(self) -> str:
        """Without the secrets; a user may be a token."""
        return f"Access({ELLIPSIS if self != Access() else ''})"


class Address(Struct, frozen=True):
    """A mirror that is read through a network.

    Args:
        url: without user and password, and without a slash at the end.
        place: how its builds are told; the view is that of the mirror.
        layout: the only one that is meant; empty: any.
        login: names what opens it, where the same URL may be something else to somebody else.
    """

    url: str
    place: Place = Place()
    access: Access = Access()
    layout: str = ""
    login: str = ""

    def __repr__(self) -> str:
        """Without what may be a secret."""
        return f"Address({redacted(self.url)!r}, {self.place!r})"

    @property
    def scheme(self) -> str:
        """Of the URL, in lower case."""
        return self.url.partition("://")[0]

    @property
    def view(self) -> str:
        """The named index that is read; empty: the default one."""
        return self.place.view

    @property
    def key(self) -> str:
        """Names what is kept of it; never a part of the URL, which is not trusted."""
        return _checksum("\0".join((self.url, self.view, self.layout, self.login)))

    @property
    def identity(self) -> str:
        """Differs for different content or other names of it; catalogs hold it, so that it has no query."""
        place = (getattr(self.place, part) for part in self.place.__struct_fields__)
        return "\0".join((_checksum(self.url), *place))


def _checksum(text: str) -> str:
    data = text.encode(errors="replace")
    return f"{crc32(data):08x}{crc32(data[::-1]):08x}"


def scheme_of(location: str) -> str:
    """The scheme of a URL, in lower case; empty for anything else."""
    match = _SCHEME.match(location)
    return match[1].lower() if match else ""


def address_of(url: str, place: Place | None = None, access: Access | None = None) -> Address:
    """The address of a URL; user and password in it go before what else is known.

    Raises:
        LocationError: it is no URL of a mirror that can be read; says what can.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError as error:  # its text quotes what may be a password
        raise LocationError(f"{redacted(url)}: not a URL") from error
    try:
        port = parts.port
    except ValueError as error:  # likewise
        raise LocationError(f"{redacted(url)}: not a URL (the port is not a number up to 65535)") from error
    scheme = parts.scheme.lower()
    if scheme not in REMOTE_SCHEMES:
        known = ", ".join(f"{name}://" for name in sorted(REMOTE_SCHEMES))
        raise LocationError(f"{redacted(url)}: {clean(scheme)}:// is not read; {known} and paths are")
    if not parts.hostname:
        raise LocationError(f"{redacted(url)}: the URL names no host")
    root = mirror_root(_shown(parts, scheme, port))
    told = place or Place()
    told = replace(told, mirror=told.mirror or mirror_name(root.url), view=told.view or unquote(root.view))
    return Address(root.url, told, _access(parts, access or Access()), root.layout)


class MirrorRoot(NamedTuple):
    """The mirror that a part of it belongs to, the view and the layout that the part tells."""

    url: str
    view: str = ""
    layout: str = ""


_MANIFESTS = "v3/manifests/index"
_MANIFEST = "index.manifest.json"
_BUILD_CACHE = "/build_cache"
_VIEWED = rf"(.*)/{_MANIFESTS}(?:/(?!{_MANIFEST})([^/]+))?(?:/{_MANIFEST})?"


def mirror_root(url: str) -> MirrorRoot:
    """The mirror of a URL or path, which may lead to its index in layout v2 or v3, or to an index alone."""
    if _MANIFESTS in url and (match := re.fullmatch(_VIEWED, url)):
        return MirrorRoot(match[1], match[2] or "", "v3")
    folder = url.removesuffix("/index.json")
    if folder.endswith(_BUILD_CACHE):
        return MirrorRoot(folder.removesuffix(_BUILD_CACHE), layout="v2")
    path = url.partition("?")[0]
    is_index = path.endswith((".json", ".json.gz")) or is_digest(path.rpartition("/")[2])
    return MirrorRoot(url, layout="file" if is_index else "")


def is_digest(name: str) -> bool:
    """Whether a name is a sha256, as those of blobs are."""
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def manifest_path(view: str) -> str:
    """The manifest of the index of a mirror of layout v3, below the mirror; empty: the default one."""
    return f"{_MANIFESTS}/{view}/{_MANIFEST}" if view else f"{_MANIFESTS}/{_MANIFEST}"


def is_view_name(view: str) -> bool:
    """Whether a view's name can be one folder of a path."""
    return bool(view) and view not in (".", "..") and not any(c in view for c in "/\\\0")


_SAFE = "/%:!$&'()*+,;=~-._"
"""Not `@`, before which `redacted` may see a password."""


def _shown(parts: SplitResult, scheme: str, port: int | None) -> str:
    host = clean(parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    path, query = (
        quote(text, safe=f"{_SAFE}{more}", errors="replace")
        for text, more in ((parts.path.rstrip("/"), ""), (parts.query, "?@"))
    )
    return urlunsplit((scheme, f"{host}:{port}" if port else host, path, query, ""))


def _access(parts: SplitResult, known: Access) -> Access:
    if parts.username is None:
        return known
    return Access(unquote(parts.username), unquote(parts.password or ""), endpoint_url=known.endpoint_url)


def mirror_name(url: str) -> str:
    """A short name for a mirror that has none: the end of its path, else the host."""
    parts = urlsplit(redacted(url))  # what looks like a path may hold a password
    names = [name for name in parts.path.split("/") if name]
    return clean(unquote(names[-1]) if names else parts.netloc)


def joined(url: str, *parts: str) -> str:
    """A URL below that of a mirror; what stands after `?` stays at its end."""
    base, mark, query = url.partition("?")
    return "/".join((base.rstrip("/"), *parts)) + mark + query
