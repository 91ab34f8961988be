"""What stands in arXiv's feeds and answers → papers: RSS and Atom, every kind of announcement, and what is no feed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.paper import Paper
from sources import arxiv_feed, arxiv_query
from sources.arxiv_feed import Item, feed_in, names_in, papers_in, parse_item
from sources.arxiv_query import answer_in
from sources.base import Missing, SourceError
from tests.conftest import SHARED

FEEDS = Path(__file__).parent / "feeds"
RECORDED = SHARED / "data/arxiv_atom"
DAY = date(2026, 6, 10)


def body(name: str) -> bytes:
    return (FEEDS / name).read_bytes()


@pytest.mark.parametrize("name", ["announced.rss.xml", "announced.atom.xml"])
def test_new_and_cross_listed_papers_are_announced_and_replacements_are_not(name: str) -> None:
    feed = feed_in(body(name))
    assert feed.day == DAY
    assert papers_in(feed) == [
        Paper(
            id="2606.90101",
            title="Folding τ² Towels with Care",
            abstract="Cloth is hard. We fold it twice & measure x < y.",
            authors=("Ada Müller", "Bo Sample Jr.", "Cleo Instance", "Dan Spécimen"),
            published_at=datetime(2026, 6, 10, tzinfo=UTC),
            featured_on=(DAY,),
            listed_by=("arxiv",),
            categories=("cs.RO", "cs.CL"),
            version=1,
        ),
        Paper(
            id="2606.90102",
            title="Words for Hands",
            abstract="Hands have few words. We give them some.",
            authors=("Eva Pattern",),
            featured_on=(DAY,),
            listed_by=("arxiv",),
            categories=("cs.HC", "cs.CL"),
            version=1,
        ),
    ]


def test_a_malformed_item_costs_no_other(caplog: pytest.LogCaptureFixture) -> None:
    assert len(papers_in(feed_in(body("announced.rss.xml")))) == 2
    assert "skipped: no usable id in “https://arxiv.org/abs/”" in caplog.text


def test_a_feed_rebuilt_today_of_yesterdays_items_is_yesterdays() -> None:
    assert feed_in(body("stale.rss.xml")).day == date(2026, 6, 9)
    rebuilt = body("stale.rss.xml").replace(b"Tue, 09 Jun 2026 00:00:00 -0400", b"Wed, 10 Jun 2026 00:00:00 -0400", 1)
    assert feed_in(rebuilt).day == date(2026, 6, 9)


@pytest.mark.parametrize("description", ["", "Just a text.", "arXiv:x Announce Type: new \nAbstract: Just a text."])
def test_without_a_word_on_its_kind_a_first_version_is_new_and_a_later_one_is_not(description: str) -> None:
    for version, is_announced in [("", True), ("v1", True), ("v2", "Type" in description)]:
        item = Item(f"oai:arXiv.org:2606.90101{version}", "T", description, "", (), "")
        assert (parse_item(item, DAY) is not None) is is_announced


@pytest.mark.parametrize("read", [feed_in, answer_in])
def test_entities_and_document_types_are_refused_at_once(read: Callable[[bytes], object]) -> None:
    outside = b'<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd"><rss><channel/></rss>'
    file = b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><channel><title>&x;</title></channel></rss>'
    started = time.process_time()
    for refused in (body("bomb.rss.xml"), outside, file):
        with pytest.raises(SourceError, match="document type or entities: refused"):
            read(refused)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "broken",
    [b"", b"<rss>", b"<html><body>Busy</body></html>", b'<?xml version="1.0" encoding="x-none"?><rss/>', b"\xff\xfe", b"{}"],
)
@pytest.mark.parametrize("read", [feed_in, answer_in])
def test_what_is_no_feed_is_a_source_error(read: Callable[[bytes], object], broken: bytes) -> None:
    with pytest.raises(SourceError, match=r"^arxiv: the answer is "):
        read(broken)


def test_a_feed_without_a_date_says_so() -> None:
    with pytest.raises(SourceError, match="has no date"):
        feed_in(b"<rss><channel><title>x</title></channel></rss>")


def test_an_error_feed_and_an_error_entry_say_what_is_wrong() -> None:
    with pytest.raises(Missing, match=r"^arxiv: Feed error for query: cs\.XX$"):
        feed_in(body("error.rss.xml"))
    with pytest.raises(Missing, match=r"^arxiv: max_results must be an integer$"):
        answer_in(body("error.atom.xml"))
    long = body("error.rss.xml").replace(b"cs.XX", b"cs.XX " + b"so long " * 1000)
    assert len(arxiv_feed.refusal(long)) <= 200
    assert arxiv_feed.refusal(b"nonsense").startswith("the answer is not XML")
    assert arxiv_query.refusal(body("answer.atom.xml")) == "HTTP 400"


def test_an_answer_of_the_api_is_papers_with_their_dates_versions_and_primary_categories() -> None:
    answer = answer_in(body("answer.atom.xml"))
    assert (answer.listed, answer.total) == (3, 3)  # one of them has no title
    assert answer.papers == (
        Paper(
            id="2606.90201",
            title="Doors that Open",
            abstract="A door is opened 10³ times.",
            authors=("Ida Example", "Jo Specimen"),
            published_at=datetime(2026, 6, 8, 19, 30, tzinfo=UTC),
            listed_by=("arxiv",),
            categories=("cs.RO", "cs.AI"),
            version=2,
        ),
        Paper(
            id="cs/0601001",
            title="An Old One",
            abstract="Old.",
            authors=("Kit Pattern",),
            published_at=datetime(2006, 1, 1, tzinfo=UTC),
            listed_by=("arxiv",),
            version=1,
        ),
    )


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded replies are not beside this checkout")
def test_the_recorded_replies_of_the_api_are_read() -> None:
    one = answer_in((RECORDED / "id_1707.08567_s0_m100.atom.xml").read_bytes())
    (paper,) = one.papers
    assert (paper.id, paper.version, paper.categories, len(paper.authors)) == ("1707.08567", 1, ("cs.IT",), 34)
    many = answer_in((RECORDED / "q_testing_s0_m10.atom.xml").read_bytes())
    assert (len(many.papers), many.listed, many.total) == (10, 10, 214881)
    assert all(p.abstract and p.categories and p.published_at and p.authors for p in many.papers)
    nothing = answer_in((RECORDED / "id_0000.0000_s0_m100.atom.xml").read_bytes())
    assert (nothing.papers, nothing.total) == ((), 0)  # an unknown id is an answer
    with pytest.raises(Missing, match="incorrect id format for abc"):
        answer_in((RECORDED / "id_abc_s0_m100.atom.xml").read_bytes())


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("A. One, B. Two", ["A. One", "B. Two"]),
        ("A. One (Lab (North), City), B. Two", ["A. One", "B. Two"]),
        ("A. One (Lab, City, B. Two", ["A. One (Lab", "City", "B. Two"]),  # a parenthesis without an end swallows nobody
        ("One, Jr., Two, III", ["One Jr.", "Two III"]),
        ("", []),
        (" , ,", []),
    ],
)
def test_authors_are_one_text_of_names(told: str, names: list[str]) -> None:
    assert list(names_in(told)) == names


@given(st.text(max_size=60))
def test_any_text_is_names(told: str) -> None:
    assert all(names_in(told))


@given(st.binary(max_size=80))
def test_any_body_is_a_feed_or_a_source_error(told: bytes) -> None:
    for read in (feed_in, answer_in):
        for whole in (told, b"<rss><channel>" + told + b"</channel></rss>"):
            try:
                read(whole)
            except SourceError as error:
                assert str(error).startswith("arxiv: ")
