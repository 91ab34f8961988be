"""The ⏮ ◀ 2 / 5 ▶ buttons. A page's address is in the button, so a page can be turned after any restart."""

from __future__ import annotations

import re
from typing import Any

import discord

from views.buttons import Press, row

PAGE_SIZE = 5
ROOM_FOR_REFERENCE = 70  # characters of a custom_id left for what is being paged through
# A sign that tells buttons apart, the page, and letters for how its list is made, if there is a choice.
_PLACE = re.compile(r"[a-z](?P<page>\d{1,4})(?P<flags>[a-z]{0,4})", re.ASCII)


def page_count(things: int) -> int:
    return max(1, -(-things // PAGE_SIZE))


def page_buttons(
    verb: str, page: int, pages: int, reference: str, flags: str = "", *, last: Press | None = None
) -> discord.ui.ActionRow[Any] | None:
    """The row for page ``page`` (from 0) of ``pages``; pressed, ``verb`` is told where to go.

    ``flags`` are up to four letters that every page of the list has. For a single page there is only the ``last`` button, if
    there is one to follow the others; else None.
    """
    if pages < 2:
        return row(last) if last else None

    # Two buttons of a message must differ in custom_id even where both lead to page 1: the sign in front tells them apart.
    def button(sign: str, to: int, label: str, *, disabled: bool) -> Press:
        return Press(verb, page_value(sign, to, reference, flags), label, disabled=disabled)

    buttons = [
        button("f", 0, "⏮", disabled=page == 0),
        button("p", max(0, page - 1), "◀", disabled=page == 0),
        button("h", page, f"{page + 1} / {pages}", disabled=True),
        button("n", min(pages - 1, page + 1), "▶", disabled=page >= pages - 1),
    ]
    return row(*buttons, *([last] if last else []))


def page_value(sign: str, page: int, reference: str, flags: str = "") -> str:
    """What a button that leads to a page carries. With the sign "o" the page opens as a private answer of its own."""
    return f"{sign}{page}{flags}:{reference}"


def page_address(value: str) -> tuple[int, str]:
    """The page number and the reference in a pressed button's value; page 0 where it makes no sense."""
    place, _, reference = value.partition(":")
    found = _PLACE.fullmatch(place)
    return int(found["page"]) if found else 0, reference


def page_flags(value: str) -> str:
    """The letters in a pressed button's value; none where it makes no sense."""
    found = _PLACE.fullmatch(value.partition(":")[0])
    return found["flags"] if found else ""
