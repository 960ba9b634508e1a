"""The network of the tests of refreshing."""

from tests.refresh.conftest import impatient

__all__ = ["impatient"]
