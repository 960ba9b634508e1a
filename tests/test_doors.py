"""Each folder has one door, its `__init__`: a sorted `__all__` that is what it exports."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path
from types import ModuleType

import pytest

import cachetui

PACKAGE = Path(cachetui.__file__).parent
DOORS = ("catalog", "graph", "locate", "query", "refresh", "search", "sources", "spack")
ROOMS = sorted(folder.parent.name for folder in PACKAGE.glob("*/__init__.py"))


def isort_key(name: str) -> tuple[int, str]:
    """CONSTANTS, then Classes, then functions, as the linter sorts them."""
    kind = 0 if name.isupper() else 1 if name[:1].isupper() else 2
    return kind, name


def imported_names(door: ModuleType) -> list[str]:
    """The names that a door imports from its own room."""
    tree = ast.parse(inspect.getsource(door))
    return [
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(door.__name__)
        for alias in node.names
    ]


def importing_modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_every_room_but_the_browser_has_a_door_with_a_list() -> None:
    assert [room for room in ROOMS if room != "tui"] == list(DOORS)


@pytest.mark.parametrize("room", DOORS)
def test_list_is_sorted_and_is_what_the_door_exports(room: str) -> None:
    door = importlib.import_module(f"cachetui.{room}")
    assert door.__all__ == sorted(door.__all__, key=isort_key)
    assert sorted(door.__all__) == sorted(imported_names(door))
    assert all(hasattr(door, name) for name in door.__all__)


@pytest.mark.parametrize("room", DOORS)
def test_door_holds_no_code_but_for_what_comes_in_late(room: str) -> None:
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions in ([], ["__getattr__"])
    assert {type(node) for node in tree.body} <= {
        ast.Expr, ast.ImportFrom, ast.Assign, ast.If, ast.FunctionDef
    }  # fmt: skip


@pytest.mark.parametrize("file", importing_modules(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_other_rooms_are_entered_by_their_door(file: Path) -> None:
    """Also imports inside functions and names that a door has but does not list."""
    own_room = file.relative_to(PACKAGE).parts[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            paths = [alias.name for alias in node.names]
            assert not [path for path in paths if path.startswith("cachetui.")], "import names, not modules"
        if not isinstance(node, ast.ImportFrom):
            continue
        assert node.level == 0, "imports are written from the root"
        package, _, inside = (node.module or "").removeprefix("cachetui.").partition(".")
        if package in DOORS and package != own_room:
            assert not inside, f"{node.module} is behind the door"
            listed = importlib.import_module(f"cachetui.{package}").__all__
            assert {alias.name for alias in node.names} <= set(listed)
