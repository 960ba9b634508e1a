"""The reader of mirrors is the one that the tests of fetching have."""

from tests.fetch.conftest import reader

__all__ = ["reader"]
