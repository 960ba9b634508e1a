"""Return the memory that compiling took: the browser lives on, and compiles again at each refresh."""

from __future__ import annotations

import gc
from contextlib import suppress

from cachetui.sources import forget_parsed


def return_memory() -> None:
    """Empty what reading has cached, collect garbage, and give freed pages back to the system."""
    if not gc.isenabled():
        return  # a command, which is about to end
    forget_parsed()
    gc.collect()
    with suppress(ImportError, OSError, AttributeError):  # only glibc keeps freed pages, and has this
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)
