"""Buttons that outlive the process: what one means is in its custom_id, and nothing of it in memory."""

from __future__ import annotations

import re
from typing import Any, Self, cast

import discord
from discord.ext import commands

from papers.language import N_, _
from views.limits import BUTTON_LABEL, CUSTOM_ID

_FORM = re.compile(r"(?P<verb>[a-z]{1,16}):(?P<value>.*)", re.DOTALL)
EXPIRED = N_("That button is from an older Paperboy and does nothing any more. The commands still do: try `/today`.")


class Press(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_FORM):
    """A button whose press is told to the cogs as the event ``<verb>_pressed``, with the interaction and the value."""

    def __init__(
        self,
        verb: str,
        value: str,
        label: str,
        *,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
    ) -> None:
        custom_id = f"{verb}:{value}"
        if len(custom_id) > CUSTOM_ID:
            raise ValueError(f"a button's custom_id of {len(custom_id)} characters: {custom_id}")
        super().__init__(discord.ui.Button(label=label[:BUTTON_LABEL], custom_id=custom_id, style=style, disabled=disabled))
        self.verb = verb
        self.value = value

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["verb"], match["value"], "-")

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        bot = cast(commands.Bot, interaction.client)
        if not await bot.tree.interaction_check(interaction):
            return
        event = f"{self.verb}_pressed"
        if f"on_{event}" in bot.extra_events:
            bot.dispatch(event, interaction, self.value)
        else:
            await interaction.response.send_message(_(EXPIRED), ephemeral=True)


def row(*buttons: discord.ui.Item[Any]) -> discord.ui.ActionRow[Any]:
    return discord.ui.ActionRow(*buttons)


def layout(*items: discord.ui.Item[Any], accent: int | None = None) -> discord.ui.LayoutView:
    """A message of the given items, in a container with a coloured edge where an ``accent`` is given.

    Its Press buttons are heard without it. So it is stopped before it begins, and discord.py keeps nothing of it in memory, not
    even for the quarter of an hour that it else keeps a private answer.
    """
    view = discord.ui.LayoutView(timeout=None)
    view.stop()
    if accent is None:
        for item in items:
            view.add_item(item)
    else:
        view.add_item(discord.ui.Container(*items, accent_colour=accent))
    return view


def plain(text: str) -> discord.ui.LayoutView:
    """A message of one text."""
    return layout(discord.ui.TextDisplay(text))
