"""Spack's configuration and downloaded indexes as values."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from cachetui.secret import Secret
from cachetui.text import redacted


class Credentials(Struct, frozen=True):
    """How to log in to a mirror: values, or the environment variables that hold them."""

    id: str = ""
    id_variable: str = ""
    secret: Secret = Secret()
    secret_variable: str = ""
    token: Secret = Secret()
    token_variable: str = ""
    profile: str = ""
    """Of the user's AWS configuration."""

    endpoint_url: str = ""
    """Of the S3 service, if it is not Amazon's."""

    def user(self, environ: Mapping[str, str]) -> str:
        """The user name; empty if there is none."""
        return self.id or environ.get(self.id_variable, "")

    def password(self, environ: Mapping[str, str]) -> Secret:
        """The secret; empty if there is none."""
        return self.secret or Secret(environ.get(self.secret_variable, ""))

    def session_token(self, environ: Mapping[str, str]) -> Secret:
        """The session token; empty if there is none."""
        return self.token or Secret(environ.get(self.token_variable, ""))

    def __rich_repr__(self) -> list[tuple[str, str]]:
        pairs = [(name, getattr(self, name)) for name in self.__struct_fields__]
        hidden = {"secret": "***", "token": "***", "endpoint_url": redacted(self.endpoint_url)}
        return [(name, hidden.get(name, value)) for name, value in pairs if value]

    def __repr__(self) -> str:
        return f"Credentials({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class Mirror(Struct, frozen=True):
    """A mirror of Spack's configuration, as Spack fetches from it."""

    name: str
    url: str
    """An absolute path, or a URL without user and password; no slash at its end."""

    view: str = ""
    binary: bool = True
    signed: bool | None = None
    """Whether Spack verifies signatures of its binaries; None: the configuration does not say."""

    place: str = ""
    """File and line that configure it in the highest scope: `/home/u/.spack/mirrors.yaml:12`."""

    scope: str = ""
    """The name of that scope."""

    has_credentials: bool = False
    """Whether `read_config` finds credentials or an endpoint for it."""

    credentials: Credentials | None = None

    written: str = ""
    """The URL with its variables, if any of the environment are in it: what they hold may be secret."""

    def __repr__(self) -> str:
        """Leave out what may hold a secret."""
        return f"Mirror({self.name!r}, {redacted(self.url)!r}, {self.place!r}, {self.credentials!r})"


class Scope(Struct, frozen=True):
    """A folder or file of Spack's configuration."""

    name: str
    path: str


class Upstream(Struct, frozen=True):
    """Another Spack installation whose packages Spack uses, too."""

    name: str
    root: str
    """The root of its install tree."""


class SpackConfig(Struct, frozen=True):
    """What Spack's configuration says about mirrors, caches and installed packages."""

    root: str = ""
    """The folder that Spack calls `$spack`; empty if no Spack was found."""

    version: str = ""
    """From Spack's source; empty if unknown."""

    scopes: tuple[Scope, ...] = ()
    """The existing scopes, highest first."""

    mirrors: tuple[Mirror, ...] = ()
    """In Spack's search order, including those without binaries."""

    misc_cache: str = ""
    """The absolute path of the folder that contains `indices`; empty if unknown."""

    install_trees: tuple[str, ...] = ()
    """The configured root and the padded roots found below it."""

    upstreams: tuple[Upstream, ...] = ()
    connect_timeout: float = 10.0
    """Seconds; 0: no limit."""

    verify_ssl: bool = True
    ssl_certs: str = ""
    """A file or folder of certificates; empty: the certificates of the system."""

    notes: tuple[str, ...] = ()
    """What was skipped, one line each, beginning with its place."""

    failures: tuple[str, ...] = ()
    """Those of the notes about what cannot be read: mirrors may be configured there."""


class CachedIndex(Struct, frozen=True, kw_only=True):
    """The index of a mirror that Spack downloaded last."""

    url: str
    """Without user, password and trailing slash."""

    layout: int
    view: str = ""
    file: str
    """Absolute path of the index, a JSON file."""

    sha256: str
    etag: str = ""
    modified: float = 0.0
    """The modification time of the file, in seconds since 1970."""
