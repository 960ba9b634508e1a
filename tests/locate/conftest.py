"""The fixtures of the tests of refreshing."""

from tests.refresh.conftest import impatient, world

__all__ = ["impatient", "world"]
