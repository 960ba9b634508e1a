"""Bytes become characters, sequences and pastes, wherever they are cut; the rest is ignored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachetui.tui.input_stream import (
    BULK,
    ESCAPE_PATIENCE,
    MARK_PATIENCE,
    PASTE_LIMIT,
    PASTE_PATIENCE,
    SEQUENCE_LIMIT,
    InputStream,
    Paste,
    Sequence,
    Text,
    Token,
)

ESC = Sequence("\x1b")
SEQUENCES = [
    b"\x1b[A",
    b"\x1bOP",
    b"\x1bO2P",
    b"\x1b[3~",
    b"\x1b[1;5C",
    b"\x1b[[A",
    b"\x1b[3$",
    b"\x1b[I",
    b"\x1b[121;1:3u",
    b"\x1b[<0;10;12M",
    b"\x1b[?2026;2$y",
    b"\x1b[?62;4c",
    b"\x1b[48;24;80;0;0t",
    b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
    b"\x1bP>|XTerm(380)\x1b\\",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b\x7f",
]
PARTS = [
    *SEQUENCES,
    b"hdf5 +mpi",
    "漢é".encode(),
    b"\r",
    b"\x1b[200~a\nb \x1b[31m\x1b[201~",
    b"\xe9",
    b"\xff\xfe",
    b"\x1b[M \xa0\xa0",
    b"\x1b[201~",
]


def whole(tokens: list[Token]) -> list[Token]:
    """The tokens with neighbouring texts as one: where text was cut does not matter."""
    merged: list[Token] = []
    for token in tokens:
        if isinstance(token, Text) and merged and isinstance(merged[-1], Text):
            merged[-1] = Text(merged[-1].text + token.text)
        else:
            merged.append(token)
    return merged


def tokens_of(*packets: bytes) -> list[Token]:
    stream = InputStream()
    return whole([token for packet in packets for token in stream.feed(packet)])


@pytest.mark.parametrize("sequence", SEQUENCES, ids=repr)
def test_a_sequence_is_one_token_wherever_it_is_cut(sequence: bytes) -> None:
    expected = [Text("a"), Sequence(sequence.decode()), Text("b")]
    assert tokens_of(b"a" + sequence + b"b") == expected
    for at in range(1, len(sequence)):
        assert tokens_of(b"a" + sequence[:at], sequence[at:] + b"b") == expected
    assert tokens_of(b"a", *(bytes([byte]) for byte in sequence), b"b") == expected


@given(st.lists(st.sampled_from(PARTS), max_size=8), st.lists(st.integers(1, 12), max_size=60))
def test_packets_may_end_anywhere(parts: list[bytes], sizes: list[int]) -> None:
    data = b"".join(parts)
    packets, at = [], 0
    for size in sizes:
        packets.append(data[at : at + size])
        at += size
    packets.append(data[at:])
    at_once, cut = InputStream(), InputStream()
    expected = at_once.feed(data)
    assert whole([token for packet in packets for token in cut.feed(packet)]) == whole(expected)
    assert whole(cut.expire()) == whole(at_once.expire())
    assert cut.ignored == at_once.ignored


@given(st.lists(st.binary(max_size=20)))
def test_any_bytes_are_taken_and_nothing_stays_open(packets: list[bytes]) -> None:
    stream = InputStream()
    for packet in packets:
        stream.feed(packet)
    for _ in range(3):
        stream.expire()
    assert stream.patience is None
    assert stream.feed(b"\x1b[A")[-1] == Sequence("\x1b[A")


@pytest.mark.parametrize(
    ("data", "text", "ignored"),
    [
        (b"a\xe9b", "ab", 1),
        (b"caf\xe9 \xff\r", "caf \r", 2),
        (b"\xe6\xbc\x1b[A", "", 2),
        (b"\xed\xa0\x80x", "x", 3),
        ("é漢".encode(), "é漢", 0),
    ],
)
def test_bytes_that_are_no_utf8_are_ignored_and_counted(data: bytes, text: str, ignored: int) -> None:
    stream = InputStream()
    assert "".join(token.text for token in stream.feed(data) if isinstance(token, Text)) == text
    assert stream.ignored == ignored


def test_the_mouse_of_old_terminals_is_ignored() -> None:
    stream = InputStream()
    assert stream.feed(b"a\x1b[M \xa0\xa0b\x1b[M#!\x00c") == [Text("a"), Text("b"), Text("c")]
    assert stream.ignored == 2


@pytest.mark.parametrize("typed", ["y", "?", "\r", "f", "\t", "^", "q?x", "[", "O", "]", "P", "_"])
def test_a_key_behind_esc_in_the_same_packet_is_a_key_of_its_own(typed: str) -> None:
    stream = InputStream()
    tokens = stream.feed(b"\x1b" + typed.encode())
    assert [*tokens, *stream.expire()] == [ESC, Text(typed)]


def test_esc_is_a_key_after_a_pause_and_before_another_esc() -> None:
    stream = InputStream()
    assert stream.feed(b"\x1b") == []
    assert stream.patience == ESCAPE_PATIENCE
    assert stream.expire() == [ESC]
    assert stream.feed(b"\x1b\x1b\x1b[A") == [ESC, ESC, Sequence("\x1b[A")]


@pytest.mark.parametrize("begun", [b"\x1b[12", b"\x1b]11;rgb:ff", b"\x1b[M ", b"\x1bP>|x", b"\x1b[<0;1"])
def test_what_a_sequence_began_with_never_becomes_text(begun: bytes) -> None:
    for follows in (b"", b"\r", b"\x03"):
        stream = InputStream()
        tokens = stream.feed(begun + follows)
        assert [*tokens, *stream.expire()] == ([Text(follows.decode())] if follows else [])
        assert stream.ignored


def test_a_long_answer_is_not_kept_and_never_becomes_text() -> None:
    stream = InputStream()
    assert stream.feed(b"\x1b]52;c;") == []
    for _ in range(100):
        assert stream.feed(b"QUJD" * 10_000) == []
        assert len(stream._buffer) < 2 * SEQUENCE_LIMIT
    assert stream.feed(b"QUJD\x1b") == []
    assert stream.feed(b"\\a")[-1] == Text("a")
    assert stream.feed(b"\x1b]52;c;Q\x1b[A") == [Sequence("\x1b[A")]


def test_a_paste_is_one_token_with_sequences_in_it() -> None:
    assert tokens_of(b"/\x1b[200~a\r\n\x1b[A\x1b[20\x1b[201~b") == [
        Text("/"),
        Paste("a\r\n\x1b[A\x1b[20"),
        Text("b"),
    ]


def test_a_paste_of_a_megabyte_is_cut_short() -> None:
    stream = InputStream()
    stream.feed(b"\x1b[200~")
    for _ in range(256):
        assert stream.feed(b"x" * 4096) == []
    (paste,) = stream.feed(b"\x1b[201~")
    assert paste == Paste("x" * PASTE_LIMIT)
    assert stream.feed(b"y") == [Text("y")]


def test_text_that_nobody_types_is_a_paste() -> None:
    assert tokens_of(b"x" * BULK) == [Paste("x" * BULK)]
    assert tokens_of(b"x" * (BULK - 1)) == [Text("x" * (BULK - 1))]


def test_a_paste_without_end_mark_ends_with_a_pause() -> None:
    stream = InputStream()
    assert stream.feed(b"\x1b[200~hdf5") == []
    assert stream.patience == PASTE_PATIENCE
    assert stream.expire() == [Paste("hdf5")]
    assert stream.feed(b"q") == [Text("q")]
    assert stream.feed(b"\x1b") == []
    assert stream.expire() == [ESC]


@pytest.mark.parametrize("key", [b"\x03", b"\x1b[99;5u"])
def test_ctrl_c_ends_a_paste_at_once(key: bytes) -> None:
    stream = InputStream()
    stream.feed(b"\x1b[200~hdf5")
    first, second = stream.feed(key)
    assert (first, second.text) == (Paste("hdf5"), key.decode())


def test_ctrl_c_in_the_packet_of_a_paste_without_end_mark_is_the_key() -> None:
    stream = InputStream()
    assert stream.feed(b"\x1b[200~hdf5\x03") == []
    assert stream.expire() == [Paste("hdf5\x03"), Text("\x03")]


@pytest.mark.parametrize("cut", range(1, 6))
def test_an_end_mark_that_is_cut_by_a_pause_is_no_text(cut: int) -> None:
    mark = b"\x1b[201~"
    stream = InputStream()
    assert stream.feed(b"\x1b[200~hdf5" + mark[:cut]) == []
    assert stream.expire() == [Paste("hdf5")]
    assert stream.patience == MARK_PATIENCE
    assert stream.feed(mark[cut : cut + 1]) == []
    assert stream.feed(mark[cut + 1 :] + b"y") == [Text("y")]


@pytest.mark.parametrize("cut", range(1, 6))
def test_half_an_end_mark_does_not_take_the_next_key_with_it(cut: int) -> None:
    stream = InputStream()
    stream.feed(b"\x1b[200~hdf5" + b"\x1b[201~"[:cut])
    stream.expire()
    assert stream.feed(b"y") == ([ESC] if cut == 1 else []) + [Text("y")]


def test_what_comes_late_of_a_paste_is_no_key() -> None:
    stream = InputStream()
    stream.feed(b"\x1b[200~" + b"a" * 50)
    stream.expire()
    assert stream.feed(b"qqqq\r" * 20) == []
    assert stream.feed(b"\x1b[201~") == [Paste("qqqq\r" * 20)]
    stream.feed(b"\x1b[200~a")
    stream.expire()
    assert stream.feed(b"qq\x1b[201~") == [Paste("qq")]
    assert stream.feed(b"qq\x1b[201~") == [Text("qq")]
