"""One line of text that is edited, as a value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.events import Key

from cachetui.tui.line_edit import LineEdit

edits = st.sampled_from(
    [
        lambda edit: edit.insert("xy"),
        lambda edit: edit.delete(1),
        lambda edit: edit.delete(-1),
        lambda edit: edit.delete_word(),
        lambda edit: edit.delete_before(),
        lambda edit: edit.delete_after(),
        lambda edit: edit.move(-3),
        lambda edit: edit.move(2),
        lambda edit: edit.select_all(),
    ]
)


@given(text=st.text(max_size=12), steps=st.lists(edits, max_size=12))
def test_the_cursor_never_leaves_the_text_and_the_limit_holds(text: str, steps: list[object]) -> None:
    edit = LineEdit(limit=10).with_text(text)
    for step in steps:
        assert callable(step)
        edit = step(edit)
        assert 0 <= edit.position <= len(edit.text) <= 10


def test_the_next_character_replaces_selected_text() -> None:
    assert LineEdit().with_text("old").select_all().insert("n") == LineEdit("n", 1)
    assert LineEdit().with_text("old").select_all().delete(-1) == LineEdit()
    assert not LineEdit().select_all().selected


def test_words_are_deleted_with_the_blanks_behind_them() -> None:
    assert LineEdit("one two  ", 9).delete_word() == LineEdit("one ", 4)
    assert LineEdit("one two", 4).delete_word() == LineEdit("two", 0)


def test_only_keys_that_are_text_are_typed() -> None:
    assert LineEdit("a", 1).typed(Key("b", "b")) == LineEdit("ab", 2)
    assert LineEdit("a", 1).typed(Key("backspace", "\x08")) == LineEdit()
    for key in (Key("escape", "\x1b"), Key("f1", None), Key("enter", "\r")):
        assert LineEdit("a", 1).typed(key) is None
