"""Parse YAML into marked texts; the only module of the room that knows PyYAML."""

from __future__ import annotations

import yaml

from cachetui.spack.marked import Text, Tree

MOST_NODES = 200_000
"""Values in a file, with each alias counted as often as it is used: some seconds of work."""

DEEPEST = 100

_TAG = "tag:yaml.org,2002:"
_NULL = _TAG + "null"
_MERGE = _TAG + "merge"
_SCALARS = {_TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")}


class TreeError(Exception):
    """A text that is not taken, with the line where that shows.

    It quotes nothing of the text: that could be a secret.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class _Loader(yaml.SafeLoader):
    composed = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.composed += 1
        if self.composed > MOST_NODES:
            raise TreeError(self.line + 1, "too many values")
        return super().compose_node(parent, index)


def parse(text: str, file: str) -> tuple[Tree, list[Text]]:
    """The content of a file, and the keys that stand twice in a mapping. Raises TreeError."""
    builder = _Builder(file)
    try:
        node = _composed(text)
        tree = builder.value(node, 0) if node is not None else None
    except RecursionError as error:
        raise TreeError(1, "nested too deeply") from error
    return tree, builder.doubles


def _composed(text: str) -> yaml.Node | None:
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        raise TreeError(text.count("\n", 0, error.position) + 1, "not YAML") from error
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise TreeError(mark.line + 1 if mark else 1, "not YAML") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last for "\\UFFFFFFFF"
        raise TreeError(loader.line + 1, "not YAML") from error
    finally:
        loader.dispose()


class _Builder:
    """Builds plain data from nodes; what an alias repeats is built, and counted, each time."""

    def __init__(self, file: str) -> None:
        self.doubles: list[Text] = []
        self._file = file
        self._left = MOST_NODES

    def value(self, node: yaml.Node, depth: int) -> Tree:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            raise TreeError(_line(node), "too many values" if self._left < 0 else "nested too deeply")
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == _NULL else self._text(node)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return [self.value(inner, depth + 1) for inner in node.value]
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node, depth)
        raise TreeError(_line(node), "a tag that is not plain YAML")

    def _text(self, node: yaml.Node) -> Text:
        if not isinstance(node, yaml.ScalarNode):
            raise TreeError(_line(node), "a key that is not a text")
        if node.tag not in _SCALARS:
            raise TreeError(_line(node), "a tag that is not plain YAML")
        return Text(node.value, self._file, _line(node))

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[Text, Tree]:
        own: dict[Text, Tree] = {}
        merged: dict[Text, Tree] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged = {**self._merged(value_node, depth), **merged}
                continue
            key = self._text(key_node)
            if key in own:
                self.doubles.append(key)
                del own[key]
            own[key] = self.value(value_node, depth + 1)
        return {**{key: value for key, value in merged.items() if key not in own}, **own}

    def _merged(self, node: yaml.Node, depth: int) -> dict[Text, Tree]:
        """What stands after `<<`: a mapping, or several of which the first counts most."""
        value = self.value(node, depth + 1)
        found: dict[Text, Tree] = {}
        for mapping in value if isinstance(value, list) else [value]:
            if not isinstance(mapping, dict):
                raise TreeError(_line(node), "not YAML")
            found.update({key: inner for key, inner in mapping.items() if key not in found})
        return found


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
