"""Where a mirror is: its URL, the place of its builds, its credentials."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from msgspec import Struct
from msgspec.structs import replace

from cachetui.errors import LocationError
from cachetui.keyed import checksum
from cachetui.secret import Secret
from cachetui.spec import Place
from cachetui.text import ELLIPSIS, clean, redacted

_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*)://", re.IGNORECASE)

REMOTE_SCHEMES = frozenset({"http", "https", "s3", "gs", "oci", "oci+http"})
"""The schemes that are read through a network."""


class Access(Struct, frozen=True):
    """Credentials and endpoint of a mirror; empty fields: not needed, or to be found on this machine.

    Args:
        user, password: for object stores, the id and the secret of a key.
        token: a session token of an object store.
        profile: of the AWS configuration.
        endpoint_url: of an object store other than AWS or Google.
    """

    user: str = ""
    password: Secret = Secret()
    token: Secret = Secret()
    profile: str = ""
    endpoint_url: str = ""

    def __repr__(self) -> str:
        """Show nothing secret; even a user name may be a token."""
        return f"Access({ELLIPSIS if self != Access() else ''})"


class Address(Struct, frozen=True):
    """A mirror that is read through a network.

    Args:
        url: without user and password, and without a slash at the end.
        place: of its builds; its view is the one that is read.
        layout: the only layout to try; empty: any.
        login: identifies the credentials, for URLs whose content depends on them.
    """

    url: str
    place: Place = Place()
    access: Access = Access()
    layout: str = ""
    login: str = ""

    def __repr__(self) -> str:
        """Show nothing secret."""
        return f"Address({redacted(self.url)!r}, {self.place!r})"

    @property
    def scheme(self) -> str:
        """The scheme of the URL, in lower case."""
        return self.url.partition("://")[0]

    @property
    def view(self) -> str:
        """The view whose index is read; empty: the default index."""
        return self.place.view

    @property
    def key(self) -> str:
        """The base name of its cached files; a checksum, as a URL is not a safe file name."""
        return checksum("\0".join((self.url, self.view, self.layout, self.login)))

    @property
    def identity(self) -> str:
        """Text that differs if content or names differ; stored in catalogs, so the URL is only a checksum."""
        place = self.place
        return "\0".join((checksum(self.url), place.mirror, place.tag, place.stack, place.view))


def scheme_of(location: str) -> str:
    """Return the scheme of a URL, in lower case; empty for anything else."""
    match = _SCHEME.match(location)
    return match[1].lower() if match else ""


def address_of(url: str, place: Place | None = None, access: Access | None = None) -> Address:
    """Parse a URL; a user and password in it override those of `access`.

    Raises:
        LocationError: the URL is invalid, or its scheme is not supported.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError as error:  # its text may quote a password
        raise LocationError(f"{redacted(url)}: not a URL") from error
    try:
        port = parts.port
    except ValueError as error:  # likewise
        raise LocationError(f"{redacted(url)}: not a URL (the port is not a number up to 65535)") from error
    scheme = parts.scheme.lower()
    if scheme not in REMOTE_SCHEMES:
        known = ", ".join(f"{name}://" for name in sorted(REMOTE_SCHEMES))
        raise LocationError(f"{redacted(url)}: {clean(scheme)}:// is not supported; use {known} or a path")
    if not parts.hostname:
        raise LocationError(f"{redacted(url)}: the URL has no host")
    root = mirror_root(_normalized(parts, scheme, port))
    place = place or Place()
    place = replace(
        place, mirror=place.mirror or mirror_name(root.url), view=place.view or unquote(root.view)
    )
    return Address(root.url, place, _credentials(parts, access or Access()), root.layout)


class MirrorRoot(NamedTuple):
    """The mirror that a URL or path belongs to, with the view and the layout that follow from it."""

    url: str
    view: str = ""
    layout: str = ""


_MANIFESTS = "v3/manifests/index"
_MANIFEST = "index.manifest.json"
_BUILD_CACHE = "/build_cache"
_VIEWED = rf"(.*)/{_MANIFESTS}(?:/(?!{_MANIFEST})([^/]+))?(?:/{_MANIFEST})?"


def mirror_root(url: str) -> MirrorRoot:
    """Find the mirror of a URL or path, which may be that of the mirror, its index, or any index file."""
    if _MANIFESTS in url and (match := re.fullmatch(_VIEWED, url)):
        return MirrorRoot(match[1], match[2] or "", "v3")
    folder = url.removesuffix("/index.json")
    if folder.endswith(_BUILD_CACHE):
        return MirrorRoot(folder.removesuffix(_BUILD_CACHE), layout="v2")
    path = url.partition("?")[0]
    is_index = path.endswith((".json", ".json.gz")) or is_digest(path.rpartition("/")[2])
    return MirrorRoot(url, layout="file" if is_index else "")


def is_digest(name: str) -> bool:
    """Whether a name is a sha256 in hexadecimal, as the names of blobs are."""
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def manifest_path(view: str) -> str:
    """Return the path of the manifest of a view's index, relative to the mirror; empty: the default index."""
    return f"{_MANIFESTS}/{view}/{_MANIFEST}" if view else f"{_MANIFESTS}/{_MANIFEST}"


def is_view_name(view: str) -> bool:
    """Whether a name can be the folder of a view."""
    return bool(view) and view not in (".", "..") and not any(c in view for c in "/\\\0")


_SAFE = "/%:!$&'()*+,;=~-._"
"""Characters not quoted in a path; without `@`, as `redacted` takes what precedes it for a password."""


def _normalized(parts: SplitResult, scheme: str, port: int | None) -> str:
    host = clean(parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    path, query = (
        quote(text, safe=f"{_SAFE}{more}", errors="replace")
        for text, more in ((parts.path.rstrip("/"), ""), (parts.query, "?@"))
    )
    return urlunsplit((scheme, f"{host}:{port}" if port else host, path, query, ""))


def _credentials(parts: SplitResult, known: Access) -> Access:
    if parts.username is None:
        return known
    password = Secret(unquote(parts.password or ""))
    return Access(unquote(parts.username), password, endpoint_url=known.endpoint_url)


def mirror_name(url: str) -> str:
    """Return a short name for a mirror: the last part of its path, else the host."""
    shown = redacted(url)  # what looks like a path may contain a password
    try:
        parts = urlsplit(shown)
    except ValueError:  # Python 3.10, for the bracket of an address of which a part is hidden
        return shown
    names = [name for name in parts.path.split("/") if name]
    return clean(unquote(names[-1]) if names else parts.netloc)


def joined(url: str, *parts: str) -> str:
    """Append to the path of a mirror's URL; a query stays at the end."""
    base, mark, query = url.partition("?")
    return "/".join((base.rstrip("/"), *parts)) + mark + query
