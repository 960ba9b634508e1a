"""A text that is not shown: a password, a token, the secret of a key."""

from __future__ import annotations

import os
import re

from cachetui.text import ELLIPSIS, redacted_text

SHORTEST = 4
"""Characters of a secret that is looked for in texts: a shorter one is found everywhere."""

_VARIABLE = re.compile(r"SECRET|TOKEN|PASS(?:WORD|WD|PHRASE)|CREDENTIAL|ACCESS_KEY|API_?KEY", re.IGNORECASE)
"""The names of environment variables that hold secrets."""

_ASSIGNED = re.compile(
    r"""((?:[\w.\-]*(?:sig|signature|secret|token|passw(?:or)?d|credential|access_key|authorization)\w*)"""
    r"""['"]?\s*[=:]\s*)(?:(?:Basic|Bearer)\s+)?['"]?[^\s'",;)\]}&]+""",
    re.IGNORECASE,
)


class Secret:
    """A text that no repr, format, traceback, JSON, pickle or copy shows; `reveal` returns it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = str(text)
        if len(self._text) >= SHORTEST:
            _known.add(self._text)

    def reveal(self) -> str:
        """Return the text, for the one who needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __str__(self) -> str:
        return ELLIPSIS if self._text else ""

    def __repr__(self) -> str:
        return f"Secret({self})"

    def __format__(self, form: str) -> str:
        return format(str(self), form)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> tuple[type[Secret], tuple[()]]:
        """Pickle an empty secret: another process finds its own."""
        return Secret, ()


_known: set[str] = set()
"""The secrets of this process, to be hidden where a foreign message quotes them."""


def foreign(text: object, most: int = 200) -> str:
    """Return what a peer or a library says as it may be shown: it may quote what was sent to it."""
    return redacted_text(masked(" ".join(str(text)[: 10 * most].split())))[:most]


def masked(text: str) -> str:
    """Return a text without the secrets that this process knows, and without what looks like one."""
    # First by their names, as one of the known secrets may be such a name.
    text = _ASSIGNED.sub(rf"\1{ELLIPSIS}", text)
    variables = {value for name, value in os.environ.items() if _VARIABLE.search(name)}
    for known in sorted(
        _known | {each for each in variables if len(each) >= SHORTEST}, key=len, reverse=True
    ):
        text = text.replace(known, ELLIPSIS)
    return text
