"""Parse YAML as Spack reads it into marked texts; imported late, since it brings in PyYAML."""

from __future__ import annotations

from cachetui.spack.marked import Text, Tree
from cachetui.yaml_text import Dialect, read_yaml

MAX_VALUES = 200_000
"""Some seconds of work."""

MAX_DEPTH = 100


def parse(text: str, file: str) -> tuple[Tree, list[Text]]:
    """The content of a file, and the keys that stand twice in a mapping. Raises YamlError."""
    doubles: list[Text] = []
    dialect = Dialect(
        text=lambda value, line: Text(value, file, line),
        is_full=True,
        on_repeated=doubles.append,
        max_depth=MAX_DEPTH,
        max_values=MAX_VALUES,
    )
    tree: Tree = read_yaml(text, dialect)
    return tree, doubles
