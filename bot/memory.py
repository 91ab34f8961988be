"""Gives memory back to the system that Python and the index's library have let go of.

The C library keeps what is freed for the next use, and for each thread apart: after papers were indexed that is some 30 MB which
nobody uses until the next ones come. https://man7.org/linux/man-pages/man3/malloc_trim.3.html
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h
_ARENAS = 2


def spare() -> None:
    """Have all threads share two arenas; to be called before there are threads. Elsewhere than with glibc nothing is done."""
    if library := _glibc():
        library.mallopt(_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Takes some milliseconds; what waits for memory meanwhile waits, so it is not for the midst of a wave."""
    if library := _glibc():
        library.malloc_trim(0)


def _glibc() -> Any:
    """The C library, where it is the one that has these functions; else None."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
