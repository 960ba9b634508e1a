"""OCI registries: where the index is in one, and how to log in.

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

from cachetui.bounded import SETTINGS, read_file
from cachetui.errors import MissingError, SourceError
from cachetui.fetch.address import Access
from cachetui.secret import Secret
from cachetui.text import clean, reason_of

TAG = "index.spack"

MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)

LONGEST_TAG = 128
"""Characters of a tag."""

DEFAULT_HOST = "index.docker.io"

HELPER_SECONDS = 10
"""Time limit of a credential helper, in seconds."""

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_HELPER = re.compile(r"[A-Za-z0-9_\-]+")


class _Layer(Struct):
    digest: str = ""
    size: int = -1


class _Image(Struct):
    layers: list[_Layer] = []


def manifest_url(url: str) -> str:
    """Return the URL of the image manifest of the index of an `oci://` mirror."""
    return f"{_repository(url)}/manifests/{TAG}"


def image_url(url: str, name: str) -> str:
    """Return the URL of the image manifest of a build of an `oci://` mirror.

    Args:
        name: its name, version and hash.
    """
    tag = re.sub(r"[^\w.\-]", "_", f"{name}.spack", flags=re.ASCII)
    if len(tag) > LONGEST_TAG:
        tag = tag[: LONGEST_TAG // 2] + tag[-(LONGEST_TAG // 2) :]
    return f"{_repository(url)}/manifests/{tag}"


def blob_url(url: str, digest: str) -> str:
    """Return the URL of a blob with a sha256."""
    return f"{_repository(url)}/blobs/sha256:{digest}"


def registry_host(url: str) -> str:
    """Return the host, with the port if there is one: the key of its credentials."""
    return _host_and_name(url)[0]


def _repository(url: str) -> str:
    host, name = _host_and_name(url)
    return f"{'http' if url.startswith('oci+http:') else 'https'}://{host}/v2/{name}"


def _host_and_name(url: str) -> tuple[str, str]:
    """Split the URL as image names are: a first part that is no host is part of a name on Docker Hub."""
    parts = urlsplit(url)
    host, name = parts.netloc, parts.path.strip("/").lower()
    if "." in host or ":" in host or host == "localhost":
        return host, name
    name = "/".join(filter(None, (host.lower(), name)))
    return DEFAULT_HOST, name if "/" in name else f"library/{name}"


def last_layer_size(text: bytes, place: str) -> int:
    """Return the size of the last layer of an image, in bytes; -1 if it is not stated. Raises SourceError."""
    return _image(text, place).layers[-1].size


def _image(text: bytes, place: str) -> _Image:
    """Return an image with a layer. Raises SourceError, MissingError."""
    try:
        image = msgspec.json.decode(text, type=_Image)
    except (ValueError, RecursionError) as error:
        raise SourceError(place, f"not an image manifest: {reason_of(error)}") from error
    if not image.layers:
        raise MissingError(place, "the image has no layers")
    return image


def layer_digest(text: bytes, place: str) -> str:
    """Return the sha256 of the index from an image manifest. Raises SourceError, MissingError."""
    image = _image(text, place)
    match = _DIGEST.fullmatch(image.layers[0].digest)
    if match is None:
        raise SourceError(place, f"{clean(image.layers[0].digest)[:80]!r} is not a sha256 digest")
    return match[1]


# Credentials in the configuration of Docker and Podman


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
    """Return the credentials for a registry that `docker login` or `podman login` stored; empty if none."""
    for file in _login_files(environ):
        with suppress(OSError, ValueError, RecursionError):
            config = msgspec.json.decode(read_file(file, SETTINGS), type=_DockerConfig)
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
            return _from_helper(helper, name)
    for name in names:
        login = config.auths.get(name)
        if login is None:
            continue
        if login.auth:
            user, _, password = base64.b64decode(login.auth).decode().partition(":")
            return Access(user, Secret(password.rstrip("\0")))
        if login.username:
            return Access(login.username, Secret(login.password))
        if config.store:
            return _from_helper(config.store, name)
    return Access()


def _from_helper(helper: str, host: str) -> Access:
    """Ask a credential helper of Docker."""
    if not _HELPER.fullmatch(helper):
        return Access()
    with suppress(subprocess.SubprocessError):
        answered = subprocess.run(
            [f"docker-credential-{helper}", "get"],
            input=host.encode(),
            capture_output=True,
            timeout=HELPER_SECONDS,
            check=True,
        )
        answer = msgspec.json.decode(answered.stdout, type=_HelperAnswer)
        return Access(answer.username, Secret(answer.secret))
    return Access()


# Tokens


_TOKEN = re.compile(r"[!-~]+")
_CHALLENGE = re.compile(r'(?<!\w)(\w+)="([^"]*)"')  # from where a word begins: else a long one takes minutes


def token_url(challenge: str, registry_is_plain: bool) -> str:
    """Return the URL of a token from a `WWW-Authenticate` header; empty if the header names none.

    Plain HTTP is accepted only if the registry itself is read by plain HTTP: the request has a password.
    """
    scheme, _, rest = challenge.partition(" ")
    parameters = dict(_CHALLENGE.findall(rest))
    realm = parameters.get("realm", "")
    if scheme.lower() != "bearer" or not realm.startswith(
        ("https://", "http://") if registry_is_plain else "https://"
    ):
        return ""
    query = {name: parameters[name] for name in ("service", "scope") if parameters.get(name)}
    return f"{realm}{'&' if '?' in realm else '?'}{urlencode({**query, 'client_id': 'cachetui'})}"


class _Token(Struct):
    token: str = ""
    access_token: str = ""


def token_of(answer: bytes) -> Secret:
    """Return the token in the answer of a token server; empty if there is none."""
    with suppress(ValueError, RecursionError):
        decoded = msgspec.json.decode(answer, type=_Token)
        token = decoded.token or decoded.access_token
        return Secret(token if _TOKEN.fullmatch(token) else "")
    return Secret()
