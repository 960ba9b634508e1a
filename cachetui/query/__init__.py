"""The filter language: text to a tree that knows no catalog."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.query.language import LANGUAGE, PLAIN_WORDS
from cachetui.query.limits import LONGEST, MOST_TERMS, check_length, too_many_terms
from cachetui.query.nodes import Compiler, Dialect, Flags, Query, QueryEdge, QueryNode, Variant, value_text
from cachetui.query.parser import parse

if TYPE_CHECKING:
    from cachetui.query.pasted import Pasted, cleaned
else:
    # Its expressions take milliseconds to compile, which a start does without.
    __getattr__ = late_names(__name__, {"pasted": ("Pasted", "cleaned")})

__all__ = [
    "LANGUAGE",
    "LONGEST",
    "MOST_TERMS",
    "PLAIN_WORDS",
    "Compiler",
    "Dialect",
    "Flags",
    "Pasted",
    "Query",
    "QueryEdge",
    "QueryNode",
    "Variant",
    "check_length",
    "cleaned",
    "parse",
    "too_many_terms",
    "value_text",
]
