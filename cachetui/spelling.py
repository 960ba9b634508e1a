"""How Spack spells names, versions and values, and which of them its spec syntax can write.

Whatever is spelled otherwise is shown, and never offered for a shell.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

IDENTIFIER = r"[a-zA-Z_0-9][a-zA-Z_0-9\-]*"
DOTTED = rf"{IDENTIFIER}(?:\.{IDENTIFIER})+"
NAME = r"[a-zA-Z_0-9][a-zA-Z_0-9\-.]*"
"""Names of variants and of compilers may have dots, those of packages may not."""

VERSION = r"[a-zA-Z0-9_](?:[a-zA-Z_0-9\-.]*[a-zA-Z0-9_])?"
GIT_REF = r"git\.[a-zA-Z_0-9][a-zA-Z_0-9./\-]*|[A-Fa-f0-9]{40}"

_ANY_VERSION = rf"(?:(?:{GIT_REF})(?:={VERSION})?|{VERSION})"
_ARCHITECTURE = r"[A-Za-z0-9_.+]+"
"""A part of one: what follows a `-` is the next part."""

_RESERVED = frozenset(
    ("arch", "architecture", "namespace", "operating_system", "os", "patches", "platform", "target")
)
"""Keys that have another meaning than a variant."""

_LOST = "\ufffd"
"""Stands in a text for what may not be shown: the text is not what the record says."""


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    """Compiled when it is used: a start checks nothing."""
    return re.compile(expression)


@lru_cache(maxsize=4096)
def is_package_name(text: str) -> bool:
    """Whether a package or a virtual may have this name."""
    return _pattern(IDENTIFIER).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def is_namespace(text: str) -> bool:
    """Whether it is a repository's namespace, such as `builtin`."""
    return _pattern(f"{DOTTED}|{IDENTIFIER}").fullmatch(text) is not None


@lru_cache(maxsize=4096)
def is_version(text: str) -> bool:
    """Whether it is a version: `1.2.3`, `develop`, `git.v1=1.2`."""
    return _pattern(_ANY_VERSION).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def is_architecture_part(text: str) -> bool:
    """Whether it may be a platform, an operating system or a target."""
    return _pattern(_ARCHITECTURE).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def is_compiler(text: str) -> bool:
    """Whether it is a compiler: `gcc@11.4.0`."""
    return _pattern(f"{NAME}(?:@{_ANY_VERSION})?").fullmatch(text) is not None


def is_variant_name(text: str) -> bool:
    """Whether a variant may have this name."""
    return text not in _RESERVED and _pattern(NAME).fullmatch(text) is not None


def is_value(text: str) -> bool:
    """Whether Spack reads the value back that it was given as `name=value`: it may hold nearly anything."""
    if text.isascii() and text.isalnum():
        return True
    if _LOST in text or not text.isprintable() or text.endswith("\\"):
        return False
    # Spack writes such a value in double quotes, escaped as JSON, and takes back only the quotes.
    return "'" not in text or (text.isascii() and "\\" not in text)


def is_patch(text: str) -> bool:
    """Whether it is the checksum of a patch."""
    return _pattern("[0-9a-f]{7,64}").fullmatch(text) is not None


def is_shown(text: str) -> bool:
    """Whether all of a text may be shown, as of a path."""
    return _LOST not in text and text.isprintable()
