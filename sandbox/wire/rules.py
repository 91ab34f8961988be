"""What Discord refuses, and how it says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

CROSSPOSTED, SUPPRESS_EMBEDS, HAS_THREAD, EPHEMERAL, LOADING = 1 << 0, 1 << 2, 1 << 5, 1 << 6, 1 << 7
V2_FLAG = 1 << 15
_TEXT, _MESSAGE_TEXT, _COMPONENTS = 10, 4_000, 40


class Refusal(Exception):
    """An error answer in Discord's form."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "code": code}


class TooMany(Exception):
    """A 429 of user scope, from a limit that no header announces."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"again in {retry_after_s:.1f} s")
        self.retry_after_s = retry_after_s


def check_message(body: dict[str, Any]) -> None:
    """Refuse what Discord refuses of a message (400, code 50035, or 50006 for an empty one)."""
    components = list(walk(body.get("components") or []))
    is_v2 = bool((body.get("flags") or 0) & V2_FLAG)
    if is_v2 and (body.get("content") or body.get("embeds")):
        raise Refusal(400, 50035, "Invalid Form Body: content and embeds do not go with IS_COMPONENTS_V2")
    if not is_v2 and any(c["type"] in {9, 10, 12, 13, 14, 17} for c in components):
        raise Refusal(400, 50035, "Invalid Form Body: components of version 2 need the flag IS_COMPONENTS_V2")
    if len(components) > _COMPONENTS:
        raise Refusal(400, 50035, "Invalid Form Body: more than 40 components")
    if sum(len(c["content"]) for c in components if c["type"] == _TEXT) > _MESSAGE_TEXT:
        raise Refusal(400, 50035, "Invalid Form Body: more than 4000 characters")
    custom_ids = [c["custom_id"] for c in components if c.get("custom_id")]
    if len(set(custom_ids)) < len(custom_ids) or any(len(custom_id) > 100 for custom_id in custom_ids):
        raise Refusal(400, 50035, "Invalid Form Body: custom_id")
    if len(body.get("content") or "") > 2_000 or len(str(body.get("nonce") or "")) > 25:
        raise Refusal(400, 50035, "Invalid Form Body: content or nonce")
    if not (body.get("content") or body.get("embeds") or components):
        raise Refusal(400, 50006, "Cannot send an empty message")


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every component, nested ones and accessories included."""
    for component in components:
        yield component
        yield from walk([*component.get("components", []), *filter(None, [component.get("accessory")])])


def numbered(components: list[dict[str, Any]], ids: Iterator[int]) -> list[dict[str, Any]]:
    """As Discord returns them: each with an id."""
    found = []
    for component in components:
        copy = {**component, "id": component.get("id") or next(ids)}
        if "components" in copy:
            copy["components"] = numbered(copy["components"], ids)
        if copy.get("accessory"):
            copy["accessory"] = numbered([copy["accessory"]], ids)[0]
        found.append(copy)
    return found
