"""A file of subscriptions: what stands in it, what is wrong with one, and what it would change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.exchange import Contents, changes, difference, file_values, read_file
from papers.subscription import Kind, Mode, State, Subscription, SubscriptionError
from papers.topic import Topic, TopicError
from tests.factories import subscription

ROBOTS = Topic.parse("robot, embodied", "Robots")
FORUM = 20
KINDS = {10: Kind.TEXT, FORUM: Kind.FORUM}
LIMIT = 50
PLAIN = '[[subscriptions]]\nchannel = "10"\ntopic = "speech"\ntime = "09:00"\n'


def order(number: int = 1, **fields: Any) -> Subscription:
    return subscription(id=number, **fields)


def toml(values: dict[str, Any]) -> str:
    """The values as TOML, written here once more by other means than the bot's."""
    lines: list[str] = []
    for part, tables in values.items():
        for table in tables:
            lines += [f"[[{part}]]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    return "\n".join(lines)


def read(text: str, limit: int = LIMIT) -> Contents:
    return read_file(text, 1, KINDS, limit)


STORED = [
    order(1),
    order(2, topic=ROBOTS, at=time(7, 30), zone=ZoneInfo("Europe/Berlin"), mode=Mode.YESTERDAY, role_id=77, size=1),
    order(3, channel_id=FORUM, kind=Kind.FORUM, is_per_paper=True, tag_id=99, sources=("arxiv", "huggingface")),
    order(4, state=State.PAUSED, paused_until=datetime(2026, 7, 1, tzinfo=UTC), is_silent=True, has_discussion=True),
]


def test_what_is_written_and_read_again_changes_nothing() -> None:
    contents = read(toml(file_values([ROBOTS], STORED, {10: "papers"})))
    found = difference(contents, STORED, [ROBOTS])
    assert (found.added, found.changed, found.missing, found.topics) == ((), (), (), ())
    assert set(found.unchanged) == set(STORED)


def test_a_file_starts_a_server_anew() -> None:
    found = difference(read(toml(file_values([ROBOTS], STORED, {}))), [], [])
    assert [replace(new, id=0) for new in found.added] == [
        replace(was, id=0, state=State.ACTIVE, paused_until=None, sources=new.sources)
        for was, new in zip(STORED, found.added, strict=True)
    ]
    assert found.topics == (ROBOTS,)


def test_a_named_topics_text_stands_once_and_is_followed() -> None:
    values = file_values([ROBOTS], STORED, {})
    assert [entry.get("topic") for entry in values["subscriptions"]] == ["everything", None, "everything", "everything"]
    values["topics"][0]["text"] = "robot"
    found = difference(read(toml(values)), STORED, [ROBOTS])
    assert [(was.id, wanted.topic.text) for was, wanted in found.changed] == [(2, "robot")]
    assert [topic.text for topic in found.topics] == ["robot"]


@pytest.mark.parametrize(
    "fields",
    [
        {"at": time(18)},
        {"topic": Topic.parse("speech")},
        {"zone": ZoneInfo("Asia/Tokyo")},
        {"size": 2},
        {"topic": Topic.parse("speech"), "at": time(18)},  # it is the only one of its channel
    ],
)
def test_an_entry_that_was_changed_stands_for_the_same_subscription(fields: dict[str, Any]) -> None:
    stored = [order(1, channel_id=10), order(2, channel_id=11)]
    wanted = replace(stored[0], id=0, **fields)
    found = difference(Contents((), (stored[1], wanted)), stored, [])
    assert found.changed == ((stored[0], replace(wanted, id=1)),)
    assert (found.added, found.missing, found.unchanged) == ((), (), (stored[1],))


def test_of_several_in_a_channel_the_likest_is_meant() -> None:
    speech, video = Topic.parse("speech"), Topic.parse("video")
    stored = [order(1, topic=speech), order(2, topic=video), order(3, topic=video, at=time(20))]
    wanted = [replace(stored[2], size=1), replace(stored[0], at=time(20)), replace(stored[1], id=0)]
    found = difference(Contents((), tuple(wanted)), stored, [])
    assert [(was.id, {k: v for k, _, v in changes(was, now)}) for was, now in found.changed] == [
        (3, {"size": "1"}),
        (1, {"time": "20:00"}),
    ]
    assert [each.id for each in found.unchanged] == [2]


def test_another_channel_is_another_subscription() -> None:
    found = difference(Contents((), (replace(order(1), channel_id=11),)), [order(1)], [])
    assert (len(found.added), found.changed, found.missing) == (1, (), (order(1),))


def test_what_the_file_says_nothing_of_is_kept() -> None:
    paused = STORED[3]
    ((was, wanted),) = difference(Contents((), (replace(order(0), is_silent=True),)), [paused], []).changed
    assert was is paused
    assert (wanted.id, wanted.state, wanted.paused_until) == (4, State.PAUSED, paused.paused_until)


@given(st.permutations(STORED), st.sets(st.integers(0, 3)))
def test_every_stored_one_and_every_entry_is_accounted_for_once(stored: list[Subscription], taken: set[int]) -> None:
    wanted = [replace(each, size=3) if n in taken else each for n, each in enumerate(stored)]
    found = difference(Contents((), tuple(wanted)), STORED, [])
    ids = [was.id for was, _ in found.changed] + [each.id for each in (*found.unchanged, *found.missing)]
    assert sorted(ids) == [1, 2, 3, 4]
    assert len(found.changed) + len(found.unchanged) + len(found.added) == 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no subscription and no topic"),
        ("this is not toml", "not TOML"),
        ('{"json": true}', "not TOML"),
        ("x = " + "9" * 5000, "not TOML"),
        ("x = " + "[" * 100_000, "nested too deeply"),
        (".".join("a" * 100_000) + " = 1", "too many dots"),
        ('x = "" # \'\n[' + ".".join("a" * 100_000) + "]", "too many dots"),
        ('x = """\n\' """, {' + ".".join("a" * 100_000) + " = 1} # '", "triple quotation marks"),
        ("x = '''a'''", "triple quotation marks"),
        ("colour = 1", "no “colour” in such a file"),
        ("subscriptions = 5", "“subscriptions” are tables"),
        ("subscriptions = [1]", "“subscriptions” are tables"),
        ("[subscriptions]", "“subscriptions” are tables"),
        ("[[subscriptions]]", "Subscription 1: A subscription needs “channel”"),
        (PLAIN + PLAIN, "Subscription 2: the file has that very subscription twice"),
        (PLAIN + 'colour = "red"', "Subscription 1: There is no setting “colour”"),
        (PLAIN + "silent = 1", "“silent” is true or false"),
        (PLAIN + "mode = 1", "“mode” is a text"),
        (PLAIN + "mention = 77", "“mention” is a text"),
        (PLAIN + 'mention = "' + "9" * 5000 + '"', "“mention” is an id"),
        (PLAIN + "size = 99", "1 to 8"),
        (PLAIN + "size = 1.5", "a whole number"),
        (PLAIN + "sources = []", "needs a source"),
        (PLAIN + "channel_name = 5", "“channel_name” is a text"),
        (PLAIN + "per_paper = true", "needs a forum"),
        (PLAIN.replace('"10"', "10"), "“channel” is a text"),
        (PLAIN.replace('"10"', '"99"') + 'kind = "direct"', "follows alone"),
        (PLAIN.replace("speech", "(speech"), "Subscription 1: .*never closed"),
        (PLAIN.replace("speech", "x" * 700), "Subscription 1: A topic is 1 to 600"),
        (PLAIN + "[[topics]]\nname = 'A'", "Topic 1: a topic has a “name” and a “text”"),
        (PLAIN + "[[topics]]\nname = 'A'\ntext = 'b'\n[[topics]]\nname = 'a'\ntext = 'c'", "Topic 2: the file has two"),
        (PLAIN + "name = 'A'\n[[topics]]\nname = 'A'\ntext = 'b'", "Subscription 1: its “topic” is not that of"),
        (PLAIN * 51, "at most 50 subscriptions, and the file has 51"),
    ],
)
def test_one_bad_entry_refuses_the_file_and_is_named(text: str, sentence: str) -> None:
    with pytest.raises((SubscriptionError, TopicError), match=sentence) as told:
        read(text)
    assert len(f"{told.value}") < 400
    assert len(f"{told.value}".splitlines()) == 1


def test_a_texts_quotation_marks_and_dots_mean_nothing_to_the_file() -> None:
    topic = Topic.parse("\"world model\" \"it's\", a.b.c.d.e.f.g.h.i.j.k, x'''y # z")
    contents = read(toml(file_values([], [order(1, topic=topic)], {10: 'x"""\n[[topics]]'})))
    assert [each.topic for each in contents.orders] == [topic]
    assert contents.topics == ()


def test_what_the_channel_is_counts_and_not_what_the_file_says() -> None:
    (found,) = read(PLAIN.replace('"10"', f'"{FORUM}"') + 'kind = "text"\nper_paper = true').orders
    assert (found.kind, found.is_per_paper) == (Kind.FORUM, True)


@given(st.text(max_size=60) | st.text("[]=\"'\n.abz1{}#, ", max_size=60))
def test_any_text_is_a_file_or_a_sentence(text: str) -> None:
    for whole in (text, PLAIN + text):
        try:
            read(whole)
        except (SubscriptionError, TopicError) as error:
            assert f"{error}"
