"""The filter language: text to a tree that knows no catalog."""

from cachetui.query.language import LANGUAGE
from cachetui.query.nodes import Compiler, Dependency, Dialect, Flags, Node, Query, Variant, value_text
from cachetui.query.parser import parse

__all__ = [
    "LANGUAGE",
    "Compiler",
    "Dependency",
    "Dialect",
    "Flags",
    "Node",
    "Query",
    "Variant",
    "parse",
    "value_text",
]
