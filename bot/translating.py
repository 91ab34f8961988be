"""The names and descriptions of the commands in other languages, as Discord shows them to who speaks one; and which it names as a
server's own.

https://discord.com/developers/docs/interactions/application-commands#localization
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Where

from papers.language import ENGLISH, language_of, pgettext, speaking

CONTEXTS = {
    Where.command_name: "command",
    Where.group_name: "command",
    Where.command_description: "command description",
    Where.group_description: "command description",
    Where.parameter_name: "option",
    Where.parameter_description: "option description",
    Where.choice_name: "choice",
}
_LANGUAGES = {locale: language_of(locale.value) for locale in discord.Locale}
MENU = "message command"  # the name of one is free text
Command = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu


class Translator(app_commands.Translator):
    """Looks up what the catalogues have; nothing where that is no other than the English, so that Discord keeps that."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        language = _LANGUAGES[locale]
        if language == ENGLISH or context.location not in CONTEXTS:
            return None
        text = string.message
        with speaking(language):
            found = pgettext(_context(context.location, context.data), text)
        return found if found != text else None


async def payload(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """What ``tree.sync()`` would send, translations included."""
    translator = tree.translator
    commands = tree.get_commands()
    if translator is None:
        return [command.to_dict(tree) for command in commands]
    return [await command.get_translated_payload(tree, translator) for command in commands]


def texts(commands: Iterable[Command]) -> Iterator[tuple[str, str]]:
    """The context and the English of everything about the commands that people read, in the order of the commands."""
    for command in commands:
        if isinstance(command, app_commands.ContextMenu):
            yield MENU, command.name
            continue
        yield "command", command.name
        yield "command description", command.description
        if isinstance(command, app_commands.Group):
            yield from texts(command.commands)
            continue
        for option in command.parameters:
            yield "option", option.display_name
            yield "option description", f"{option.description}"
            yield from (("choice", choice.name) for choice in option.choices)


def _context(where: Where, of: object) -> str:
    return MENU if isinstance(of, app_commands.ContextMenu) else CONTEXTS[where]


def discords_locale(client: discord.Client, last_told: Mapping[int, str]) -> Callable[[int], str]:
    """The locale of a server by its id. While Discord has not told of it, as in an outage, the last one told; "" for none.

    Only a community server can choose one; all others have "en-US":
    https://discord.com/developers/docs/resources/guild#guild-object
    """

    def of(guild_id: int) -> str:
        guild = client.get_guild(guild_id)
        return guild.preferred_locale.value if guild and not guild.unavailable else last_told.get(guild_id, "")

    return of
