"""Late imports for the doors of rooms: a start brings in only what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def late_names(room: str, modules: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """The `__getattr__` of a door: a name is imported when it is first asked for.

    A door assigns it in the `else` of `if TYPE_CHECKING`, so that type checkers see the names themselves and
    report those that do not exist.

    Args:
        room: the door's `__name__`.
        modules: module of the room to the names that it gives.
    """

    def get(name: str) -> Any:
        for module, names in modules.items():
            if name in names:
                return getattr(import_module(f"{room}.{module}"), name)
        raise AttributeError(f"{room} has no {name!r}")

    return get
