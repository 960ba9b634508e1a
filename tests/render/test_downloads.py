"""The size, date and signature of a binary in words."""

from __future__ import annotations

import pytest

from cachetui.catalog import MirrorInfo
from cachetui.install import Download
from cachetui.render.downloads import binary_line, download_data
from cachetui.sources import Binary

KEY = "A" * 24 + "417815C9D35115A0"


@pytest.mark.parametrize(
    ("binary", "text", "note"),
    [
        (Binary(5800, 86400.0, "unsigned"), "5.8 kB, 1970-01-02, unsigned", ""),
        (Binary(5800, 86400.0, "signed", KEY), "5.8 kB, 1970-01-02, signed (key 417815C9D35115A0)", ""),
        (
            Binary(5800, 0.0, "unsigned"),
            "5.8 kB, the server gives no date, unsigned",
            "the server gives no date",
        ),
        (Binary(note="not asked: offline"), "- not asked: offline, signature unknown", "not asked: offline"),
        (Binary(note="a\x1b[31m\nb"), None, None),
        (Binary(), "-, signature unknown", ""),
    ],
)
def test_what_is_not_known_has_a_reason(binary: Binary, text: str | None, note: str | None) -> None:
    said = "".join(words for words, _ in binary_line(binary))
    data = download_data(Download(((MirrorInfo("m", "/m", "v3"), binary),)))
    binaries = data["binaries"]
    assert isinstance(binaries, list)
    (listed,) = binaries
    if text is None:
        assert "\x1b" not in said + listed["note"]
        assert "\n" not in said + listed["note"]
    else:
        assert (said, listed["note"]) == (text, note)
