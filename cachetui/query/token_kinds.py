"""What a query consists of."""

from __future__ import annotations

from enum import Enum, auto


class TokenKind(Enum):
    """The kinds of tokens."""

    EDGE_START = auto()
    EDGE_END = auto()
    DEPENDENCY = auto()
    VERSION = auto()
    BOOLEAN = auto()
    VALUE = auto()
    COMPILER = auto()
    FILE = auto()
    NAME = auto()
    HASH = auto()
    SPACE = auto()
