"""The tree of errors: drawn in full, defined in one module, and safe to send to another process."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
from collections.abc import Iterator

import pytest

import cachetui
from cachetui import errors
from cachetui.errors import CachetuiError, MissingError, ResumeError, SourceError, TransferError

Edge = tuple[str, str]
"""A class and its parent."""


def drawn_edges() -> Iterator[Edge]:
    """The tree of the module docstring: each level is indented by two spaces."""
    assert errors.__doc__ is not None
    _, _, tree = errors.__doc__.partition("\n\n")
    parents: list[str] = []
    for line in filter(str.strip, tree.splitlines()):
        name = line.split()[0]
        depth, rest = divmod(len(line) - len(line.lstrip()), 2)
        assert not rest
        assert depth <= len(parents), f"{name} is indented too far"
        del parents[depth:]
        if parents:
            yield name, parents[-1]
        parents.append(name)


def defined_edges(parent: type[CachetuiError]) -> Iterator[Edge]:
    """The same of the classes; those of tests do not count."""
    for error in parent.__subclasses__():
        if error.__module__.startswith("cachetui."):
            assert error.__module__ == errors.__name__, f"{error} belongs to errors.py"
            yield error.__name__, parent.__name__
            yield from defined_edges(error)


def import_all() -> None:
    for module in pkgutil.walk_packages(cachetui.__path__, "cachetui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def test_the_drawn_tree_matches_the_classes() -> None:
    import_all()
    drawn = list(drawn_edges())
    assert len(drawn) > 10
    assert sorted(drawn) == sorted(defined_edges(CachetuiError))


@pytest.mark.parametrize(
    "error",
    [
        SourceError("a", "b", transient=True),
        MissingError("a", "b"),
        TransferError("a", "b", retryable=True, retry_after=3.0),
        TransferError("a", "b", unreachable=True),
        ResumeError("a", "b"),
    ],
    ids=repr,
)
def test_a_source_error_can_be_sent_to_another_process(error: SourceError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    assert str(copy) == "a: b"


def test_errors_that_a_retry_may_fix_are_transient() -> None:
    assert TransferError("a", "busy", retryable=True).transient
    assert TransferError("a", "no route", unreachable=True).transient
    assert not TransferError("a", "401").transient
    assert not SourceError("a", "not an index").transient
