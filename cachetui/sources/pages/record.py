"""Convert a record of a page to a Spec.

Most of a record repeats from record to record: each distinct part is read once, and equal records share it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cachetui.sources.pages.front_matter import NULLS, Many, PageRecord, Scalar
from cachetui.sources.specfile import check_dag_hash, compiler_names, variant_value
from cachetui.spec import FLAG_NAMES, Place, Spec, Variants, VariantValue
from cachetui.text import clean
from cachetui.version import version_key

_MAX_SIZE_DIGITS = 18
_QUOTES = ("'", '"')
_SIGNS = "+~-"


def spec_from_record(record: PageRecord | str, *, name: str, tag: str) -> Spec:
    """Convert a record of `spec_details` to a Spec.

    Raises:
        ValueError: the record cannot be read, or has no version or a malformed hash.
    """
    if isinstance(record, str):
        raise ValueError(record)
    platform, os, target = _architecture(record.architecture)
    parameters = _parameters(record.variants)
    if parameters.unknown:
        raise ValueError(f"{parameters.unknown!r} is not a variant")
    return Spec(
        name=name,
        dag_hash=_dag_hash(record.hash),
        version=_version(record.versions),
        platform=_text(record.platform) or platform,
        os=_text(record.os) or os,
        target=_text(record.target) or target,
        compilers=_compilers(record.compiler),
        variants=parameters.variants,
        flags=parameters.flags,
        patches=parameters.patches,
        places=places_of(tag, record.stacks),
        size=_size(record.size),
    )


def _dag_hash(value: Scalar) -> str:
    text = "" if value is None else str(value)
    if not text:
        raise ValueError("the record has no hash")
    check_dag_hash(text)
    return text


def _version(versions: Many) -> str:
    version = _highest(versions)
    if not version:
        raise ValueError("the record has no version")
    return version


class _Parameters(NamedTuple):
    variants: Variants = ()
    flags: tuple[tuple[str, tuple[str, ...]], ...] = ()
    patches: tuple[str, ...] = ()
    unknown: str = ""
    """The first text that is not a variant."""


MOST_VALUES = 100_000
"""Values of the texts that are cached, counted by character where they are one text."""

_counted = [0]
"""How many values, or characters, are cached."""


def _count(value: Many) -> None:
    """Empty the caches when they hold too many values."""
    _counted[0] += len(value) if isinstance(value, str | tuple) else 1
    if _counted[0] > MOST_VALUES:
        _counted[0] = 0
        _parameters.cache_clear()
        places_of.cache_clear()


@lru_cache(maxsize=65536)
def _parameters(value: Many) -> _Parameters:
    """Read variants, flags and patches from `+x`, `~x`, `-x`, `k=v` and `k=a,b`."""
    _count(value)
    variants: dict[str, VariantValue] = {}
    flags: dict[str, tuple[str, ...]] = {}
    patches: tuple[str, ...] = ()
    for text in map(clean, value.split()) if isinstance(value, str) else _texts(value):
        name, equals, words = text.partition("=")
        sign = text[0] if text[0] in _SIGNS else ""
        name, words = name.lstrip(_SIGNS).rstrip(":"), _unquoted(words.removeprefix("="))
        if not name or bool(sign) == bool(equals):
            return _Parameters(unknown=text[:40])
        if sign:
            variants[name] = sign == "+"
        elif name in FLAG_NAMES:
            flags[name] = tuple(words.split())
        elif name == "patches":
            patches = _split(words)
        else:
            variants[name] = _variant_value(words)
    ordered = tuple((name, flags[name]) for name in FLAG_NAMES if flags.get(name))
    return _Parameters(tuple(sorted(variants.items())), ordered, patches)


def _variant_value(text: str) -> VariantValue:
    value = variant_value(list(_split(text)) if "," in text else text)
    return "" if value is None else value


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in _QUOTES and text[-1] == text[0] else text


@lru_cache(maxsize=65536)
def places_of(tag: str, stacks: Many = None) -> tuple[Place, ...]:
    """Return one place per stack, or one without a stack."""
    _count(stacks)
    names = dict.fromkeys(_texts(stacks))
    return tuple(Place(tag=tag, stack=name) for name in names) or (Place(tag=tag),)


@lru_cache(maxsize=4096)
def _compilers(value: Many) -> tuple[str, ...]:
    listed = (name for text in _texts(value) for name in _split(text))
    return tuple(dict.fromkeys(name for text in listed for name in compiler_names(text)))


@lru_cache(maxsize=4096)
def _highest(versions: Many) -> str:
    return max(_texts(versions), key=version_key, default="")


@lru_cache(maxsize=4096)
def _architecture(value: Scalar) -> tuple[str, str, str]:
    """Split `linux-ubuntu20.04-x86_64` into (platform, os, target)."""
    platform, _, rest = _text(value).partition("-")
    os_name, dash, target = rest.rpartition("-")
    return (platform, os_name, target) if dash else ("", "", "")


def _size(value: Scalar) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_SIZE_DIGITS else 0


def _text(value: Scalar) -> str:
    text = "" if value is None else clean(str(value)).strip()
    return "" if text in NULLS else text


def _texts(value: Many) -> tuple[str, ...]:
    """Return the values that are not null; a single text is split at its commas."""
    listed: Iterable[Scalar] = value if isinstance(value, tuple) else _split(_text(value))
    return tuple(text for text in map(_text, listed) if text)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
