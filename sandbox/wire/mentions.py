"""Whom a message would ping. https://discord.com/developers/docs/resources/message#allowed-mentions-object"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.wire.channels import GUILD_ID, Role
from sandbox.wire.rules import Refusal, walk

EVERYTHING = frozenset({"everyone", "roles", "users"})
ONLY_USERS = frozenset({"users"})  # in an answer to an interaction

_ROLE, _USER, _EVERYONE = re.compile(r"<@&(\d+)>"), re.compile(r"<@!?(\d+)>"), re.compile(r"@(everyone|here)\b")
_TEXT_DISPLAY = 10


@dataclass(frozen=True, slots=True)
class Pings:
    """``roles`` and ``users`` are ids, in the order of the text."""

    everyone: bool = False
    roles: tuple[int, ...] = ()
    users: tuple[int, ...] = ()


def pings(body: Mapping[str, Any], roles: Mapping[int, Role], may_all: bool, default: Collection[str] = EVERYTHING) -> Pings:
    """Whom the body's content and texts ping; without ``allowed_mentions`` all of ``default`` is parsed. Raises Refusal.

    Text inside of code counts too, though Discord leaves it alone: the stricter reading.
    """
    allowed = _Allowed(body.get("allowed_mentions"), default)
    texts = [c["content"] for c in walk(body.get("components") or []) if c["type"] == _TEXT_DISPLAY]
    text = "\n".join([body.get("content") or "", *texts])
    named = [roles[id_] for id_ in _ids(_ROLE, text) if id_ in roles and id_ != GUILD_ID]
    return Pings(
        everyone=may_all and "everyone" in allowed.kinds and bool(_EVERYONE.search(text)),
        roles=tuple(role.id for role in named if (role.mentionable or may_all) and allowed.has("roles", role.id)),
        users=tuple(id_ for id_ in _ids(_USER, text) if allowed.has("users", id_)),
    )


class _Allowed:
    """A request's ``allowed_mentions``; an empty ``parse`` allows nobody but those who are listed."""

    def __init__(self, asked: Mapping[str, Any] | None, default: Collection[str]) -> None:
        self.kinds = set(default) if asked is None else set(asked.get("parse") or [])
        self._listed = {kind: {int(id_) for id_ in (asked or {}).get(kind) or []} for kind in ("roles", "users")}
        for kind, listed in self._listed.items():
            if listed and kind in self.kinds:
                raise Refusal(400, 50035, f"Invalid Form Body: allowed_mentions parses and lists {kind}")

    def has(self, kind: str, id_: int) -> bool:
        return kind in self.kinds or id_ in self._listed[kind]


def _ids(pattern: re.Pattern[str], text: str) -> list[int]:
    return list(dict.fromkeys(int(found) for found in pattern.findall(text)))
