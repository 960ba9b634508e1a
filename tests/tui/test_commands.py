"""The table of keys: every binding of the browser comes from it, and nothing is bound twice."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter

import pytest
from textual.binding import Binding, BindingType
from textual.dom import DOMNode

from cachetui import tui
from cachetui.tui.app import CachetuiApp
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.commands import SECTIONS, Command, bindings

COMMANDS = [command for _, commands in SECTIONS for command in commands]


def keys(command: Command) -> list[str]:
    return command.keys.split(",")


def bound_classes() -> list[type[DOMNode]]:
    """The widgets, screens and apps of the browser that bind keys of their own."""
    found: list[type[DOMNode]] = []
    for module in pkgutil.walk_packages(tui.__path__, "cachetui.tui."):
        for _, value in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            own = value.__module__ == module.name and vars(value).get("BINDINGS")
            if own and issubclass(value, DOMNode):
                found.append(value)
    return found


def bound(binding: BindingType) -> Binding:
    return binding if isinstance(binding, Binding) else Binding(*binding)


BOUND_CLASSES = bound_classes()


def test_ids_are_unique() -> None:
    assert [name for name, count in Counter(command.id for command in COMMANDS).items() if count > 1] == []


@pytest.mark.parametrize(("section", "commands"), SECTIONS)
def test_no_key_does_two_things_in_one_place(section: str, commands: tuple[Command, ...]) -> None:
    assert section
    counts = Counter(key for command in commands for key in keys(command))
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_a_command_says_what_it_does(command: Command) -> None:
    assert command.text == command.text.strip() != ""
    assert all(key == key.strip() != "" for key in keys(command))
    assert command.keys_text({})
    assert command.keys_text({command.id: "f5,f6"}) == "f5 f6"


def test_bindings_are_the_commands_and_none_goes_first() -> None:
    made = [bound(binding) for binding in bindings(COMMANDS)]
    assert [binding.id for binding in made] == [command.id for command in COMMANDS]
    assert not any(binding.priority for binding in made)


def test_the_browser_binds_keys() -> None:
    names = {bound_class.__name__ for bound_class in BOUND_CLASSES}
    assert {"BrowseScreen", "LineList", "FacetSidebar", "SpecTable"} <= names


@pytest.mark.parametrize("bound_class", BOUND_CLASSES, ids=lambda bound_class: bound_class.__name__)
def test_every_key_comes_from_the_table(bound_class: type[DOMNode]) -> None:
    known = {key for command in COMMANDS for key in keys(command)}
    by_id = {command.id: command for command in COMMANDS}
    for binding in map(bound, bound_class.BINDINGS):
        assert set(binding.key.split(",")) <= known
        if binding.id is not None:
            command = by_id[binding.id]
            assert (binding.key, binding.action) == (command.keys, command.runs)


@pytest.mark.parametrize("bound_class", BOUND_CLASSES, ids=lambda bound_class: bound_class.__name__)
def test_every_key_leads_to_an_action(bound_class: type[DOMNode]) -> None:
    for binding in map(bound, bound_class.BINDINGS):
        action = binding.action.partition("(")[0]
        place, _, name = action.rpartition(".")
        target = {"": bound_class, "app": CachetuiApp, "screen": BrowseScreen}[place]
        assert hasattr(target, f"action_{name}"), binding.action


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.screen], ids=lambda command: command.id)
def test_a_command_that_shows_a_screen_names_one(command: Command) -> None:
    module, _, name = command.screen.partition(".")
    screen = getattr(importlib.import_module(f"cachetui.tui.dialogs.{module}"), name)
    assert list(inspect.signature(screen).parameters) == ["context"] and not command.action
