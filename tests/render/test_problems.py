"""Problems by mirror: how lines of failures are taken apart, and what is said to do."""

from __future__ import annotations

import pytest

from cachetui.render import failure_advice, problem_paragraphs
from cachetui.render.problems import Failure


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("m (https://h/m): 404 Not Found", ("m", "https://h/m", "404 Not Found")),
        ("gone (/a b/gone: no such file)", ("gone", "/a b/gone", "no such file")),
        ("m (/x: odd (a): b)", ("m", "/x", "odd (a): b")),
        ("https://h:80/m: cannot connect", ("", "https://h:80/m", "cannot connect")),
        ("nobody: no mirror: none", ("", "nobody", "no mirror: none")),
        ("odd", ("", "odd", "")),
    ],
)
def test_line_of_a_failure_is_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    failure = Failure.of(text)
    assert (failure.name, failure.place, failure.reason) == parts


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("no such file or folder", "path"),
        ("404 Not Found", "URL"),
        ("cannot connect: refused", "network"),
        ("401 Unauthorized; give credentials: access_pair in mirrors.yaml", ""),
    ],
)
def test_a_reason_leads_to_what_to_do(reason: str, advice: str) -> None:
    found = failure_advice(reason)
    assert advice in found and bool(found) is bool(advice)


def test_problems_are_grouped_by_place_and_reason() -> None:
    records = [f"/m/index.json: record {name}: no name" for name in "abcde"]
    others = ["/m/index.json: record x: no version", "/pages/specs.md: byte 7 is not UTF-8"]
    paragraphs = list(
        problem_paragraphs(
            ["m (https://h/m): no index (https://h/m/v3: 404 Not Found)"],
            ["old: 503 (busy); showing its index from 2 hours ago"],
            [*records, *others],
            9,
            ["a note"],
        )
    )
    assert [(p.indent, p.label, p.text) for p in paragraphs] == [
        (0, "", "1 mirror failed"),
        (2, "✕ m", "https://h/m"),
        (4, "", "no index"),
        (4, "", "(https://h/m/v3: 404 Not Found)"),
        (4, "", failure_advice("no index")),
        (0, "", "1 mirror did not answer"),
        (2, "▲ old", ""),
        (4, "", "503 (busy)"),
        (4, "", "showing its index from 2 hours ago"),
        (0, "", "9 records skipped"),
        (2, "▲ /m/index.json", ""),
        (4, "", "no name: a, b, c and 2 more"),
        (4, "", "no version: x"),
        (2, "▲ /pages/specs.md", ""),
        (4, "", "byte 7 is not UTF-8"),
        (2, "", "and 2 more records"),
        (0, "", "Notes"),
        (2, "", "a note"),
    ]


def test_without_problems_nothing_is_said() -> None:
    assert not list(problem_paragraphs((), (), (), 0, ()))
