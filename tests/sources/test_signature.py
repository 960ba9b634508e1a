"""The key that a signature names."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachetui.sources.signature import signing_key
from tests.builders.binaries import KEY, SIGNED_MANIFEST

KEY_ID = bytes.fromhex("417815C9D35115A0")
FINGERPRINT = bytes.fromhex(KEY)


def armored(data: bytes, headers: str = "") -> bytes:
    """A clearsigned text whose signature is some packets."""
    body = base64.encodebytes(data).decode()
    return (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n-----BEGIN PGP SIGNATURE-----\n"
        f"{headers}\n{body}=ab12\n-----END PGP SIGNATURE-----\n"
    ).encode()


def packet(content: bytes, tag: int = 2) -> bytes:
    """A packet of the new format."""
    assert len(content) < 192
    return bytes((0xC0 | tag, len(content))) + content


def v4(hashed: bytes, unhashed: bytes, version: int = 4) -> bytes:
    """A signature of version 4 or 6."""
    size = 4 if version == 6 else 2
    parts = (len(part).to_bytes(size, "big") + part for part in (hashed, unhashed))
    return bytes((version, 0, 1, 10)) + b"".join(parts) + b"\x12\x34"


def sub(kind: int, content: bytes) -> bytes:
    return bytes((len(content) + 1, kind)) + content


ISSUER = sub(16, KEY_ID)
ISSUED = sub(33, b"\x04" + FINGERPRINT)
CREATED = sub(2, b"\0\0\0\1")


def test_a_signature_of_gpg() -> None:
    assert signing_key(SIGNED_MANIFEST) == KEY
    assert signing_key(SIGNED_MANIFEST.replace(b"\n", b"\r\n")) == KEY


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (v4(CREATED + ISSUED, ISSUER), KEY),
        (v4(CREATED, ISSUER), KEY_ID.hex().upper()),
        (v4(sub(33 | 0x80, b"\x04" + FINGERPRINT), b""), KEY),  # marked as critical
        (v4(CREATED, ISSUER + ISSUED), KEY),
        (v4(CREATED, b""), ""),
        (v4(sub(33, b"\x06" + b"\xab" * 32), b"", version=6), "AB" * 32),
        (b"\x03\x05\x00\0\0\0\1" + KEY_ID + b"\x01\x0a\x12\x34", KEY_ID.hex().upper()),
    ],
)
def test_signatures_of_all_versions(content: bytes, key: str) -> None:
    assert signing_key(armored(packet(content))) == key
    assert signing_key(armored(packet(b"marker", tag=10) + packet(content), "Version: GnuPG v2\n")) == key
    old = b"\x89" + len(content).to_bytes(2, "big") + content
    assert signing_key(armored(old)) == key


@pytest.mark.parametrize("text", [b"", b"{}", armored(b""), armored(b"\x00"), armored(packet(b"\x04"))])
def test_what_names_no_key(text: bytes) -> None:
    assert signing_key(text) == ""


@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    signing_key(data)
    for text in (armored(data), armored(packet(data)), armored(packet(b"\x04" + data))):
        key = signing_key(text)
        assert set(key) <= set("0123456789ABCDEF")
