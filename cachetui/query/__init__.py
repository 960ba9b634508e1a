"""The filter language: text to a tree that knows no catalog."""

from cachetui.query.language import LANGUAGE
from cachetui.query.nodes import Compiler, Dialect, Flags, Query, QueryEdge, QueryNode, Variant, value_text
from cachetui.query.parser import parse

__all__ = [
    "LANGUAGE",
    "Compiler",
    "Dialect",
    "Flags",
    "Query",
    "QueryEdge",
    "QueryNode",
    "Variant",
    "parse",
    "value_text",
]
