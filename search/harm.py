"""What goes wrong with an index's files: damage, which a new index mends, a full disk, and another process at work."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import Timeout

from search.forward import ForwardDamaged

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})


class IndexUnavailable(Exception):
    """The index cannot be read just now; it is built anew at the next catch-up."""


class Unfinished(IndexUnavailable):
    """It is being built anew: nothing is wrong with it, but it has not all papers yet."""


class Busy(Exception):
    """Another process is writing the index: it works from the same store."""


class Full(Exception):
    """The disk is full, or closed to us: no fault of the index."""


def is_lock(error: ValueError) -> bool:
    """Whether it says that somebody else holds the writer's lock."""
    return "lockbusy" in str(error).lower()


@contextmanager
def telling_full() -> Iterator[None]:
    """A write that failed for want of room or right is told as Full, whoever tells it."""
    try:
        yield
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        if number in _NO_ROOM or any(f"code: {each}," in str(error) for each in _NO_ROOM):
            raise Full(str(error)) from error
        raise


def unavailable(error: BaseException) -> IndexUnavailable | None:
    """What a damaged or vanished index made a library raise, as our own error; None for what is no fault of the index."""
    if isinstance(error, IndexUnavailable):
        return error
    if isinstance(error, ValueError | OSError | ForwardDamaged | Timeout):
        return IndexUnavailable(f"it cannot be used ({error})")
    # A panic in the library's Rust code is no Exception, so that nobody swallows it by accident; here it is meant.
    if type(error).__name__ == "PanicException":
        return IndexUnavailable(f"it is damaged ({error})")
    return None


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Whatever a damaged or vanished index makes the libraries raise becomes IndexUnavailable."""
    try:
        yield
    except BaseException as error:
        told = unavailable(error)
        if told is None or told is error:
            raise
        raise told from error
