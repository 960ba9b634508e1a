"""What was found of Spack on this machine, as values."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from cachetui.text import redacted


class Credentials(Struct, frozen=True):
    """How to log in at a mirror: texts, or the environment variables that hold them."""

    id: str = ""
    id_variable: str = ""
    secret: str = ""
    secret_variable: str = ""
    token: str = ""
    token_variable: str = ""
    profile: str = ""
    """Of the user's AWS configuration."""

    endpoint_url: str = ""
    """Of the S3 service, if it is not Amazon's."""

    def user(self, environ: Mapping[str, str]) -> str:
        """The name to log in with; empty if there is none."""
        return self.id or environ.get(self.id_variable, "")

    def password(self, environ: Mapping[str, str]) -> str:
        """The secret to log in with; empty if there is none."""
        return self.secret or environ.get(self.secret_variable, "")

    def session_token(self, environ: Mapping[str, str]) -> str:
        """The token to log in with; empty if there is none."""
        return self.token or environ.get(self.token_variable, "")

    def __rich_repr__(self) -> list[tuple[str, str]]:
        pairs = [(name, getattr(self, name)) for name in self.__struct_fields__]
        hidden = {"secret": "***", "token": "***", "endpoint_url": redacted(self.endpoint_url)}
        return [(name, hidden.get(name, value)) for name, value in pairs if value]

    def __repr__(self) -> str:
        return f"Credentials({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class Mirror(Struct, frozen=True):
    """A mirror of Spack's configuration, as Spack would fetch from it."""

    name: str
    url: str
    """An absolute path, or a URL without user and password; no slash at its end."""

    view: str = ""
    binary: bool = True
    signed: bool | None = None
    """Whether Spack verifies signatures of its binaries; None: the configuration does not say."""

    place: str = ""
    """File and line where the highest scope has it: `/home/u/.spack/mirrors.yaml:12`."""

    scope: str = ""
    """The name of that scope."""

    has_credentials: bool = False
    """Whether `read_config` gives its credentials, or an endpoint of its own."""

    credentials: Credentials | None = None

    def __repr__(self) -> str:
        """Without what may be a secret."""
        return f"Mirror({self.name!r}, {redacted(self.url)!r}, {self.place!r}, {self.credentials!r})"


class Scope(Struct, frozen=True):
    """A folder or file of Spack's configuration."""

    name: str
    path: str


class Upstream(Struct, frozen=True):
    """Another Spack whose installed packages are used too."""

    name: str
    root: str
    """Of its install tree."""


class SpackConfig(Struct, frozen=True):
    """What Spack's configuration says about mirrors, caches and installed packages."""

    root: str = ""
    """The folder that Spack calls `$spack`; empty if no Spack was found."""

    version: str = ""
    """As it stands in Spack's source; empty if not known."""

    scopes: tuple[Scope, ...] = ()
    """All that exist, highest first."""

    mirrors: tuple[Mirror, ...] = ()
    """In the order in which Spack asks them, also those without binaries."""

    misc_cache: str = ""
    """The absolute path of the folder that holds `indices`; empty if it cannot be told."""

    install_trees: tuple[str, ...] = ()
    """The configured root, and the padded roots below it that were found on disk."""

    upstreams: tuple[Upstream, ...] = ()
    connect_timeout: float = 10.0
    """In seconds; 0 is no limit."""

    verify_ssl: bool = True
    ssl_certs: str = ""
    """A file or folder of certificates; empty: those of the system."""

    notes: tuple[str, ...] = ()
    """What was found and not understood, one line each that begins with its place."""


class CachedIndex(Struct, frozen=True, kw_only=True):
    """The index of a mirror as Spack last fetched it."""

    url: str
    """As Spack wrote it, without user and password and without a slash at its end."""

    layout: int
    view: str = ""
    file: str
    """Absolute path of the index, a JSON file."""

    sha256: str
    etag: str = ""
    modified: float = 0.0
    """When the file was last written, in Unix seconds."""
