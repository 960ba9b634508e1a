"""Read YAML into plain data from the parser's events: nothing is executed, size and depth are limited."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import yaml
from msgspec import Struct

NOT_YAML = "not YAML"
TOO_DEEP = "nested too deeply"
TOO_MUCH = "too many values"
DUPLICATE = "duplicate key"

_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_NULL, _MERGE, _SEQUENCE, _MAPPING = (_TAG + name for name in ("null", "merge", "seq", "map"))
_SCALARS = {_NULL, _MERGE, *(_TAG + name for name in ("str", "int", "float", "bool", "timestamp", "value"))}
_MERGES = {"<<"}
_NULLS = {"", "~", "null", "Null", "NULL"}


class YamlError(Exception):
    """A text that cannot be read; the message is one line.

    Args:
        line: from 1.
        reason: does not quote the text, which may contain secrets.
        detail: more precise, but may quote the text.
    """

    def __init__(self, line: int, reason: str, detail: str = "") -> None:
        super().__init__(f"line {line}: {detail or reason}")
        self.line = line
        self.reason = reason


class Dialect(Struct, frozen=True):
    """What YAML a file may contain.

    Args:
        text: converts a scalar, given its text and its line.
        is_full: aliases, merge keys, nulls and standard tags are allowed; if not, they are errors, and every
            scalar is text: `1.10` is not 1.1, `null` is a word.
        on_duplicate: called with a duplicate key, whose last value is used; None makes it an error.
        max_depth: of nested collections.
        max_values: an alias counts all its values each time it is used; 200,000 take a few seconds.
    """

    text: Callable[[str, int], str]
    is_full: bool
    on_duplicate: Callable[[Any], None] | None
    max_depth: int
    max_values: int


def read_yaml(text: str, dialect: Dialect) -> Any:
    """Return dicts, lists and the results of `dialect.text`; None for an empty text. Raises YamlError."""
    # Checked here, as libyaml and the parser in Python report such characters differently.
    if found := yaml.reader.Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise YamlError(line, NOT_YAML, f"the character U+{ord(found[0]):04X} is not allowed")
    builder = _Builder(dialect)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        detail = error.problem or error.context or ""
        reason = TOO_DEEP if "maximum nesting depth" in detail else NOT_YAML  # libyaml reads ahead
        raise YamlError(mark.line + 1 if mark else builder.line, reason, detail) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # Python's parser, for "\\UFFFFFFFF"
        raise YamlError(builder.line, NOT_YAML, str(error).partition("\n")[0]) from error
    return builder.root.value[0] if builder.root.value else None


class _Sequence:
    wants_key = False

    def __init__(self) -> None:
        self.value: list[Any] = []

    def add_key(self, key: str | None, line: int) -> None:
        raise AssertionError("a sequence has no keys")

    def add(self, value: Any, line: int) -> None:
        self.value.append(value)

    def finished(self) -> list[Any]:
        return self.value


class _Mapping:
    wants_key = True

    def __init__(self, on_duplicate: Callable[[Any], None] | None) -> None:
        self._on_duplicate = on_duplicate
        self._own: dict[Any, Any] = {}
        self._merged: dict[Any, Any] = {}
        self._key: str | None = None

    def add_key(self, key: str | None, line: int) -> None:
        """Start the value of a key; None is the merge key."""
        if key in self._own:
            if self._on_duplicate is None:
                raise YamlError(line, DUPLICATE, f"duplicate key {key!r}")
            self._on_duplicate(key)
            del self._own[key]  # the order is that of the last one, too
        self._key = key
        self.wants_key = False

    def add(self, value: Any, line: int) -> None:
        if self._key is None:
            self._merged = {**_merged(value, line), **self._merged}
        else:
            self._own[self._key] = value
        self.wants_key = True

    def finished(self) -> dict[Any, Any]:
        """Return the mapping; merged keys come first and never override its own."""
        if not self._merged:
            return self._own
        merged = {key: value for key, value in self._merged.items() if key not in self._own}
        return {**merged, **self._own}


def _merged(value: Any, line: int) -> dict[Any, Any]:
    """Return the value of `<<`: a mapping, or a list of mappings, of which the first has precedence."""
    found: dict[Any, Any] = {}
    for mapping in value if isinstance(value, list) else [value]:
        if not isinstance(mapping, dict):
            raise YamlError(line, NOT_YAML, "<< takes a mapping, or a list of mappings")
        found.update({key: inner for key, inner in mapping.items() if key not in found})
    return found


class _Anchored(Struct, frozen=True):
    """The value of an anchor; its size and height count again at each alias."""

    value: Any
    size: int = 1
    height: int = 0


class _OpenCollection(Struct):
    """A collection whose end event has not been read yet."""

    node: _Sequence | _Mapping
    line: int = 0
    anchor: str | None = None
    before: int = 0
    """The number of values counted before it."""
    deepest: int = 0
    """The depth of its deepest value."""


class _Builder:
    """Builds the data, event by event."""

    def __init__(self, dialect: Dialect) -> None:
        self.root = _Sequence()
        self.line = 1
        self._dialect = dialect
        self._open = [_OpenCollection(self.root)]
        self._values = 0
        self._anchors: dict[str, _Anchored | None] = {}  # None: its collection is still open

    def take(self, event: yaml.Event) -> None:
        if event.start_mark is not None:
            self.line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open_collection(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close_collection()
        elif isinstance(event, yaml.AliasEvent):
            self._take_alias(event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root.value:
            raise YamlError(self.line, NOT_YAML, "a second document")

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        if event.tag is not None or event.anchor is not None:
            self._check(event, _SCALARS)
        self._count(1, 0)
        node = self._open[-1].node
        value: str | None = self._dialect.text(event.value, self.line)
        is_full = self._dialect.is_full
        if node.wants_key:
            node.add_key(None if is_full and _means(event, _MERGE, _MERGES) else value, self.line)
        else:
            value = None if is_full and _means(event, _NULL, _NULLS) else value
            node.add(value, self.line)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value)

    def _open_collection(self, event: yaml.CollectionStartEvent) -> None:
        is_sequence = isinstance(event, yaml.SequenceStartEvent)
        if event.tag is not None or event.anchor is not None:
            self._check(event, {_SEQUENCE if is_sequence else _MAPPING})
        self._refuse_key(None)
        self._count(1, 0)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = _Sequence() if is_sequence else _Mapping(self._dialect.on_duplicate)
        self._open.append(
            _OpenCollection(node, self.line, event.anchor, self._values - 1, len(self._open) + 1)
        )

    def _close_collection(self) -> None:
        done = self._open.pop()
        parent = self._open[-1]
        value = done.node.finished()
        parent.node.add(value, done.line)
        if done.deepest > parent.deepest:
            parent.deepest = done.deepest
        if done.anchor is not None:
            size = self._values - done.before
            self._anchors[done.anchor] = _Anchored(value, size, done.deepest - len(self._open))

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        if not self._dialect.is_full:
            raise YamlError(self.line, "anchors and aliases are not supported")
        if event.anchor not in self._anchors:
            raise YamlError(self.line, NOT_YAML, "an alias without an anchor")
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise YamlError(self.line, TOO_DEEP, "an alias inside its own anchor")
        self._count(anchored.size, anchored.height)
        node = self._open[-1].node
        if node.wants_key:
            self._refuse_key(anchored.value)
            node.add_key(anchored.value, self.line)
        else:
            node.add(anchored.value, self.line)

    def _refuse_key(self, key: object) -> None:
        if self._open[-1].node.wants_key and not isinstance(key, str):
            raise YamlError(self.line, "a key that is not text")

    def _check(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, tags: set[str]) -> None:
        if event.tag is not None and not (self._dialect.is_full and event.tag in (*tags, "!")):
            raise YamlError(
                self.line, "a tag that is not plain YAML", f"the tag {event.tag!r} is not supported"
            )
        if event.anchor is None:
            return
        if not self._dialect.is_full:
            raise YamlError(self.line, "anchors and aliases are not supported")
        if event.anchor in self._anchors:
            raise YamlError(self.line, NOT_YAML, "duplicate anchor")

    def _count(self, size: int, height: int) -> None:
        """Count values of some height at the current depth. Raises YamlError beyond the limits."""
        depth = len(self._open) + height
        if depth > self._dialect.max_depth:
            raise YamlError(self.line, TOO_DEEP, f"nested deeper than {self._dialect.max_depth}")
        self._values += size
        if self._values > self._dialect.max_values:
            raise YamlError(self.line, TOO_MUCH)
        if height:
            self._open[-1].deepest = max(self._open[-1].deepest, depth)


def _means(event: yaml.ScalarEvent, tag: str, words: Set[str]) -> bool:
    """Whether a scalar has a tag, explicitly or as one of the plain words for it."""
    return event.tag == tag or (event.implicit[0] and event.value in words)
