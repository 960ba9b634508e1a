"""YAML as plain data in which every scalar knows its file and line."""

from __future__ import annotations

import os
from typing import TypeAlias

from cachetui.spack.texts import plain_text


class Text(str):
    """A scalar as written: `1.10`, `on` and dates stay text."""

    file: str
    line: int

    def __new__(cls, text: str, file: str, line: int) -> Text:
        self = super().__new__(cls, text)
        self.file = file
        self.line = line
        return self

    @property
    def place(self) -> str:
        """`file:line`, cleaned for display."""
        return f"{plain_text(self.file)}:{self.line}"

    @property
    def folder(self) -> str:
        """The folder of its file, which relative paths start from."""
        return os.path.dirname(self.file)


Tree: TypeAlias = "Text | list[Tree] | dict[Text, Tree] | None"

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


def parse_bool(value: Tree) -> bool | None:
    """Parse a boolean of YAML 1.1; None if it is something else."""
    if not isinstance(value, Text):
        return None
    word = value.lower()
    return True if word in _TRUE else False if word in _FALSE else None


def item(mapping: dict[Text, Tree], name: str) -> tuple[Text | None, Tree]:
    """Look up a key, with its place, and its value; (None, None) if it is missing."""
    for key, value in mapping.items():
        if key == name:
            return key, value
    return None, None
