"""Patterns that are compiled with their first use: no start needs them, and together they take most of its summaries’ time."""

from __future__ import annotations

import re
from typing import Any, cast


def late(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What re.compile gives, from its first use on."""
    return cast("re.Pattern[str]", _Late(pattern, flags))


class _Late:
    def __init__(self, pattern: str, flags: int) -> None:
        self._written = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """Only called for what is not there yet; the compiled pattern's methods are kept, so that each is looked up once."""
        found = getattr(re.compile(*self._written), name)
        setattr(self, name, found)
        return found
