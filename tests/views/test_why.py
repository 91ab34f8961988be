"""Every account fits a message and means nothing but itself, whatever the papers and topics; and reads as it should."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.accounts import DayAccount
from digests.editions import edition_on
from digests.plan import Digest
from digests.why import Account, Stage
from papers.expression import Filter, Key, Phrase, Votes
from papers.obstacle import Obstacle
from papers.topic import Topic
from tests.factories import DAY, paper, subscription
from tests.views.test_views import NASTY, PAPERS, TEXT, check, shown
from views.reasons import obstacle_in_words
from views.why import day_why_page, why_page

PHRASES = TEXT.filter(bool).map(lambda text: Phrase(text, ("x", "y")))
OBSTACLES = st.builds(
    Obstacle,
    PHRASES | TEXT.map(lambda text: Filter(Key.AUTHOR, text)) | st.just(Votes(">", 999_999)),
    st.booleans(),
    st.lists(TEXT.filter(bool), max_size=3).map(tuple),
)
ORDERS = TEXT.filter(lambda text: bool(text.strip())).map(lambda text: subscription(topic=Topic(text[:600], Phrase.of("x"))))
ACCOUNTS = st.builds(
    Account,
    ORDERS,
    st.sampled_from(Stage),
    st.none() | PAPERS,
    st.none() | st.just(DAY),
    sources=st.lists(st.sampled_from(["huggingface", "arxiv"]), unique=True).map(tuple),
    missing=st.lists(st.sampled_from(["huggingface", "arxiv"]), unique=True).map(tuple),
    held=st.lists(PHRASES, max_size=8).map(tuple),
    obstacle=st.none() | OBSTACLES,
    edition=st.none() | st.just(edition_on(subscription(), DAY)),
    on_topic=st.integers(0, 300),
    behind=st.integers(0, 300),
    place=st.integers(0, 9),
)


@given(st.none() | PAPERS, TEXT, st.lists(ACCOUNTS, min_size=1, max_size=12))
def test_every_account_fits(found: Any, asked: str, accounts: list[Account]) -> None:
    check(why_page(found, asked, accounts))


@given(ORDERS, st.lists(ACCOUNTS, max_size=60))
def test_every_days_account_fits(order: Any, others: list[Account]) -> None:
    digest = Digest(edition_on(order, DAY), (), 99, 50, 3, ("huggingface", "arxiv"))
    check(day_why_page(DayAccount(digest, tuple(others))))


def test_a_hostile_term_is_only_itself() -> None:
    order = subscription(topic=Topic(NASTY, Phrase.of("x")))
    blocked = Obstacle(Phrase(NASTY, ("x",)), True)
    text = shown(why_page(None, NASTY, [Account(order, Stage.OFF_TOPIC, paper(title=NASTY), obstacle=blocked)]))
    assert "@everyone" not in text.replace("\\@everyone", "")
    assert "](https:" not in text


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        (Obstacle(Phrase.of("survey"), True), "it has the excluded word *survey*."),
        (Obstacle(Filter(Key.CATEGORY, "cs.RO"), False), "it is not in cs.RO."),
        (Obstacle(Filter(Key.CATEGORY, "cs.RO"), True), "it is excluded by `cat:cs.RO`."),
        (Obstacle(Filter(Key.AUTHOR, "le`cun"), False), 'it does not fit `author:"le´cun"`.'),
        (Obstacle(Phrase.of("world model"), False, ("world",)), "nearest term *world model*, of which it has “world”."),
        (
            Obstacle(Phrase.of("world model"), False, ("world", "model")),
            "nearest term *world model*, whose words it has, but not side by side.",
        ),
        (Obstacle(Phrase.of("robot"), False), "nothing of *robot* is in its title, abstract or keywords."),
    ],
)
def test_what_kept_it_off_topic_in_words(obstacle: Obstacle, words: str) -> None:
    assert obstacle_in_words(obstacle) == words
