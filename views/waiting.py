"""Who used commands too often is told when to try again."""

from __future__ import annotations

from enum import StrEnum
from math import ceil

from papers.language import _, ngettext


class Crowd(StrEnum):
    """Whose commands were too many."""

    PERSON = "one person"
    SERVER = "one server"
    ALL = "all together"


def too_often(crowd: Crowd, seconds: float) -> str:
    """One sentence; ``seconds`` is how long to wait."""
    count = max(1, ceil(seconds))
    when = ngettext("in {count} second", "in {count} seconds", count).format(count=count)
    match crowd:
        case Crowd.PERSON:
            text = _("That was a lot in one minute: please try again {when}.")
        case Crowd.SERVER:
            text = _("This server’s members have asked for a lot in this minute: please try again {when}.")
        case Crowd.ALL:
            text = _("Paperboy has more to do just now than it can: please try again {when}.")
    return text.format(when=when)
