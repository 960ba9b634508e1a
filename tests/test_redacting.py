"""No secret of a URL is shown, however the URL is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cachetui.text import redacted, redacted_text

TOKEN = "s3cr3t"
RESERVED = list(":/?#[]@!$&'()*+,;=%\\\"<>^`{|}~")
ESCAPED = [f"%{ord(c):02X}" for c in ":/?#@% "]
BLANK = [" ", "\t", "\n"]
OTHER = ["80", "a", "\u00e9", "\uff20", "\u202e", "\x1b", "\udcff"]

SEPARATORS = ["://", "://", "://", ":///", ":/", ":\\\\", ":\\"]


def text(characters: list[str], least: int = 0) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(characters), min_size=least, max_size=6).map("".join)


def secret(characters: list[str]) -> st.SearchStrategy[str]:
    """A token among reserved characters."""
    return st.tuples(text(characters), st.just(TOKEN), text([*characters, TOKEN])).map("".join)


@st.composite
def urls(draw: st.DrawFn, more: tuple[str, ...] = (*BLANK,)) -> str:
    """A URL with a secret: user and password, query, fragment, or several of these.

    Args:
        more: characters beside the reserved ones.
    """
    any_character = [*RESERVED, *ESCAPED, *OTHER, *more]
    has_login, has_query, has_fragment = draw(st.sampled_from([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)]))
    scheme = draw(st.sampled_from(["https", "HTTP", "s3", "oci+http", "x", "file"]))
    scheme += draw(st.sampled_from(SEPARATORS))
    if has_login:
        scheme = draw(st.sampled_from([scheme, "//", ""]))
    login = f"{draw(text(any_character))}:{draw(secret([*any_character, *BLANK]))}@" if has_login else ""
    # Without a scheme, `user://password@host` reads as a URL: nobody can tell.
    assume(scheme or not re.match(r"[^:]*:[/\\]", login))
    host = draw(st.sampled_from(["host", "a.example", "10.0.0.1", "[::1]", "[fe80::1%25eth0]", "\u00e4.de"]))
    port = draw(st.sampled_from(["", "", ":", ":80", ":port", ":99999"]))
    path = draw(st.sampled_from(["", "/"])) and "/" + draw(text([*any_character, "x"]))
    query = f"?{draw(secret(any_character))}" if has_query else ""
    fragment = f"#{draw(secret(any_character))}" if has_fragment else ""
    start, end = scheme, f"{host}{port}{path}"
    if "://" in scheme and draw(st.booleans()):
        start = draw(mutations(scheme))
    if draw(st.booleans()):
        end = draw(mutations(end, any_character))
    return f"{start}{login}{end}{query}{fragment}"


@st.composite
def mutations(draw: st.DrawFn, plain: str, characters: list[str] = RESERVED) -> str:
    """A text in which one character is missing, added or another one."""
    place = draw(st.integers(0, len(plain)))
    return plain[:place] + draw(st.sampled_from(["", *characters])) + plain[place + draw(st.integers(0, 1)) :]


@given(urls())
@settings(max_examples=500, deadline=None)
@example(f"https://user:geh#{TOKEN}@host/x")
@example(f"https://user:geh?{TOKEN}@host/x")
@example(f"https://user:80/{TOKEN}@host/x")
@example(f"https://a/b:{TOKEN}@host/x")
@example(f"https://[:]/{TOKEN}@host/x")
@example(f"https://host/x?a=b@{TOKEN}")
@example(f"/:{TOKEN}@host?{TOKEN}#@{TOKEN}")
def test_no_secret_of_a_url_is_shown(url: str) -> None:
    shown = redacted(url)
    assert TOKEN not in shown
    assert shown.isprintable()
    assert redacted(shown) == shown


BEFORE = ["", "cannot open ", 'the URL "', "(", "<", "failed: '"]
AFTER = ["", '": timed out', ") after 3 s", ", and https://other.example/x?a=b failed too"]


@given(urls(more=()), st.sampled_from(BEFORE), st.sampled_from(AFTER))
@settings(max_examples=300, deadline=None)
def test_no_secret_of_a_url_in_a_message_is_shown(url: str, before: str, after: str) -> None:
    assume(re.match(r"(\w[\w+.\-]*:)?//", url))  # else only words are looked at
    shown = redacted_text(f"{before}{url}{after}")
    assert TOKEN not in shown
    assert shown.isprintable()


@given(st.text(), st.text())
def test_any_text_can_be_redacted(one: str, other: str) -> None:
    for text in (one, f"{one}@{other}", f"{one}:{other}@", f"https://{one}:{other}@x"):
        assert redacted(redacted(text)) == redacted(text)
        assert redacted_text(text).isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "https://host/x@y",
        "https://host/a%40b",
        "https://host:8080/x",
        "HTTPS://Host/x",
        "https://[::1]:8080/x",
        "https://[fe80::1%25eth0]/x",
        "s3://bucket/x@y",
        "oci://ghcr.io/org/name:tag",
        "file:///home/a@b/mirror",
        "/home/a@b/mirror",
        "/data/10:30/mirror",
        "/data/what?/x#1",
        "~/a@b",
        "./a@b",
        "dir/a@b",
        "me@host",
        "develop",
        "v2025.07.0/e4s",
        "C:\\data",
        "",
    ],
)
def test_texts_without_secrets_are_unchanged(url: str) -> None:
    assert redacted(url) == url
    assert redacted_text(url) == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pw@host:8080/x", "https://host:8080/x"),
        ("https://token@host/x", "https://host/x"),
        ("https://user:pw@/x", "https://\u2026@/x"),
        ("https://user:p w@host/x", "https://host/x"),
        ("//user:pw@host/x", "//host/x"),
        ("user:pw@host/x", "\u2026@host/x"),
        ("https://user:p/w@host/x", "https://\u2026@host/x"),
        ("https://user:pw@host/x@y", "https://\u2026@y"),
        ("https://host:8080/x@y", "https://\u2026@y"),
        ("https://host:8080/x%40y", "https://\u2026"),
        ("https://a:b#c@d/x", "https://\u2026"),
        ("https://user:pw", "https://user:\u2026"),
        ("https://user:p/w", "https://user:\u2026"),
        ("https://[::1]:pw/x", "https://[:\u2026"),
        ("https://host/x?a=b&c=d", "https://host/x?\u2026"),
        ("https://host/x#a", "https://host/x#\u2026"),
        ("https://host/x?a=b@c", "https://host/x?\u2026"),
        ("/folder/user:pw@host/x", "/folder/\u2026@host/x"),
        ("/folder/https:/host/x?a=b", "/folder/https:/host/x?\u2026"),
    ],
)
def test_possible_secrets_are_hidden(url: str, shown: str) -> None:
    assert redacted(url) == shown


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("[Errno -2] Name or service not known", "[Errno -2] Name or service not known"),
        ("[Errno 2] No such file: '/home/a@b/x'", "[Errno 2] No such file: '/home/a@b/x'"),
        ('endpoint URL: "https://h/x?sig=a": timed out', 'endpoint URL: "https://h/x?\u2026": timed out'),
        ("see https://u:p a@h/x?y (bad)", "see https://h/x?\u2026 (bad)"),
        ("https://h/x?a moved to <https://i/y#b>.", "https://h/x?\u2026 moved to <https://i/y#\u2026>."),
        ("no proxy at user:pw@host", "no proxy at \u2026@host"),
        ("exceeded with url: /x?sig=a (reset)", "exceeded with url: /x?\u2026 (reset)"),
        ("https://h:1/x failed, ask me@site for help", "https://\u2026@site for help"),
    ],
)
def test_messages_keep_their_text_around_secrets(message: str, shown: str) -> None:
    assert redacted_text(message) == shown
