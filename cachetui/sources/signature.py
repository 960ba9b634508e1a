"""Which key made a signature, by the signature's own words (RFC 4880 and 9580): nothing is verified."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import suppress

_BEGIN = b"-----BEGIN PGP SIGNATURE-----"
_END = b"-----END PGP SIGNATURE-----"

_SIGNATURE = 2
"""The tag of a packet that is a signature."""

_ISSUER, _FINGERPRINT = 16, 33
"""Types of subpackets."""


def signing_key(text: bytes) -> str:
    """The fingerprint or the id of the key that a clearsigned text names; empty if it names none."""
    _, begin, after = text.rpartition(_BEGIN)
    if not begin:
        return ""
    armored = after.partition(_END)[0].replace(b"\r\n", b"\n").strip(b"\n")
    # Headers such as `Version:` end with an empty line; the last line is a checksum.
    lines = armored.rpartition(b"\n\n")[2].split(b"\n")
    data = b"".join(line.strip() for line in lines if not line.startswith(b"="))
    with suppress(binascii.Error, IndexError, ValueError):
        for tag, packet in _packets(base64.b64decode(data, validate=True)):
            if tag == _SIGNATURE:
                return _key(packet).hex().upper()
    return ""


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of each packet."""
    position = 0
    while position < len(data):
        first = data[position]
        position += 1
        if not first & 0x80:
            return
        if first & 0x40:
            tag = first & 0x3F
            length, position = _length(data, position)
        else:
            tag = first >> 2 & 0x0F
            size = (1, 2, 4, 0)[first & 0x03]
            length = int.from_bytes(data[position : position + size], "big") if size else len(data) - position
            position += size
        yield tag, data[position : position + length]
        position += length


def _length(data: bytes, position: int) -> tuple[int, int]:
    """(a length in the new format, the position behind it), as packets and subpackets have it."""
    first = data[position]
    if first < 192:
        return first, position + 1
    if first < 255:
        return ((first - 192) << 8) + data[position + 1] + 192, position + 2
    return int.from_bytes(data[position + 1 : position + 5], "big"), position + 5


def _key(packet: bytes) -> bytes:
    """The key that a signature packet names: its fingerprint, else its id."""
    version = packet[0]
    if version == 3:
        return packet[7:15]
    size = 4 if version == 6 else 2
    found: dict[int, bytes] = {}
    position = 4
    for _ in range(2):  # the subpackets that are signed, then those that are not
        length = int.from_bytes(packet[position : position + size], "big")
        position += size
        for kind, content in _subpackets(packet[position : position + length]):
            found.setdefault(kind, content)
        position += length
    if _FINGERPRINT in found:
        return found[_FINGERPRINT][1:]
    return found.get(_ISSUER, b"")


def _subpackets(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        length, position = _length(data, position)
        if not length:
            return
        yield data[position] & 0x7F, data[position + 1 : position + length]
        position += length
