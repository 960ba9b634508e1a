"""Words for a shell and for YAML: quoted, and comments that stay harmless in a shell that knows none."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from cachetui.spec import BARE_VALUE, Spec
from cachetui.spelling import NAME
from cachetui.text import one_line

_NAME = re.compile(NAME)
_BARE = re.compile(r"[a-zA-Z0-9_%@+=:,./~\-]+")
_TILDE = re.compile(r"(?:^|[=:])~")
"""Where a shell may replace a tilde by the home folder."""

_YAML_WORDS = ("true", "false", "yes", "no", "on", "off", "y", "n", "null")
"""What is no text without quotes."""


def shell_words(words: Iterable[str]) -> str:
    """Quote each word of a spec where a shell would change it; without need it is as Spack prints it."""
    return " ".join(map(_shell_word, words))


def _shell_word(word: str) -> str:
    name, sign, value = word.partition("=")
    if sign and _NAME.fullmatch(name):  # of a value Spack prints the quotes in the same place
        return f"{name}={value if BARE_VALUE.fullmatch(value) else _quoted(value)}"
    return word if _BARE.fullmatch(word) and not _TILDE.search(word) else _quoted(word)


def _quoted(text: str) -> str:
    """In single quotes, also where `shlex` would leave them out."""
    return shlex.quote(text) if "'" in text else f"'{text}'"


def slash_hash(spec: Spec) -> str:
    """`/hash`, which names one build on Spack's command line."""
    return f"/{spec.dag_hash}"


def name_and_hash(spec: Spec) -> str:
    """`name/hash`, which names it for people, too."""
    return f"{spec.name}/{spec.dag_hash}"


def comment(words: str, *data: str) -> str:
    """A line that a shell skips.

    An interactive zsh takes `#` for a command: so the words must hold nothing that a shell acts on.

    Args:
        words: with `{}` for each of the data.
        data: names and URLs, which are quoted.
    """
    return f"# {words.format(*(shlex.quote(one_line(each)) for each in data))}"


def yaml_scalar(text: str) -> str:
    """Quote a text that YAML may read as something else, in single quotes, which a shell respects."""
    plain = text.isascii() and text[:1].isalpha() and all(c.isalnum() or c in "-_./" for c in text)
    if plain and text.lower() not in _YAML_WORDS:
        return text
    return "'" + text.replace("'", "''") + "'"
