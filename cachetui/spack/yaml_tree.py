"""Parse YAML as Spack does, into marked text; imported late because it imports PyYAML."""

from __future__ import annotations

from cachetui.spack.marked import Text, Tree
from cachetui.yaml_text import Dialect, read_yaml

MAX_VALUES = 200_000
"""Takes some seconds to parse."""

MAX_DEPTH = 100


def parse(text: str, file: str) -> tuple[Tree, list[Text]]:
    """Parse a file; also returns the keys that are repeated in a mapping. Raises YamlError."""
    repeated: list[Text] = []
    dialect = Dialect(
        text=lambda value, line: Text(value, file, line),
        is_full=True,
        on_duplicate=repeated.append,
        max_depth=MAX_DEPTH,
        max_values=MAX_VALUES,
    )
    tree: Tree = read_yaml(text, dialect)
    return tree, repeated
