"""The fixtures of tests/fetch that tests of sources need."""

from tests.fetch.conftest import reader

__all__ = ["reader"]
