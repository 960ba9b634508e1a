"""A folder of modules is a room with one door, its `__init__`, and is entered by it alone."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import cachetui
from cachetui.doors import late_names

PACKAGE = Path(cachetui.__file__).parent

WITHOUT_DOORS = {"tui.browse", "tui.dialogs", "tui.screens", "tui.widgets"}
"""Folders inside the browser whose modules the browser imports one by one."""

INNER_DOORS_FOR_ALL = {"catalog.compile"}
"""Doors of inner rooms that are for everybody: whoever reads a catalog needs no compiler."""


def dotted(file: Path) -> str:
    """The name of a module or folder below `cachetui`."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    dotted(file): file
    for file in sorted(PACKAGE.rglob("*.py"))
    if file.parent != PACKAGE or file.stem != "__init__"
}
FOLDERS = {name for name, file in FILES.items() if file.stem == "__init__"}
ANY = "*"
"""In place of the name, where a module is imported by its text."""

DOORS = sorted(FOLDERS - WITHOUT_DOORS)


def tree_of(name: str) -> ast.Module:
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


def folders_around(name: str) -> list[str]:
    """The folders that a module is in, outermost first; a door is in its own folder."""
    parts = name.split(".")
    prefixes = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return [prefix for prefix in prefixes if prefix in FOLDERS]


def imports_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(module, name) of each import from the package, in functions, for type checkers and by texts too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                assert not alias.name.startswith("cachetui."), f"import names from {alias.name}"
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports start at the root"
            root, _, module = (node.module or "").partition(".")
            if root != "cachetui":
                continue
            for alias in node.names:
                inner = f"{module}.{alias.name}".removeprefix(".")
                yield (inner, "") if inner in FILES else (module, alias.name)
        elif isinstance(node, ast.Constant):
            root, _, module = str(node.value).partition(".")
            if root == "cachetui" and module in FILES:
                yield module, ANY


def objection(importer: str, module: str, name: str) -> str:
    """Why a module must not import this; empty where it may."""
    around = folders_around(importer)
    if module in around and module not in WITHOUT_DOORS and importer != module:
        return f"{importer} is inside {module} and imports from its door"
    closed = [folder for folder in folders_around(module) if folder not in around]
    if not closed or (closed[0] in WITHOUT_DOORS and "tui" in around):
        return ""
    if module != closed[0] and module not in INNER_DOORS_FOR_ALL:
        return f"{importer} imports {module}, which is behind the door {closed[0]}"
    listed = importlib.import_module(f"cachetui.{module}").__all__
    return (
        "" if name in (*listed, ANY) else f"{importer} imports {name or module}, which {module} does not list"
    )


@pytest.mark.parametrize("importer", FILES)
def test_a_module_enters_other_rooms_by_their_doors(importer: str) -> None:
    found = (objection(importer, module, name) for module, name in imports_of(tree_of(importer)))
    assert [text for text in found if text] == []


@pytest.mark.parametrize(
    ("importer", "module", "name", "reason"),
    [
        ("render.builds", "catalog", "Catalog", ""),
        ("render.builds", "catalog.reader", "Catalog", "behind the door catalog"),
        ("render.builds", "catalog", "Staging", "does not list"),
        ("render.builds", "search.engine", "", "behind the door search"),
        ("refresh.reading", "catalog.compile", "Staging", ""),
        ("refresh.reading", "catalog.compile.staging", "Staging", "behind the door catalog"),
        ("refresh.reading", "sources.index", "IndexFile", "behind the door sources"),
        ("sources.detect", "sources.index", "IndexFile", ""),
        ("sources.detect", "sources.index.file", "IndexFile", "behind the door sources.index"),
        ("sources.index.file", "sources.base", "SourcePart", ""),
        ("sources.index.file", "sources", "SourcePart", "inside sources"),
        ("catalog.reader", "catalog.schema", "SCHEMA", ""),
        ("catalog.reader", "catalog", "SCHEMA", "inside catalog"),
        ("tui.app", "tui.widgets.line_list", "Line", ""),
        ("tui.dialogs.help", "tui.widgets.line_list", "Line", ""),
        ("cli.commands", "tui.widgets.line_list", "Line", "behind the door tui"),
        ("cli.commands", "tui", "run_browser", ""),
        ("cli.commands", "errors", "CachetuiError", ""),
    ],
)
def test_the_rule_knows_doors_from_what_is_behind_them(
    importer: str, module: str, name: str, reason: str
) -> None:
    assert reason in objection(importer, module, name)
    assert bool(reason) == bool(objection(importer, module, name))


@pytest.mark.parametrize("room", DOORS)
def test_a_door_lists_in_order_what_it_exports(room: str) -> None:
    door = importlib.import_module(f"cachetui.{room}")
    exported = [name for module, name in imports_of(tree_of(room)) if room in folders_around(module)]
    assert door.__all__ == sorted(exported, key=isort_key)


@pytest.mark.parametrize("room", DOORS)
def test_a_door_resolves_each_name_that_it_lists(room: str) -> None:
    door = importlib.import_module(f"cachetui.{room}")
    assert [name for name in door.__all__ if not hasattr(door, name)] == []
    assert not hasattr(door, "no such name")


def test_a_late_name_is_imported_when_it_is_asked_for_and_others_are_missed() -> None:
    get = late_names("cachetui.sources.index", {"database": ("check_complete",)})
    assert get("check_complete") is importlib.import_module("cachetui.sources.index.database").check_complete
    with pytest.raises(AttributeError, match="has no 'nothing'"):
        get("nothing")


@pytest.mark.parametrize("room", sorted(FOLDERS))
def test_a_door_holds_no_code_except_for_late_imports(room: str) -> None:
    body = tree_of(room).body
    if room in WITHOUT_DOORS:
        assert [type(node) for node in body] in ([], [ast.Expr])
        return
    assert {type(node) for node in body} <= {ast.Expr, ast.ImportFrom, ast.Assign, ast.If}


def isort_key(name: str) -> tuple[int, str]:
    """CONSTANTS, then Classes, then functions, as the linter sorts them."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


@pytest.mark.parametrize("room", sorted(folder for folder in FOLDERS if "." not in folder))
def test_each_room_has_a_folder_of_tests_that_the_readme_names(room: str) -> None:
    tests = Path(__file__).parent
    assert list((tests / room).rglob("test_*.py"))
    assert f"| `cachetui/{room}/` | `tests/{room}/`" in (tests / "README.md").read_text(encoding="utf-8")
