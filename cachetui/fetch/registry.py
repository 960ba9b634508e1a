"""OCI registries: where the index lies in one, and how one is opened.

GET /v2/<name>/manifests/index.spack       an image manifest; its first layer is the index, plain JSON
GET /v2/<name>/blobs/sha256:<digest>       the index
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct

from cachetui.errors import MissingError, SourceError
from cachetui.fetch.address import Access
from cachetui.text import clean

TAG = "index.spack"

MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)

DEFAULT_HOST = "index.docker.io"

HELPER_SECONDS = 10
"""How long a program that knows credentials may take."""

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_HELPER = re.compile(r"[A-Za-z0-9_\-]+")


class _Layer(Struct):
    digest: str = ""


class _Image(Struct):
    layers: list[_Layer] = []


def manifest_url(url: str) -> str:
    """Of the image that holds the index of an `oci://` mirror."""
    return f"{_repository(url)}/manifests/{TAG}"


def blob_url(url: str, digest: str) -> str:
    """Of a blob with a sha256."""
    return f"{_repository(url)}/blobs/sha256:{digest}"


def registry_host(url: str) -> str:
    """The host, and the port if one is told, by which credentials are named."""
    return _host_and_name(url)[0]


def _repository(url: str) -> str:
    host, name = _host_and_name(url)
    return f"{'http' if url.startswith('oci+http:') else 'https'}://{host}/v2/{name}"


def _host_and_name(url: str) -> tuple[str, str]:
    """As images are named: what does not look like a host belongs to the name on the default registry."""
    parts = urlsplit(url)
    host, name = parts.netloc, parts.path.strip("/").lower()
    if "." in host or ":" in host or host == "localhost":
        return host, name
    name = "/".join(filter(None, (host.lower(), name)))
    return DEFAULT_HOST, name if "/" in name else f"library/{name}"


def layer_digest(text: bytes, place: str) -> str:
    """The sha256 of the index that an image holds. Raises SourceError, MissingError."""
    try:
        image = msgspec.json.decode(text, type=_Image)
    except (ValueError, RecursionError) as error:
        raise SourceError(place, f"not an image manifest: {clean(str(error))}") from error
    if not image.layers:
        raise MissingError(place, "the image has no layer that could be an index")
    match = _DIGEST.fullmatch(image.layers[0].digest)
    if match is None:
        raise SourceError(place, f"{clean(image.layers[0].digest)[:80]!r} is not a sha256 digest")
    return match[1]


# what the configuration of Docker and Podman knows


class _Login(Struct):
    auth: str = ""
    username: str = ""
    password: str = ""


class _DockerConfig(Struct, rename={"helpers": "credHelpers", "store": "credsStore"}):
    auths: dict[str, _Login] = {}
    helpers: dict[str, str] = {}
    store: str = ""


class _HelperAnswer(Struct, rename="pascal"):
    username: str = ""
    secret: str = ""


def docker_login(host: str, environ: Mapping[str, str]) -> Access:
    """User and password for a registry that `docker login` or `podman login` left; empty if none did."""
    for file in _login_files(environ):
        with suppress(OSError, ValueError, RecursionError):
            config = msgspec.json.decode(file.read_bytes(), type=_DockerConfig)
            if (access := _login(config, host)).user:
                return access
    return Access()


def _login_files(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(os.path.expanduser("~"))
    if named := environ.get("REGISTRY_AUTH_FILE"):
        yield Path(named)
    yield Path(environ.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        yield Path(runtime) / "containers" / "auth.json"
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "containers" / "auth.json"


def _login(config: _DockerConfig, host: str) -> Access:
    names = (host, f"https://{host}", f"https://{host}/v1/", f"https://{host}/v2/", f"http://{host}")
    for name in names:
        if helper := config.helpers.get(name):
            return _asked(helper, name)
    for name in names:
        login = config.auths.get(name)
        if login is None:
            continue
        if login.auth:
            user, _, password = base64.b64decode(login.auth).decode().partition(":")
            return Access(user, password.rstrip("\0"))
        if login.username:
            return Access(login.username, login.password)
        if config.store:
            return _asked(config.store, name)
    return Access()


def _asked(helper: str, host: str) -> Access:
    """What a credential helper of Docker answers."""
    if not _HELPER.fullmatch(helper):
        return Access()
    with suppress(subprocess.SubprocessError):
        asked = subprocess.run(
            [f"docker-credential-{helper}", "get"],
            input=host.encode(),
            capture_output=True,
            timeout=HELPER_SECONDS,
            check=True,
        )
        answer = msgspec.json.decode(asked.stdout, type=_HelperAnswer)
        return Access(answer.username, answer.secret)
    return Access()


# the way of tokens


_TOKEN = re.compile(r"[!-~]+")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


def token_url(challenge: str, registry_is_plain: bool) -> str:
    """Where a token is to be had, by the header `WWW-Authenticate`; empty if it tells of none.

    Where the registry is asked in the open, so may be who gives tokens; nowhere else.
    """
    scheme, _, rest = challenge.partition(" ")
    told = dict(_CHALLENGE.findall(rest))
    realm = told.get("realm", "")
    if scheme.lower() != "bearer" or not realm.startswith(
        ("https://", "http://") if registry_is_plain else "https://"
    ):
        return ""
    asked = {name: told[name] for name in ("service", "scope") if told.get(name)}
    return f"{realm}{'&' if '?' in realm else '?'}{urlencode({**asked, 'client_id': 'cachetui'})}"


class _Token(Struct):
    token: str = ""
    access_token: str = ""


def token_of(answer: bytes) -> str:
    """The token in the answer of who gives them; empty if there is none."""
    with suppress(ValueError, RecursionError):
        given = msgspec.json.decode(answer, type=_Token)
        token = given.token or given.access_token
        return token if _TOKEN.fullmatch(token) else ""
    return ""
