"""Finds the private names of Textual that a module of the browser uses."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from textual import _xterm_parser, app, driver, events, message, message_pump, screen, widget
from textual.drivers import linux_driver

import cachetui

PACKAGE = Path(cachetui.__file__).parent


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@cache
def class_tree(cls: type) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(cls)))


def is_textual(cls: type) -> bool:
    return cls.__module__.partition(".")[0] == "textual"


@cache
def own_privates(cls: type) -> frozenset[str]:
    """The private names that a class defines itself: in its body, and where it assigns to attributes."""
    assigned = {
        node.attr
        for node in ast.walk(class_tree(cls))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    return frozenset(name for name in {*vars(cls), *assigned} if is_private(name))


def textual_privates(cls: type) -> set[str]:
    """The private names that a class inherits from Textual."""
    return {name for base in cls.__mro__ if is_textual(base) for name in own_privates(base)}


@cache
def all_textual_privates() -> frozenset[str]:
    """The private names of the classes of Textual that are at the centre of every app."""
    modules = (_xterm_parser, app, driver, events, linux_driver, message, message_pump, screen, widget)
    classes = {
        base
        for module in modules
        for cls in vars(module).values()
        if inspect.isclass(cls) and is_textual(cls)
        for base in cls.__mro__
        if is_textual(base)
    }
    return frozenset(name for cls in classes for name in own_privates(cls))


def defined_in_body(cls: type) -> set[str]:
    """The methods and class variables that are written in the body of a class."""
    (definition,) = class_tree(cls).body
    assert isinstance(definition, ast.ClassDef)
    names: set[str] = set()
    for node in definition.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(target.id for target in targets if isinstance(target, ast.Name))
    return names


def is_own_object(node: ast.expr) -> bool:
    """Whether this is `self`, `cls` or `super()`: the class says which names are its own."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def privates_in_class(cls: type) -> set[str]:
    """The private names that a class takes from the part of itself that is Textual's, overridden ones too."""
    inherited = textual_privates(cls)
    used = {
        node.attr
        for node in ast.walk(class_tree(cls))
        if isinstance(node, ast.Attribute) and is_own_object(node.value)
    }
    return (used | defined_in_body(cls)) & inherited


def privates_of_others(tree: ast.AST) -> Iterator[str]:
    """The private names of Textual that are read of other objects."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and not is_own_object(node.value):
            if node.attr in all_textual_privates() and ast.unparse(node) != "os._exit":
                yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and "attr" in node.func.id:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and argument.value in all_textual_privates():
                    yield argument.value


def private_names_used(file: Path) -> set[str]:
    """All private names of Textual that a module uses."""
    name = ".".join(("cachetui", *file.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    module = importlib.import_module(name)
    classes = [cls for cls in vars(module).values() if inspect.isclass(cls) and cls.__module__ == name]
    found = set(privates_of_others(ast.parse(file.read_text(encoding="utf-8"))))
    return found.union(*(privates_in_class(cls) for cls in classes if any(map(is_textual, cls.__mro__))))
