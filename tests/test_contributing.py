"""CONTRIBUTING.md names nothing that does not exist, and leaves out no room of the package."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import cachetui

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "cachetui"
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")

_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_DOTTED = re.compile(r"\w+(\.\w+)+")
_PATH = re.compile(r"[\w.-]+(/[\w.-]+)*/?")
_ROOM = re.compile(r"^\| (\d+) \| `([\w/.]+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
_TABLE_OF_TESTS = re.compile(r"`([A-Za-z_]+)` in `(tests/[\w/]+\.py)`")

FENCES = _FENCE.findall(TEXT)
CODES = set(_CODE.findall(_FENCE.sub("", TEXT)))
ROOMS = _ROOM.findall(TEXT)


def is_path(text: str) -> bool:
    return bool(_PATH.fullmatch(text)) and ("/" in text or text.endswith(".py"))


PATHS = sorted(filter(is_path, CODES))
NAMES = sorted(text for text in CODES if _DOTTED.fullmatch(text) and not is_path(text))


def exists(path: str) -> bool:
    """Whether a path of the checkout or of the package exists; one that ends with / is a folder."""
    found = [base / path for base in (ROOT, PACKAGE) if (base / path).exists()]
    return any(each.is_dir() for each in found) if path.endswith("/") else bool(found)


def resolved(name: str) -> Any:
    """What a dotted name below `cachetui` stands for. Raises ImportError, AttributeError."""
    module, *attributes = name.split(".")
    found: Any = importlib.import_module(f"cachetui.{module}")
    for attribute in attributes:
        if not hasattr(found, attribute) and hasattr(found, "__path__"):
            importlib.import_module(f"{found.__name__}.{attribute}")
        found = getattr(found, attribute)
    return found


def room_name(path: str) -> str:
    return path.removesuffix("/").removesuffix(".py")


def layers() -> list[set[str]]:
    """The layers of the contract about imports, from the top."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r"^layers = (\[.*?^\])", text, re.MULTILINE | re.DOTALL)
    assert found
    return [set(re.findall(r"\w+", layer)) for layer in ast.literal_eval(found[1])]


def test_names_and_paths_are_found() -> None:
    assert {"search.Engine.select", "tui.commands.BROWSE_COMMANDS"} <= set(NAMES)
    assert {"cachetui/sources/detect.py", "tests/test_doors.py", "styles/"} <= set(PATHS)
    with pytest.raises(AttributeError):
        resolved("search.Engine.no_such_method")
    with pytest.raises(ImportError):
        resolved("no_such_room.Engine")
    assert not exists("cachetui/no_such_room/")
    assert not exists("cachetui/errors.py/")


@pytest.mark.parametrize("path", PATHS)
def test_path_exists(path: str) -> None:
    assert exists(path)


@pytest.mark.parametrize("name", NAMES)
def test_name_exists(name: str) -> None:
    resolved(name)


def test_each_room_is_in_the_table() -> None:
    modules = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py"}
    folders = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    assert sorted(room for _, room, _ in ROOMS) == sorted(modules | folders)


def test_floors_are_the_layers_of_the_imports() -> None:
    floors = [{room_name(room) for number, room, _ in ROOMS if int(number) == floor} for floor in range(99)]
    rooms = {room_name(room) for _, room, _ in ROOMS}
    assert list(filter(None, reversed(floors))) == [layer & rooms for layer in layers() if layer & rooms]
    assert [int(number) for number, _, _ in ROOMS] == sorted((int(n) for n, _, _ in ROOMS), reverse=True)


@pytest.mark.parametrize(("room", "names"), [(room, names) for _, room, names in ROOMS])
def test_a_door_has_the_names_that_the_table_gives(room: str, names: str) -> None:
    door = importlib.import_module(f"cachetui.{room_name(room)}")
    listed = getattr(door, "__all__", None) or dir(door)
    assert [name for name in _CODE.findall(names) if name not in listed] == []
    assert _CODE.findall(names)


def test_tables_of_tests_exist() -> None:
    found = _TABLE_OF_TESTS.findall(TEXT)
    assert found
    assert [
        (name, file)
        for name, file in found
        if not re.search(rf"^(def )?{name}\b", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    ] == []


def test_the_drawing_is_that_of_the_package() -> None:
    drawing, _commands = FENCES
    assert drawing in (cachetui.__doc__ or "")
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders <= set(re.findall(r"[a-z]+", drawing))
