"""The filter language: text to a tree that knows no catalog."""

from cachetui.query.language import LANGUAGE
from cachetui.query.nodes import Compiler, Dialect, Flags, Query, QueryEdge, QueryNode, Variant, value_text
from cachetui.query.parser import parse
from cachetui.query.pasted import Pasted, cleaned

__all__ = [
    "LANGUAGE",
    "Compiler",
    "Dialect",
    "Flags",
    "Pasted",
    "Query",
    "QueryEdge",
    "QueryNode",
    "Variant",
    "cleaned",
    "parse",
    "value_text",
]
