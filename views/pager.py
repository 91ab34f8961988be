"""The ⏮ ◀ 2 / 5 ▶ buttons. A page's address is in the button, so a page can be turned after any restart."""

from __future__ import annotations

from typing import Any

import discord

from views.buttons import Press, row

PAGE_SIZE = 5
ROOM_FOR_REFERENCE = 70  # characters of a custom_id left for what is being paged through


def page_count(things: int) -> int:
    return max(1, -(-things // PAGE_SIZE))


def page_buttons(verb: str, page: int, pages: int, reference: str) -> discord.ui.ActionRow[Any] | None:
    """The row for page ``page`` (from 0) of ``pages``, or None for a single one; pressed, ``verb`` is told where to go."""
    if pages < 2:
        return None
    # Two buttons of a message must differ in custom_id even where both lead to page 1: the sign in front tells them apart.
    return row(
        Press(verb, f"f0:{reference}", "⏮", disabled=page == 0),
        Press(verb, f"p{max(0, page - 1)}:{reference}", "◀", disabled=page == 0),
        Press(verb, f"h{page}:{reference}", f"{page + 1} / {pages}", disabled=True),
        Press(verb, f"n{min(pages - 1, page + 1)}:{reference}", "▶", disabled=page >= pages - 1),
    )


def page_address(value: str) -> tuple[int, str]:
    """The page number and the reference in a pressed button's value; page 0 where it makes no sense."""
    place, _, reference = value.partition(":")
    return int(place[1:]) if place[1:].isdecimal() and len(place) < 6 else 0, reference
