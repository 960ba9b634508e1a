"""The image that holds an index in a registry."""

from __future__ import annotations

import hashlib
import json

TAG = "index.spack"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
EMPTY_CONFIG = b"{}"

# Spack calls the layer so although it is plain JSON.
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest_of(data: bytes) -> str:
    """The name of a blob in a registry."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def manifest_of(index: bytes) -> bytes:
    """The manifest of the image whose only layer is an index."""
    image = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _described(EMPTY_CONFIG, "application/vnd.oci.image.config.v1+json"),
        "layers": [_described(index, LAYER)],
    }
    return json.dumps(image).encode()


def _described(data: bytes, media_type: str) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}
