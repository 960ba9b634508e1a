"""URLs of mirrors: parsing, credentials, keys, and invalid URLs."""

from __future__ import annotations

from itertools import combinations

import pytest
from msgspec.structs import replace

from cachetui.errors import LocationError
from cachetui.fetch import Access, Address, address_of, mirror_root, scheme_of
from cachetui.fetch.address import joined, mirror_name
from cachetui.secret import Secret
from cachetui.spec import Place
from cachetui.text import redacted

DIGEST = "0a" * 32


@pytest.mark.parametrize(
    ("location", "scheme"),
    [
        ("https://h", "https"),
        ("OCI+HTTP://h", "oci+http"),
        ("file:///x", "file"),
        ("/a/b", ""),
        ("a:b", ""),
        ("://x", ""),
        ("C:\\x", ""),
        ("dir/https://h", ""),
    ],
)
def test_scheme(location: str, scheme: str) -> None:
    assert scheme_of(location) == scheme


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("HTTPS://Host/Path/", "https://host/Path"),
        ("https://host", "https://host"),
        ("https://host///", "https://host"),
        (" https://host/a \n", "https://host/a"),
        ("https://host:8443/a", "https://host:8443/a"),
        ("http://[2001:DB8::1]/a", "http://[2001:db8::1]/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("https://me:pw@host:1/a", "https://host:1/a"),
        ("https://me@host/a", "https://host/a"),
        ("https://host/a/?x=1&y=/", "https://host/a?x=1&y=/"),
        ("https://host/a#part", "https://host/a"),
        ("https://host/a b/\u00e4", "https://host/a%20b/%C3%A4"),
        ("https://host/a%20b", "https://host/a%20b"),
        ("https://host/a@b", "https://host/a%40b"),
        ("https://host/\udcff", "https://host/%3F"),
        ("https://host/?\udcff", "https://host??"),
        ("s3://bucket/a/b/", "s3://bucket/a/b"),
        ("OCI://ghcr.io/a/b", "oci://ghcr.io/a/b"),
        ("oci+http://h:5000/a", "oci+http://h:5000/a"),
        ("gs://bucket", "gs://bucket"),
    ],
)
def test_url(url: str, plain: str) -> None:
    address = address_of(url)
    assert address.url == plain
    assert address.scheme == plain.partition(":")[0]
    assert address_of(address.url) == replace(address, access=Access())


@pytest.mark.parametrize(
    ("url", "root", "view", "layout"),
    [
        ("https://h/m", "https://h/m", "", ""),
        ("https://h/m/v3/manifests/index/index.manifest.json", "https://h/m", "", "v3"),
        ("https://h/m/v3/manifests/index", "https://h/m", "", "v3"),
        ("https://h/v3/manifests/index/mine", "https://h", "mine", "v3"),
        ("https://h/m/v3/manifests/index/mine/index.manifest.json", "https://h/m", "mine", "v3"),
        ("https://h/m/v3/manifests/index/a/b", "https://h/m/v3/manifests/index/a/b", "", ""),
        ("https://h/m/build_cache", "https://h/m", "", "v2"),
        ("https://h/m/build_cache/index.json", "https://h/m", "", "v2"),
        ("https://h/m/my_build_cache", "https://h/m/my_build_cache", "", ""),
        ("https://h/m/index.json", "https://h/m/index.json", "", "file"),
        ("https://h/m/x.json.gz?a=b", "https://h/m/x.json.gz?a=b", "", "file"),
        (f"https://h/m/blobs/{DIGEST}", f"https://h/m/blobs/{DIGEST}", "", "file"),
        (f"https://h/m/{DIGEST.upper()}", f"https://h/m/{DIGEST.upper()}", "", ""),
        ("/m/build_cache", "/m", "", "v2"),
        ("/m/v3/manifests/index/mine", "/m", "mine", "v3"),
    ],
)
def test_root(url: str, root: str, view: str, layout: str) -> None:
    assert mirror_root(url) == (root, view, layout)
    if "://" in url:
        address = address_of(url)
        assert (address.url, address.view, address.layout) == (root, view, layout)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://host/a/develop", "develop"),
        ("https://host/a/develop/build_cache", "develop"),
        ("https://host/a%20b%1b", "a b\ufffd"),
        ("https://host:1", "host:1"),
        ("s3://bucket", "bucket"),
    ],
)
def test_name(url: str, name: str) -> None:
    assert address_of(url).place.mirror == name
    assert address_of(url, Place(mirror="named")).place.mirror == "named"
    assert mirror_name(address_of(url).url) == name


def test_configured_view_has_precedence() -> None:
    url = "https://h/m/v3/manifests/index/theirs"
    assert address_of(url, Place(view="mine")).view == "mine"
    assert address_of(url).view == "theirs"


# Credentials


def test_user_of_the_url() -> None:
    access = address_of("https://me:p%40s:s@h/m").access
    assert (access.user, access.password) == ("me", Secret("p@s:s"))
    assert address_of("https://me@h/m").access == Access("me")
    known = Access("you", Secret("pw"), Secret("token"), "profile", "https://minio")
    assert address_of("s3://h/m", access=known).access == known
    assert address_of("https://me:pw@h/m", access=known).access == Access(
        "me", Secret("pw"), endpoint_url="https://minio"
    )


def test_secrets_are_not_shown() -> None:
    access = Access("me", Secret("s3cret"), Secret("t0ken"), "profile", "https://me:s3cret@minio")
    address = Address("https://h/m?signature=abc", Place(mirror="m"), access, login="me")
    for text in (repr(access), str(access), repr(address), f"{address}", repr([address])):
        assert not any(secret in text for secret in ("s3cret", "t0ken", "abc"))


@pytest.mark.parametrize(
    "url",
    [
        "https://me:12/s3cret@h/m",
        "https://me:12/s3cret@h",
        "https://me/x:s3cret@h",
        "https://h/m?a=s3cret",
        "https://h:1/m?a=b@s3cret",
        "s3://me:s3cret@h/m/x@y#s3cret",
    ],
)
def test_a_shown_address_has_no_secrets(url: str) -> None:
    address = address_of(url)
    for text in (repr(address), address.place.mirror, address.identity, address.key):
        assert "s3cret" not in text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/m", "https://h/m"),
        ("https://me:pw@h/m", "https://h/m"),
        ("https://me:p/w@x@h/m", "https://\u2026@h/m"),
        ("https://me:p#w@h/m", "https://\u2026"),
        ("https://h/m?X-Amz-Signature=abc", "https://h/m?\u2026"),
        ("https://h/m\x1b[31m", "https://h/m\ufffd[31m"),
        (address_of("https://h/a@b").url, "https://h/a%40b"),
    ],
)
def test_repr(url: str, shown: str) -> None:
    assert redacted(url) == shown


# Keys


def test_keys() -> None:
    addresses = [
        address_of("https://h/m"),
        address_of("https://h/n"),
        address_of("http://h/m"),
        address_of("https://h/m?a=1"),
        address_of("https://h/m", Place(view="mine")),
        address_of("https://h/m", Place(view="yours")),
        address_of("https://h/m/build_cache"),
        replace(address_of("https://h/m"), login="site"),
        address_of("https://h/\udcff"),
        Address("https://h/\udcff"),
    ]
    for one, other in combinations(addresses, 2):
        assert one.key != other.key
    for address in addresses:
        assert len(address.key) == 16 and address.key.isalnum()


def test_key_does_not_depend_on_spelling() -> None:
    key = address_of("https://h/m").key
    same = [
        address_of("https://H/m//"),
        address_of("https://me:pw@h/m"),
        address_of("https://h/m", Place(mirror="named", tag="develop", stack="e4s")),
    ]
    assert {address.key for address in same} == {key}
    assert len({address.identity for address in same}) == 2


@pytest.mark.parametrize(
    ("url", "parts", "whole"),
    [
        ("https://h/m", ("a", "b"), "https://h/m/a/b"),
        ("https://h/m/", ("a",), "https://h/m/a"),
        ("https://h/m?x=1", ("a/b",), "https://h/m/a/b?x=1"),
        ("https://h?x=1", ("a",), "https://h/a?x=1"),
    ],
)
def test_urls_below(url: str, parts: tuple[str, ...], whole: str) -> None:
    assert joined(url, *parts) == whole


# Invalid URLs


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://h/m", "ftp:// is not supported"),
        ("file:///m", "file:// is not supported"),
        ("", ":// is not supported"),
        ("/a/path", ":// is not supported"),
        ("https://", "has no host"),
        ("https:///m", "has no host"),
        ("https://me:s3cret@/m", "has no host"),
        ("https://h:port/m", "not a URL (the port is not a number up to 65535)"),
        ("https://h:99999/m", "not a URL (the port is not a number up to 65535)"),
        ("https://[::1/m", "not a URL"),
        ("https://me:s3cret/x@h/m", "not a URL"),
        ("https://me:s3cret@h:port/m", "not a URL"),
        ("https://[me:s3cret@h]/m", "not a URL"),
        ("https://me:s3cret@h\u2100/m", "not a URL"),
        ("https://h\u2100\x1b/m", "not a URL"),
        ("\x1b[31m://h", "is not supported"),
    ],
)
def test_invalid_urls(url: str, reason: str) -> None:
    with pytest.raises(LocationError) as caught:
        address_of(url)
    assert reason in str(caught.value)
    assert str(caught.value).isprintable()
    assert "s3cret" not in str(caught.value)
