"""What is secret is shown by nothing but `reveal`."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable

import msgspec
import pytest
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from cachetui.fetch import Access
from cachetui.secret import Secret, masked
from cachetui.spack.values import Credentials

TEXT = "hunter2-and-more"


def json_of(value: object) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except TypeError as error:
        return str(error)


SHOWING: list[Callable[[object], str]] = [
    repr,
    str,
    "{}".format,
    lambda value: f"{value!r:>20} {value!s:.99}",
    lambda value: "%s %r" % (value, value),  # noqa: UP031
    pretty_repr,
    json_of,
    lambda value: repr(pickle.dumps(value)),
    lambda value: repr(copy.copy(value)) + repr(copy.deepcopy(value)),
    lambda value: repr(getattr(value, "__dict__", "")),
]


@pytest.mark.parametrize("show", SHOWING)
@pytest.mark.parametrize(
    "value",
    [
        Secret(TEXT),
        [Secret(TEXT)],
        {"a": Secret(TEXT)},
        Access("me", Secret(TEXT), Secret(TEXT)),
        Credentials(id="me", secret=Secret(TEXT), token=Secret(TEXT)),
    ],
    ids=["alone", "list", "dict", "access", "credentials"],
)
def test_nothing_shows_it(show: Callable[[object], str], value: object) -> None:
    assert TEXT not in show(value)


def test_no_traceback_shows_it() -> None:
    secret = Secret(TEXT)
    try:
        raise ValueError(secret)
    except ValueError as error:
        plain = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        rich = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
        assert TEXT not in plain and TEXT not in pretty_repr(rich.trace, max_depth=20)
    assert secret.reveal() == TEXT


def test_it_is_a_value() -> None:
    assert Secret(TEXT) == Secret(TEXT) != Secret("other")
    assert Secret(TEXT) != TEXT
    assert len({Secret(TEXT), Secret(TEXT), Secret()}) == 2
    assert Secret(TEXT) and not Secret()
    assert pickle.loads(pickle.dumps(Secret(TEXT))) == Secret()
    assert copy.deepcopy(Secret(TEXT)) == Secret(TEXT)


def test_texts_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    Secret(TEXT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "abcdef/ghi")
    given = f"a {TEXT} b abcdef/ghi password=x1 'token': 'x2' Authorization: Bearer x3 sig=x4&a=1 secret: x5"
    shown = masked(given)
    assert not any(each in shown for each in (TEXT, "abcdef", "x1", "x2", "x3", "x4", "x5"))
    assert masked("KeyError at reader.py:42") == "KeyError at reader.py:42"
