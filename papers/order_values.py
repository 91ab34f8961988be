"""A subscription as plain values with the names people know, for a file or a draft; and back, with every value checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from papers.language import _
from papers.subscription import (
    Kind,
    Mode,
    OnQuietDay,
    Subscription,
    SubscriptionError,
    Summaries,
    days_in_words,
    parse_days,
    parse_time,
    parse_zone,
)
from papers.topic import Topic

FLAGS = {"silent": "is_silent", "discussion": "has_discussion", "per_paper": "is_per_paper"}
_IDS = {"mention": "role_id", "tag": "tag_id"}
_TEXTS = {"channel", "kind", "topic", "name", "time", "timezone", "days", "quiet_days", "mode", "summaries"}
_KNOWN = {*_TEXTS, "size", "sources", *FLAGS, *_IDS}
# For what a person's own file leaves out, and for files and drafts from before there was such a setting.
_DEFAULTS = {
    "kind": "text",
    "timezone": "UTC",
    "days": "weekdays",
    "quiet_days": "say so",
    "mode": "living",
    "summaries": "short",
}


def values_of(order: Subscription) -> dict[str, Any]:
    """Strings, whole numbers, truth values and lists of strings only; what is not set is left out."""
    values: dict[str, Any] = {
        "channel": f"{order.channel_id}",
        "kind": order.kind.value,
        "topic": order.topic.text,
        "time": f"{order.at:%H:%M}",
        "timezone": order.zone.key,
        "days": days_in_words(order.weekdays),
        "size": order.size,
        "quiet_days": order.on_quiet_day.value,
        "mode": order.mode.value,
        "summaries": order.summaries.value,
        "sources": list(order.sources),
    }
    if order.topic.name:
        values["name"] = order.topic.name
    values |= {key: True for key, field in FLAGS.items() if getattr(order, field)}
    return values | {key: f"{value}" for key, field in _IDS.items() if (value := getattr(order, field)) is not None}


def order_of(values: Mapping[str, Any], guild_id: int) -> Subscription:
    """Raises SubscriptionError and TopicError, each a sentence that names what is wrong. It has no id yet, and is active."""
    for key in values:
        if key not in _KNOWN:
            raise SubscriptionError(_("There is no setting “{key}” of a subscription.").format(key=key[:40]))
        is_other = key in {"size", "sources"}  # they have a check of their own
        if not is_other and not isinstance(values[key], bool if key in FLAGS else str):
            wanted = _("“{key}” is true or false.") if key in FLAGS else _("“{key}” is a text in quotation marks.")
            raise SubscriptionError(wanted.format(key=key))
    text = {**_DEFAULTS, **{key: value for key, value in values.items() if isinstance(value, str)}}
    for key in ("channel", "topic", "time"):
        if key not in text:
            raise SubscriptionError(_("A subscription needs “{key}”, as a text in quotation marks.").format(key=key))
    size = values.get("size", 5)
    sources = values.get("sources", ["huggingface"])
    if not isinstance(size, int) or isinstance(size, bool):
        raise SubscriptionError(_("“{key}” is a whole number.").format(key="size"))
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise SubscriptionError(_('“{key}” is a list, such as ["huggingface", "arxiv"].').format(key="sources"))
    flags: dict[str, Any] = {field: values.get(key) is True for key, field in FLAGS.items()}
    ids: dict[str, Any] = {field: _id(text[key], key) if key in text else None for key, field in _IDS.items()}
    return Subscription(
        guild_id=guild_id,
        channel_id=_id(text["channel"], "channel"),
        topic=Topic.parse(text["topic"], text.get("name", "")),
        at=parse_time(text["time"]),
        zone=parse_zone(text["timezone"]),
        weekdays=parse_days(text["days"]),
        size=size,
        on_quiet_day=_one_of(OnQuietDay, text["quiet_days"], "quiet_days"),
        mode=_one_of(Mode, text["mode"], "mode"),
        summaries=_one_of(Summaries, text["summaries"], "summaries"),
        kind=_one_of(Kind, text["kind"], "kind"),
        sources=tuple(dict.fromkeys(sources)),
        **flags,
        **ids,
    )


def revised(order: Subscription, values: Mapping[str, Any]) -> Subscription:
    """The stored subscription with some of its values changed; its id and whether it posts stay. Raises as ``order_of``."""
    changed = order_of({**values_of(order), **values}, order.guild_id)
    kept = {name: getattr(order, name) for name in ("id", "state", "paused_until", "user_id", "besides", "language")}
    return replace(changed, **kept)


def _id(text: str, key: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and 1 <= int(text) < 2**63):
        raise SubscriptionError(_("“{key}” is an id of Discord’s: digits in quotation marks.").format(key=key))
    return int(text)


def _one_of(kind: Any, text: str, key: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        names = ", ".join(f"“{member.value}”" for member in kind)
        raise SubscriptionError(_("“{key}” is one of {names}.").format(key=key, names=names)) from None
