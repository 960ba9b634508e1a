"""What is left out of Textual is what nothing of it misses."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import textual

from cachetui.tui.left_out import PALETTE, PALETTE_NAMES

TEXTUAL = Path(textual.__file__).parent

OF_THE_PALETTE = {TEXTUAL / "command.py", TEXTUAL / "system_commands.py"}
"""What is imported only once Textual's palette is opened."""

SESSION = """
import sys
from cachetui.tui.rehearsal import rehearse
rehearse()
print(*[name for name in sys.modules if name.startswith("textual.") and "command" in name])
print(sys.modules["textual.command"].__spec__)
"""


def taken() -> set[str]:
    """What modules of Textual take from the palette when they are imported."""
    found: set[str] = set()
    for file in set(TEXTUAL.rglob("*.py")) - OF_THE_PALETTE:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module == PALETTE:
                found.update(alias.name for alias in node.names)
    return found


def test_textual_takes_what_there_is_in_its_place() -> None:
    assert taken() == set(PALETTE_NAMES)


def test_a_session_imports_nothing_of_the_palette(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SESSION], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [PALETTE, "None"]
