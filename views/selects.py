"""Selects that outlive the process, as the buttons do: what one means is in its custom_id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self, cast

import discord
from discord.ext import commands

from papers.language import _
from views.buttons import EXPIRED
from views.limits import CHOICE, CHOICES, CUSTOM_ID

# The sign keeps a select's custom_id from being read as a button's, which discord.py tells apart by their form alone.
_FORM = re.compile(r"=(?P<verb>[a-z]{1,16}):(?P<value>.*)", re.DOTALL)


class Choose(discord.ui.DynamicItem[discord.ui.Select[Any]], template=_FORM):
    """A select whose use is told to the cogs as the event ``<verb>_chosen``, with the interaction, the value and the values
    chosen.

    ``options`` are labels by value, at most 25; those in ``chosen`` are shown as the present choice, ``hint`` if there is none.
    """

    def __init__(
        self,
        verb: str,
        value: str,
        options: Mapping[str, str],
        chosen: Iterable[str] = (),
        *,
        is_multiple: bool = False,
        hint: str = "",
    ) -> None:
        custom_id = f"={verb}:{value}"
        if len(custom_id) > CUSTOM_ID or not 1 <= len(options) <= CHOICES:
            raise ValueError(f"a select of {len(options)} options and {len(custom_id)} characters: {custom_id}")
        present = set(chosen)
        super().__init__(
            discord.ui.Select(
                custom_id=custom_id,
                placeholder=hint or None,
                max_values=len(options) if is_multiple else 1,
                options=[
                    discord.SelectOption(label=label[:CHOICE], value=key, default=key in present)
                    for key, label in options.items()
                ],
            )
        )
        self.verb = verb
        self.value = value

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["verb"], match["value"], {"-": "-"})

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        bot = cast(commands.Bot, interaction.client)
        if not await bot.tree.interaction_check(interaction):
            return
        event = f"{self.verb}_chosen"
        if f"on_{event}" in bot.extra_events:
            bot.dispatch(event, interaction, self.value, list(self.item.values))
        else:
            await interaction.response.send_message(_(EXPIRED), ephemeral=True)
