"""Real input for every reader: that of the tests' data, and texts as users and servers write them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from functools import cache

from tests.builders.mirrors import database, digest, entry, manifest
from tests.builders.wanted import closure, lock_file, spec_file
from tests.conftest import DATA

_HOLE = "hole-v2-spack1.2"
MIRRORS = ("mirror-v2-spack0.23", "mirror-v2-spack1.2", _HOLE)
_FEW_RECORDS = 6


@cache
def _index(name: str) -> bytes:
    return gzip.decompress((DATA / name / "build_cache/index.json.gz").read_bytes())


@cache
def records(name: str) -> dict[str, Mapping[str, object]]:
    """The records of a real index."""
    found: dict[str, Mapping[str, object]] = json.loads(_index(name))["database"]["installs"]
    return found


def indexes() -> Iterable[bytes]:
    """A few records of each real index, of each version, plain and packed, and one that is read in parts."""
    for name in MIRRORS:
        some = dict(list(records(name).items())[:_FEW_RECORDS])
        for version in ("5", "6", "7", "8", "9"):
            yield database(some, version)
        yield gzip.compress(database(some))


def pages() -> Iterable[bytes]:
    return (file.read_bytes() for file in sorted((DATA / "pages").rglob("specs.md")))


def wanted_files() -> Iterable[bytes]:
    nodes = closure(records(_HOLE), list(records(_HOLE))[:1])
    root = next(iter(nodes))
    yield from (lock_file(nodes, [root], version) for version in range(2, 7))
    yield from (spec_file(nodes, root, version) for version in range(1, 6))
    yield f"{root}\n/{root[:7]} # a comment\nhdf5@1.14 +mpi\n".encode()
    yield gzip.compress(lock_file(nodes, [root], 5))


def queries() -> Iterable[bytes]:
    for name in ("search_queries.tsv", "plain_queries.tsv"):
        lines = (DATA / name).read_bytes().splitlines()
        yield from (cell for line in lines for cell in line.split(b"\t"))
    yield from (
        *(b"hdf5@1.12: +mpi target=:x86_64_v3 %gcc@11: ^zlib-ng", b"^[virtuals=mpi deptypes=link] openmpi"),
        *(b"@1.10,1.14:", b"x languages:=c,c++ ~~shared build_type==Release", b"/3ocg37b ^/3ocg37b"),
        *(b'cflags="-O3 -g"', b"%c,cxx=clang", b"builtin.hdf5@git.main=1.2", b"hdf5 without fortran"),
        *(b"arch=linux-rhel8-zen3 os=ubuntu22.04", b"^[when='+p'] z", b"stack=e4s tag=develop view=a"),
    )


def versions() -> Iterable[bytes]:
    known = json.loads((DATA / "oracle/versions.json").read_text())
    texts = sorted({text for text in _texts(known) if len(text) < 60})
    return [text.encode() for text in texts[::7]] + [b"1.2:1.4,1.7:,=1.9,git.main=2.0", b":", b"1.2:"]


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def manifests() -> Iterable[bytes]:
    blob = b"{}"
    yield manifest(entry(blob), entry(blob, mediaType="application/vnd.spack.install.v2.tar+gzip"))
    yield (DATA / "signed.spec.manifest.json").read_bytes()


def images() -> Iterable[bytes]:
    sha256 = f"sha256:{digest(b'')}"
    yield json.dumps({"schemaVersion": 2, "layers": [{"digest": sha256, "size": 12}]}).encode()
    yield json.dumps({"token": "abc", "access_token": "def", "expires_in": 60}).encode()
    yield b'Bearer realm="https://h/token",service="registry",scope="repository:a/b:pull"'
    yield b'{"auths": {"h": {"auth": "dTpw"}, "https://h/v1/": {"username": "u", "password": "p"}}}'


SPACK_FILES = (
    b"mirrors:\n  a: https://h/m\n  b:\n    url: s3://b/p\n    access_pair: {id: i, secret_variable: S}\n"
    b"    fetch: {url: https://h/f, access_token: t}\n    binary: true\n    view: v\n  c: {fetch: oci://h/i}\n",
    b"mirrors::\n  d: $spack/mirror\n  e: ${HOME}/m\nupstreams:\n  up: {install_tree: /opt/spack}\n",
    b"config:\n  misc_cache: $user_cache_path/cache\n  connect_timeout: 10\n  verify_ssl: true\n"
    b"  install_tree: {root: $spack/opt, padded_length: 128}\n  ssl_certs: /etc/ssl/cert.pem\n",
    b"include:\n- {path: a, when: 'os == \"a\"'}\n- {git: https://h/r, branch: main, paths: [a]}\n",
    b"spack:\n  specs: [hdf5]\n  include: [mirrors.yaml]\n  mirrors: {z: &z {url: https://h}, y: *z}\n",
)
SETTINGS = (
    b"theme: nord\nmouse: false\naliases: {qe: quantum-espresso}\nkeys: {copy-hash: c}\nmax_age: 10m\n",
    b"hosts: {gpu: {arch: linux-rhel9-zen4, libc: glibc@2.34}}\nhost: gpu\noffline: true\ncatalog: /x\n",
    b"public: {directory: 'https://h/d.json', prefixes: {'s3://b': 'https://b'}, mirror: 'https://h/{name}',"
    b" names: 'v[0-9.]+|develop'}\nmax_age: 600\n",
)
DIRECTORIES = (
    b'{"develop": [{"label": "root", "url": "https://h/develop/build_cache/index.json"},'
    b' {"label": "e4s", "url": "https://h/develop/e4s/v3/manifests/index/index.manifest.json"}],'
    b' "v1": [{"label": "x", "url": "https://h/v1/x/blobs/sha256/ab/abc"}]}',
)
LOCATIONS = (
    *(b"https://user:secret@host:8080/mirror?sig=X#f", b"s3://bucket/prefix", b"oci+http://h:5000/org/cache"),
    *(
        b"gs://b/p",
        b"file:///tmp/mirror",
        b"develop",
        b"v2025.07.0/e4s",
        b"~/mirror",
        b"installed",
        b"sample",
    ),
    *(b"https://h/m/build_cache/index.json", b"https://[::1]:80/m", b"oci://ghcr.io/org/cache:tag"),
)
KEPT_FILES = (
    b'{"theme": "nord", "columns": {"index": ["version", "^mpi"]}, "opened": ["variant"], "other": 1}',
    b'{"url": "https://h", "layout": "v3", "file": "/x", "sha256": "00", "etag": "e", "size": 3,'
    b' "fetched": 1.5, "checked": 2.5, "failed": 0.0, "failure": "", "by_spack": false, "records": 4,'
    b' "format": 1}',
    b'{"https://h/m_index": {"index_hash": "00", "index_path": "a_0123456789.json", "etag": null}}',
)


def typed_bytes() -> Iterable[bytes]:
    yield from (file.read_bytes() for file in sorted((DATA / "input").iterdir()))
    yield b"\x1b[A\x1b[1;5C\x1bOP\x1b[200~a\nb\x1b[201~\x1b[<0;10;12M\x1b[?2026;2$y\x1b]11;rgb:ff/ff/ff\x07"
    yield b"\x1b[97;5:3u\x1b[121;1:3u\x1b[48;2;8;0;0t\x1bP>|XTerm(380)\x1b\\\x1b_Gi=3;OK\x1b\\\x1b[M \xa0\xa0"


def databases() -> Iterable[bytes]:
    return (file.read_bytes() for file in sorted(DATA.glob("installed-*/.spack-db/index.json")))


def pasted_lines() -> Iterable[bytes]:
    return (DATA / "pasted_lines.txt").read_bytes().splitlines()
