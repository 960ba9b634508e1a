"""Words for a shell and for YAML: quoted, and comments that stay harmless in a shell that knows none."""

from __future__ import annotations

import re
import shlex

from cachetui.spec import Spec
from cachetui.text import one_line

_SAFE = re.compile(r"[\w@+~=.,:/%' \-]+")
"""What real specs consist of. Single quotes are Spack's own, and protect the value from a shell too."""


_YAML_WORDS = ("true", "false", "yes", "no", "on", "off", "y", "n", "null")
"""What is no text without quotes."""


def shell_words(text: str) -> str:
    """Quote a spec only where a shell would change it: unquoted, it is what Spack prints."""
    return text if _SAFE.fullmatch(text) else shlex.quote(text)


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
    plain = text[:1].isalpha() and all(c.isalnum() or c in "-_./" for c in text)
    if plain and text.lower() not in _YAML_WORDS:
        return text
    return "'" + text.replace("'", "''") + "'"
