"""Return the memory that compiling took: the browser lives on, and compiles again at each refresh."""

from __future__ import annotations

import gc
from contextlib import suppress
from typing import Any

from cachetui.sources import forget_parsed

M_ARENA_MAX = -8
"""The parameter of glibc's mallopt(3): how many arenas there are at most."""


def share_memory() -> None:
    """Let threads that begin from now on take freed memory of each other.

    glibc gives a thread an arena of its own while another one holds the others, up to 8 for each core; what
    a compile has freed in one is of no use to the next compile, which may run in another.
    """
    if gc.isenabled() and (glibc := _glibc()):
        glibc.mallopt(M_ARENA_MAX, 1)


def return_memory() -> None:
    """Empty what reading has cached, collect garbage, and give freed pages back to the system."""
    if not gc.isenabled():
        return  # a command, which is about to end
    forget_parsed()
    gc.collect()
    return_freed()


def return_freed() -> None:
    """Give pages back to the system on which everything is freed."""
    if glibc := _glibc():
        glibc.malloc_trim(0)


def _glibc() -> Any:
    """Return the C library if it is glibc: only that one keeps freed pages, and has these functions."""
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        library = ctypes.CDLL(None)
        if library.malloc_trim and library.mallopt:
            return library
    return None
