"""The filter language: text to a tree that knows no catalog."""

from cachetui.query.nodes import (
    BooleanTerm,
    CompilerTerm,
    HashTerm,
    Query,
    Term,
    ValueTerm,
    VersionTerm,
)
from cachetui.query.parser import parse

__all__ = [
    "BooleanTerm",
    "CompilerTerm",
    "HashTerm",
    "Query",
    "Term",
    "ValueTerm",
    "VersionTerm",
    "parse",
]
