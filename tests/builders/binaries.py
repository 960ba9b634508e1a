"""The files of a mirror that belong to the binary of one build, by layout."""

from __future__ import annotations

import json

from tests.conftest import DATA, dag_hash

KEY = "B3846D61EDC76AFA80AEAAC9417815C9D35115A0"
"""The fingerprint of the key that signed the manifest below."""

SIGNED_MANIFEST = (DATA / "signed.spec.manifest.json").read_bytes()
"""A manifest that Spack 1.2 wrote and gpg signed."""


def spec_manifest(size: int) -> bytes:
    """The manifest of a build whose binary has a size."""
    blobs = [
        ("application/vnd.spack.install.v2.tar+gzip", size),
        ("application/vnd.spack.spec.v5+json", 1049),
    ]
    data = [
        {
            "contentLength": length,
            "mediaType": media_type,
            "compression": "gzip",
            "checksumAlgorithm": "sha256",
            "checksum": f"{length:064x}",
        }
        for media_type, length in blobs
    ]
    return json.dumps({"version": 3, "data": data}, indent=0).encode()


def binary_v3(number: int, content: bytes, name: str = "zlib", version: str = "1.3") -> dict[str, bytes]:
    """The manifest of a build."""
    file = f"{name}-{version}-{dag_hash(number)}.spec.manifest.json"
    return {f"v3/manifests/spec/{name}/{file}": content}


def binary_v2(
    number: int, size: int, signature: bytes | None = None, compiler: str = "gcc-13.2.0", name: str = "zlib"
) -> dict[str, bytes]:
    """The binary and the spec file of a build, clearsigned if there is a signature."""
    arch = "linux-debian12-x86_64_v3"
    base = f"{arch}-{compiler}-{name}-1.3-{dag_hash(number)}"
    spec = {f"build_cache/{base}.spec.json": b"{}"}
    if signature is not None:
        spec = {f"build_cache/{base}.spec.json.sig": signature}
    return {f"build_cache/{arch}/{compiler}/{name}-1.3/{base}.spack": b"x" * size, **spec}


def image_manifest(*sizes: int) -> bytes:
    """The manifest of an image whose layers have these sizes."""
    layers = [{"digest": f"sha256:{size:064x}", "size": size} for size in sizes]
    return json.dumps({"schemaVersion": 2, "layers": layers}).encode()
