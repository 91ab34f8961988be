"""Forms (Discord's modals) that outlive the process, as the buttons do: what one means is in its custom_id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import discord

from views.limits import CUSTOM_ID

TITLE = 45  # characters, as of a label and of https://discord.com/developers/docs/components/reference
_FORM = re.compile(r"(?P<verb>[a-z]{1,16}):(?P<value>.*)", re.DOTALL)
_KEPT_S = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Field:
    """A text to type, ``limit`` characters at most; ``text`` is what stands there at first."""

    key: str
    label: str
    text: str = ""
    hint: str = ""
    limit: int = 100
    is_long: bool = False
    is_required: bool = True


class Form(discord.ui.Modal):
    """At most five fields. cogs/forms.py tells the cogs what was typed as the event ``<verb>_filled``.

    discord.py keeps every open form in memory and would answer from there; that memory is not used, so that a form that was
    open while Paperboy restarted is read all the same, and is let go after a while.
    """

    def __init__(self, verb: str, value: str, title: str, *fields: Field) -> None:
        custom_id = f"{verb}:{value}"
        if len(custom_id) > CUSTOM_ID:
            raise ValueError(f"a form's custom_id of {len(custom_id)} characters: {custom_id}")
        super().__init__(title=title[:TITLE], custom_id=custom_id, timeout=_KEPT_S)
        for field in fields:
            self.add_item(discord.ui.Label(text=field.label[:TITLE], component=_text_input(field)))


def filled(data: Mapping[str, Any]) -> tuple[str, str, dict[str, str]] | None:
    """The verb, the value and the texts by key of a form that Discord hands over; None for what is no Form."""
    found = _FORM.fullmatch(f"{data.get('custom_id', '')}")
    return (found["verb"], found["value"], dict(_texts(data.get("components", [])))) if found else None


def _text_input(field: Field) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id=field.key,
        style=discord.TextStyle.paragraph if field.is_long else discord.TextStyle.short,
        default=field.text[: field.limit] or None,
        placeholder=field.hint[:100] or None,
        max_length=field.limit,
        required=field.is_required,
    )


def _texts(components: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for component in components:
        if isinstance(component.get("value"), str):
            yield component["custom_id"], component["value"]
        inner = component.get("component")
        yield from _texts([*component.get("components", []), *([inner] if inner else [])])
