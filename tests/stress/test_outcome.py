"""The table of what was tried, in the README."""

from __future__ import annotations

from pathlib import Path

from tests.stress.outcome import BEGIN, END, Outcome, renewed, rows_of

README = Path(__file__).parents[2] / "README.md"


def test_lines_of_what_was_not_tried_stay() -> None:
    text = f"before\n{BEGIN}\n\n{END}\nafter"
    text = renewed(text, [Outcome("a", 1), Outcome("b", 2)])
    text = renewed(text, [Outcome("b", 3000, lost=1), Outcome("c", 4, note="5 MB")])
    assert text.startswith("before\n") and text.endswith("\nafter")
    assert [row[:3] for row in rows_of(text)] == [("a", "1", "0"), ("b", "3,000", "1"), ("c", "4", "0")]


def test_the_readme_tells_of_nothing_that_was_lost() -> None:
    rows = rows_of(README.read_text(encoding="utf-8"))
    assert [row for row in rows if row[2:5] != ("0", "0", "0")] == []
