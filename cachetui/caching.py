"""Caches of methods that belong to the instance.

`functools.cache` on a method keeps every instance alive in a dictionary of the class; here the results lie in
the instance, as those of `functools.cached_property` do, and are freed with it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial, wraps
from typing import Any, TypeVar

Instance = TypeVar("Instance")
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

# One argument only: packing and hashing several takes as long as the rest of a hit.
Method = Callable[[Instance, Key], Value]


def cached_method(method: Method[Instance, Key, Value]) -> Method[Instance, Key, Value]:
    """Remember every result of a method of one argument, in the instance."""
    name = f"{method.__name__} results"  # no attribute can be called so

    @wraps(method)
    def cached(self: Instance, key: Key) -> Value:
        try:
            value: Value = self.__dict__[name][key]
            return value
        except KeyError:
            pass  # what the method raises must not seem to follow from this
        value = method(self, key)
        self.__dict__.setdefault(name, {})[key] = value
        return value

    return cached


def lru_cached_method(
    maxsize: int,
) -> Callable[[Method[Instance, Key, Value]], Method[Instance, Key, Value]]:
    """Remember the results that were last used of a method of one argument, in the instance."""

    def bound(own: dict[str, Any], name: str, value: Value) -> None:
        if len(own[name]) > maxsize:
            own[name].popitem(last=False)

    return partial(_last_used, bound)


def sized_cached_method(
    most: int, size_of: Callable[[Value], int]
) -> Callable[[Method[Instance, Key, Value]], Method[Instance, Key, Value]]:
    """Remember the results that were last used, as many as the sum of their sizes allows, in the instance.

    Args:
        size_of: the size of a result.
    """

    def bound(own: dict[str, Any], name: str, value: Value) -> None:
        total = f"size of {name}"
        size = own[total] = own.get(total, 0) + size_of(value)
        if size > most:
            own[total] = _shorten(own[name], size_of, most)

    return partial(_last_used, bound)


def _last_used(
    bound: Callable[[dict[str, Any], str, Value], None], method: Method[Instance, Key, Value]
) -> Method[Instance, Key, Value]:
    """Remember results, the last used one last.

    Each step on the dictionary is atomic: threads at worst compute a result twice.

    Args:
        bound: drops what is too much, given the instance's attributes, the name of the one that has the
            results, and the newest result.
    """
    name = f"{method.__name__} results"

    @wraps(method)
    def cached(self: Instance, key: Key) -> Value:
        try:
            results: OrderedDict[Key, Value] = self.__dict__[name]
            results.move_to_end(key)
            return results[key]
        except KeyError:
            pass
        value = method(self, key)
        self.__dict__.setdefault(name, OrderedDict())[key] = value
        bound(self.__dict__, name, value)
        return value

    return cached


def _shorten(results: OrderedDict[Key, Value], size_of: Callable[[Value], int], most: int) -> int:
    """Drop the oldest results, a quarter of the sum at once, as all is summed up for it; give the rest."""
    left = sum(map(size_of, list(results.values())))
    while left > most * 3 // 4 and len(results) > 1:
        left -= size_of(results.popitem(last=False)[1])
    return left
