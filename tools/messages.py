"""Writes every text that people read into ``locales/``: ``make messages``. See docs/languages.md.

The texts of the code are those in calls of papers/language.py's functions. They are read from the syntax tree, since many stand
within f-strings; the commands' names and descriptions are read from the commands themselves.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from discord.ext import commands

import bot.client as client  # with all the cogs
from bot.translating import MENU, texts
from papers.language import ENGLISH, LANGUAGES
from views.catalogue import TEMPLATE, catalogue_file

ROOT = Path(client.__file__).parents[1]
FOLDERS = ("papers", "sources", "storage", "search", "summaries", "digests", "views", "cogs", "bot")
COMMANDS = "commands"  # where their texts are said to come from
# Which arguments of a call are the context, the text, and the text for many.
_CALLS = {
    "_": (None, 0, None),
    "N_": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "counted": (None, 1, 2),
}
# Headers that would make two files differ which say the same, or that nobody fills in.
_OF_NO_USE = ('"POT-Creation', '"PO-Revision', '"Last-Tr', '"Language-Team', '"Report-', '"Generated-By', '"Project-Id')
Text = tuple[str | None, str, str | None]  # its context, the text, and the text for many


def template() -> Catalog:
    """Every text, without a translation, in the order of the files."""
    catalogue = _empty(None)
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            for context, one, many in said_in(file.read_text(encoding="utf-8"), name):
                catalogue.add((one, many) if many else one, locations=[(name, 0)], context=context)
    for context, text in of_commands():
        catalogue.add(text, locations=[(COMMANDS, 0)], context=context)
    return catalogue


def said_in(code: str, name: str) -> Iterator[Text]:
    """The texts in the code of a file. Raises ValueError for one that is put together before it is looked up."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called == "ContextMenu":
            yield from ((MENU, f"{word.value.value!s}", None) for word in node.keywords if isinstance(word.value, ast.Constant))
        elif called in _CALLS:
            context, one, many = (None if place is None else _literal(node, place, name) for place in _CALLS[called])
            if one:
                yield context, one, many


def _literal(call: ast.Call, place: int, name: str) -> str:
    """A text that a call is given; nothing for a variable: what that can be is marked with ``N_`` where it is written."""
    value = call.args[place] if place < len(call.args) else None
    if isinstance(value, ast.Constant):
        return f"{value.value!s}"
    is_made = isinstance(value, ast.JoinedStr | ast.BinOp)
    either = [value.body, value.orelse] if isinstance(value, ast.IfExp) else []
    filled = value.func.value if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) else None
    if is_made or any(isinstance(each, ast.Constant | ast.JoinedStr) for each in [*either, filled]):
        raise ValueError(f"{name}, line {call.lineno}: a text is looked up that is not written in one piece")
    return ""


def of_commands() -> Iterator[tuple[str, str]]:
    """The texts of the commands of all cogs; those of messages are made with the bot, and are found in the code."""
    cogs = [*commands.Cog.__subclasses__(), *commands.GroupCog.__subclasses__()]
    for cog in sorted(cogs, key=lambda cog: cog.__module__):
        if cog.__module__.startswith("cogs."):
            if issubclass(cog, commands.GroupCog):
                yield "command", f"{cog.__cog_group_name__}"
                yield "command description", f"{cog.__cog_group_description__}"
            yield from texts(cog.__cog_app_commands__)


def read(file: Path, language: str) -> Catalog:
    """A catalogue as it is in the file; an empty one where there is none."""
    return read_po(BytesIO(file.read_bytes()), locale=language) if file.exists() else _empty(language)


def write(file: Path, catalogue: Catalog) -> None:
    text = BytesIO()
    write_po(text, catalogue, width=130, include_lineno=False, ignore_obsolete=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = text.getvalue().decode().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith(_OF_NO_USE)), encoding="utf-8")


def _empty(language: str | None) -> Catalog:
    catalogue = Catalog(language, project="Paperboy", charset="utf-8", fuzzy=False)
    catalogue.header_comment = "# The texts of Paperboy, written by `make messages`. See docs/languages.md."
    return catalogue


def main() -> None:
    """Bring the template up to date with the code, and each catalogue with the template: what was translated stays so."""
    found = template()
    write(TEMPLATE, found)
    for language in LANGUAGES:
        if language != ENGLISH:
            catalogue = read(catalogue_file(language), language)
            catalogue.update(found, no_fuzzy_matching=True)
            write(catalogue_file(language), catalogue)
            left = sum(not all(strings(message)) for message in catalogue if message.id)
            sys.stdout.write(f"{LANGUAGES[language]}: {len(catalogue)} texts, {left} to be translated\n")


def strings(message: Message) -> tuple[str, ...]:
    """What a text is translated with: one, or one for each of the language's numbers; "" where there is none yet."""
    said: object = message.string  # a plain string, or a series of them, or None
    return tuple(f"{each or ''}" for each in said) if isinstance(said, tuple | list) else (f"{said or ''}",)


if __name__ == "__main__":
    main()
