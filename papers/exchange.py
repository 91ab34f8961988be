"""A server's subscriptions and named topics as one TOML file, and what a file would change about those that are there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from papers.language import N_, _
from papers.order_values import FLAGS, order_of, values_of
from papers.presets import PRESETS
from papers.subscription import Kind, Subscription, SubscriptionError
from papers.text import clean
from papers.topic import Topic, TopicError

T = TypeVar("T")

MAX_BYTES = 256 * 1024
_PARTS = ("topics", "subscriptions")
_TRIPLE = frozenset({'"""', "'''"})
_TEXTS_AND_COMMENTS = re.compile(r"""\"\"\"|'''|\"(?:\\.|[^"\\])*"?|'[^']*'?|\#.*""")
_MOST_DOTS = 8
_TOPIC, _SUBSCRIPTION = N_("Topic {number}: {problem}"), N_("Subscription {number}: {problem}")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds, in its order: no topic's name twice, no subscription twice."""

    topics: tuple[Topic, ...]
    orders: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file would change. A changed one is (as it is, as it would be), under the same id; ``missing`` are the stored
    ones that the file has nothing of. Named topics that it does not have are left as they are.
    """

    added: tuple[Subscription, ...] = ()
    changed: tuple[tuple[Subscription, Subscription], ...] = ()
    unchanged: tuple[Subscription, ...] = ()
    missing: tuple[Subscription, ...] = ()
    topics: tuple[Topic, ...] = ()  # new, or with another text


def file_values(topics: Iterable[Topic], orders: Iterable[Subscription], names: Mapping[int, str]) -> dict[str, Any]:
    """What stands in the file; ``names`` are those of the channels, by id.

    A subscription to a named topic leaves the topic's text to the topic, so that it stands in one place.
    """
    listed = [{"name": topic.name, "text": topic.text} for topic in topics]
    texts = {topic["name"]: topic["text"] for topic in listed}
    entries = []
    for order in orders:
        values = values_of(order)
        channel = {"channel": values.pop("channel"), "channel_name": clean(names.get(order.channel_id, ""))}
        if texts.get(values.get("name", "")) == values["topic"]:
            del values["topic"]
        entries.append({key: value for key, value in channel.items() if value} | values)
    # An empty list would be written as one, and then a person could add no table of that name below.
    return {part: tables for part, tables in zip(_PARTS, (listed, entries), strict=True) if tables}


def honest(contents: Contents, topics: Iterable[Topic]) -> Contents:
    """Without the names that subscriptions carry of a topic that says something else: of the ``topics`` there are, of the
    file's or of a preset.
    """
    known = {(topic.name.casefold(), topic.text) for topic in (*PRESETS, *topics, *contents.topics)}

    def named(order: Subscription) -> Subscription:
        topic = order.topic
        is_true = not topic.name or (topic.name.casefold(), topic.text) in known
        return order if is_true else replace(order, topic=replace(topic, name=""))

    return replace(contents, orders=tuple(map(named, contents.orders)))


def read_file(text: str, guild_id: int, kinds: Mapping[int, Kind], limit: int) -> Contents:
    """The topics and subscriptions of a file, every value checked; ``kinds`` are those of the server's channels, by id.

    Raises SubscriptionError and TopicError, naming the entry by its number, for the first thing that is wrong: one bad entry
    refuses the whole file.
    """
    values = _toml(text)
    tables = {part: _tables(values.get(part, []), part) for part in _PARTS}
    if len(tables["subscriptions"]) > limit:
        problem = _("A server has at most {most} subscriptions, and the file has {number}.")
        raise SubscriptionError(problem.format(most=limit, number=len(tables["subscriptions"])))
    topics: dict[str, Topic] = {}
    for number, table in enumerate(tables["topics"], 1):
        topic = _numbered(_TOPIC, number, partial(_topic, table))
        if topic.name.casefold() in topics:
            problem = _("the file has two topics of the name “{name}”.").format(name=topic.name)
            raise SubscriptionError(_(_TOPIC).format(number=number, problem=problem))
        topics[topic.name.casefold()] = topic
    orders: list[Subscription] = []
    for number, table in enumerate(tables["subscriptions"], 1):
        order = _numbered(_SUBSCRIPTION, number, partial(_order, table, guild_id, kinds, topics))
        if any(_facts(order) == _facts(other) for other in orders):
            problem = _("the file has that very subscription twice.")
            raise SubscriptionError(_(_SUBSCRIPTION).format(number=number, problem=problem))
        orders.append(order)
    if not (topics or orders):
        problem = _("That file holds no subscription and no topic: `/subscribe export` writes one to start from.")
        raise SubscriptionError(problem)
    return Contents(tuple(topics.values()), tuple(orders))


def difference(contents: Contents, orders: Sequence[Subscription], topics: Iterable[Topic]) -> Difference:
    """What the file would change about the stored ``orders`` and ``topics``.

    An entry stands for the stored subscription of its channel that is most like it: the same in all, else in topic and hour,
    in topic, or in hour; and where a channel has one of each left, for that.
    """
    pairs, added, missing = _paired(contents.orders, orders)
    changed = [(was, _kept(was, wanted)) for was, wanted in pairs if _facts(was) != _facts(wanted)]
    known = {topic.name.casefold(): topic for topic in topics}
    return Difference(
        added=tuple(added),
        changed=tuple(changed),
        unchanged=tuple(was for was, wanted in pairs if _facts(was) == _facts(wanted)),
        missing=tuple(missing),
        topics=tuple(topic for topic in contents.topics if known.get(topic.name.casefold()) != topic),
    )


def changes(was: Subscription, wanted: Subscription) -> list[tuple[str, str, str]]:
    """What differs, by the keys of the file: (key, before, after); what is not set is empty."""
    before, after = _facts(was), _facts(wanted)
    return [
        (key, _shown(before.get(key)), _shown(after.get(key)))
        for key in [*before, *(key for key in after if key not in before)]
        if before.get(key) != after.get(key)
    ]


def _paired(
    wanted: Sequence[Subscription], stored: Sequence[Subscription]
) -> tuple[list[tuple[Subscription, Subscription]], list[Subscription], list[Subscription]]:
    """(stored, wanted) for what belongs together, then what is left of each."""
    likeness: list[Callable[[Subscription], object]] = [
        lambda order: sorted((key, f"{value}") for key, value in _facts(order).items()),
        lambda order: (order.topic.text, order.at, order.zone),
        lambda order: order.topic.text,
        lambda order: (order.at, order.zone),
    ]
    pairs: list[tuple[Subscription, Subscription]] = []
    left, new = list(stored), list(wanted)
    for alike in likeness:
        for order in list(new):
            same = [was for was in left if was.channel_id == order.channel_id and alike(was) == alike(order)]
            if same:
                pairs.append((same[0], order))
                left.remove(same[0])
                new.remove(order)
    for order in list(new):
        same = [was for was in left if was.channel_id == order.channel_id]
        if len(same) == 1 and [other.channel_id for other in new].count(order.channel_id) == 1:
            pairs.append((same[0], order))
            left.remove(same[0])
            new.remove(order)
    return pairs, new, left


def _toml(text: str) -> dict[str, Any]:
    _require_plain(text)
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise SubscriptionError(_("That file is not of the right form: it is nested too deeply.")) from None
    except ValueError as error:  # TOMLDecodeError, and what its numbers and dates raise
        raise SubscriptionError(_("That file is not TOML: {why}.").format(why=clean(f"{error}")[:200])) from None
    for key in values:
        if key not in _PARTS:
            problem = _("There is no “{key}” in such a file: it holds [[topics]] and [[subscriptions]].")
            raise SubscriptionError(problem.format(key=key[:40]))
    return values


def _require_plain(text: str) -> None:
    """Refuse what no such file needs, before it is parsed: tomllib takes memory by the square of a dotted key's length, so
    that one key of 130,000 parts, in a file of 256 KiB, fills a machine.

    Without texts of several lines, which are refused, each line can be read for itself.
    """
    for number, line in enumerate(text.split("\n"), 1):
        tokens = _TEXTS_AND_COMMENTS.findall(line)
        if _TRIPLE.intersection(tokens):
            problem = _("Line {number} of the file has triple quotation marks: write each text on a line, in single ones.")
            raise SubscriptionError(problem.format(number=number))
        if line.count(".") - sum(token.count(".") for token in tokens) > _MOST_DOTS:
            problem = _("That file is not of the right form: line {number} has too many dots outside of texts.")
            raise SubscriptionError(problem.format(number=number))


def _tables(values: Any, part: str) -> list[dict[str, Any]]:
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise SubscriptionError(_("“{part}” are tables: each begins with a line [[{part}]].").format(part=part))
    return values


def _numbered(entry: str, number: int, read: Callable[[], T]) -> T:
    """Read one entry; an error tells which: ``entry`` is the English text for that."""
    try:
        return read()
    except TopicError as error:
        raise TopicError(_(entry).format(number=number, problem=error), error.place) from None
    except SubscriptionError as error:
        raise SubscriptionError(_(entry).format(number=number, problem=error)) from None


def _topic(table: Mapping[str, Any]) -> Topic:
    name, text = table.get("name"), table.get("text")
    if not isinstance(name, str) or not isinstance(text, str) or len(table) > 2 or not clean(name):
        raise SubscriptionError(_("a topic has a “name” and a “text”, both in quotation marks, and nothing else."))
    return Topic.parse(text, name)


def _order(table: Mapping[str, Any], guild_id: int, kinds: Mapping[int, Kind], topics: Mapping[str, Topic]) -> Subscription:
    values = dict(table)
    if not isinstance(values.pop("channel_name", ""), str):
        raise SubscriptionError(_("“{key}” is a text in quotation marks.").format(key="channel_name"))
    name = values.get("name")
    named = topics.get(clean(name).casefold()) if isinstance(name, str) else None
    if named:
        if values.setdefault("topic", named.text) != named.text:
            problem = _("its “topic” is not that of the topic “{name}” in the file: leave one of them out.")
            raise SubscriptionError(problem.format(name=named.name))
        values["name"] = named.name
    channel = values.get("channel")
    if isinstance(channel, str) and channel.isascii() and channel.isdecimal() and len(channel) < 20 and int(channel) in kinds:
        values["kind"] = kinds[int(channel)].value  # what the channel is counts, not what it was
    order = order_of(values, guild_id)
    if order.kind in {Kind.DIRECT, Kind.INBOX}:
        raise SubscriptionError(_("what a person follows alone is no subscription of a server."))
    return order


def _facts(order: Subscription) -> dict[str, Any]:
    """What a file says of it, in one form."""
    values = values_of(order)
    return values | {flag: flag in values for flag in FLAGS} | {"sources": sorted(set(order.sources))}


def _kept(was: Subscription, wanted: Subscription) -> Subscription:
    """As the file has it, with what the file says nothing of."""
    return replace(
        wanted,
        id=was.id,
        state=was.state,
        paused_until=was.paused_until,
        user_id=was.user_id,
        besides=was.besides,
        language=was.language,
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _("{one} and {other}").format(one=value[0], other=value[1]) if len(value) == 2 else "".join(value)
    return "" if value is None else f"{value}"
