from __future__ import annotations

import json
import logging
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.merge import unique
from papers.paper import Paper
from sandbox.press import REPLIES, days_in
from sources.base import SourceError
from sources.huggingface import entries_in, papers_in, parse_entry
from tests.conftest import SHARED


def entry(**paper: Any) -> dict[str, Any]:
    """An entry in the shape of the service's, invented."""
    return {
        "paper": {
            "id": "2608.01234",
            "title": "A Small\n Title",
            "authors": [{"name": "Ada Example", "hidden": False}, {"name": "Bo Hidden", "hidden": True}, {"name": "C"}],
            "publishedAt": "2026-08-19T00:00:00.000Z",
            "submittedOnDailyAt": "2026-08-21T00:00:00.000Z",
            "submittedOnDailyBy": {"name": "adaex", "fullname": "Ada Example"},
            "summary": "Abstract\ntext.",
            "upvotes": 24,
            "projectPage": "https://example.org/p",
            "githubRepo": "https://github.com/adaex/p",
            "githubStars": 152,
            "ai_summary": "One sentence.",
            "ai_keywords": ["world model", "latent  space"],
            "organization": {"name": "example-lab", "fullname": "Example Lab"},
            **paper,
        },
        "publishedAt": "2026-08-18T20:00:00.000Z",
        "title": "A Small Title",
        "thumbnail": "https://cdn-thumbnails.huggingface.co/x.png",
        "numComments": 1,
        "unheardOf": {"a": 1},
    }


def test_an_entry_is_read_field_by_field() -> None:
    assert parse_entry(entry()) == Paper(
        id="2608.01234",
        title="A Small Title",
        abstract="Abstract text.",
        authors=("Ada Example", "C"),
        published_at=datetime(2026, 8, 19, tzinfo=UTC),
        featured_on=(date(2026, 8, 21),),
        votes=24,
        comments=1,
        source_summary="One sentence.",
        keywords=("world model", "latent space"),
        repository="https://github.com/adaex/p",
        stars=152,
        project_page="https://example.org/p",
        organisation="Example Lab",
        thumbnail="https://cdn-thumbnails.huggingface.co/x.png",
        submitter="adaex",
    )


def test_every_field_but_id_and_title_is_optional() -> None:
    assert parse_entry({"paper": {"id": "2608.01234", "title": "T"}}) == Paper(id="2608.01234", title="T")


def test_a_flat_paper_is_read_too() -> None:
    assert parse_entry(entry()["paper"]).votes == 24


def test_the_day_asked_for_stands_in_where_the_entry_names_none() -> None:
    old = entry()
    del old["paper"]["submittedOnDailyAt"]
    assert parse_entry(old, date(2024, 3, 20)).featured_on == (date(2024, 3, 20),)


@pytest.mark.parametrize("moment", ["2099-13-01", "9999-12-31T23:59:59-14:00", "", 5, None, "0001-01-01T00:00:00+14:00"])
def test_an_impossible_date_is_none(moment: object) -> None:
    assert parse_entry(entry(publishedAt=moment)).published_at is None


def test_a_naive_date_is_utc() -> None:
    assert parse_entry(entry(publishedAt="2026-08-19T01:02:03")).published_at == datetime(2026, 8, 19, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize("bad", [None, 5, [], {}, {"paper": {"title": "no id"}}, {"paper": {"id": "2608.01234"}}])
def test_a_malformed_entry_is_skipped_and_logged(bad: object, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert [p.id for p in papers_in([bad, entry()])] == ["2608.01234"]
    assert "entry 0 skipped" in caplog.text


@pytest.mark.parametrize("body", [b"", b"<html>no", b'[{"paper":', b'{"error": "x"}', b'"x"', b"\xff", b"[" * 100_000])
def test_a_malformed_reply_is_a_source_error(body: bytes) -> None:
    with pytest.raises(SourceError, match="huggingface"):
        entries_in(body)


def test_an_empty_day_is_an_answer() -> None:
    assert entries_in(b"[]") == []


def test_s9_two_versions_of_a_paper_are_one() -> None:
    versions = [entry(id="2608.01234v1"), entry(id="2608.01234v2", title="A Better Title")]
    (found,) = unique(papers_in(versions))
    assert (found.id, found.title) == ("2608.01234", "A Better Title")


@pytest.mark.parametrize("key", ["publishedAt", "submittedOnDailyAt"])
def test_s13_a_clock_ahead_by_years_dates_nothing_after_the_day_asked_for(key: str) -> None:
    found = parse_entry(entry(**{"publishedAt": "2026-08-19T00:00:00Z", key: "2099-01-01T00:00:00Z"}), date(2026, 8, 21))
    assert found.featured_on == (date(2026, 8, 21),)
    assert found.published_at is not None
    assert found.published_at.tzinfo is UTC
    assert found.published_at.date() <= date(2026, 8, 21)


def test_s14_no_text_keeps_what_could_be_mistaken_for_orders() -> None:
    foul = "\x00\ud800 a\u202eb\u2066c\u200b\n@everyone\x1b[31m " + "x" * 5000
    shape = entry(title=foul, summary=foul, ai_summary=foul, ai_keywords=[foul], authors=[{"name": foul}], githubRepo=foul)
    found = parse_entry(json.loads(json.dumps(shape)))
    texts = [found.title, found.abstract, found.source_summary, found.repository, *found.keywords, *found.authors]
    assert all(text.isprintable() and text.encode() and text.startswith("abc @everyone") for text in texts)


@pytest.mark.parametrize("key", [key for key in entry()["paper"] if key not in ("id", "title")])
@pytest.mark.parametrize("value", [None, "lost", {"a": 1}, [None], 7, -1.5])
def test_s15_a_field_that_is_lost_or_changes_its_kind_costs_no_paper(key: str, value: object) -> None:
    shape = entry(**{key: value})
    assert parse_entry(shape).id == "2608.01234"
    del shape["paper"][key]
    assert parse_entry(shape).title == "A Small Title"


def test_s15_the_sample_replies_still_hold_every_field_that_is_read() -> None:
    bodies = [(REPLIES / f"{day}.json").read_bytes() for day in days_in(REPLIES)]
    found = [paper for body in bodies for paper in papers_in(entries_in(body))]
    blank = Paper(id="", title="")
    unheard_of = {f.name for f in fields(Paper) if all(getattr(p, f.name) == getattr(blank, f.name) for p in found)}
    assert unheard_of == {"categories", "version", "listed_by"}  # arXiv tells these


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda c: st.lists(c, max_size=3))


@given(st.dictionaries(st.sampled_from([*entry()["paper"], "x"]), JSON), st.dictionaries(st.sampled_from(list(entry())), JSON))
def test_an_entry_of_any_shape_is_a_paper_or_a_reason(inner: dict[str, Any], outer: dict[str, Any]) -> None:
    for shape in ({**outer, "paper": inner}, inner, outer):
        try:
            parse_entry(shape)
        except ValueError as reason:
            assert str(reason)


@pytest.mark.parametrize("day", days_in(REPLIES), ids=str)
def test_the_sample_replies_are_read_whole(day: date) -> None:
    entries = entries_in((REPLIES / f"{day}.json").read_bytes())
    found = list(papers_in(entries, day))
    assert len(found) == len(entries) >= 10
    assert {d for p in found for d in p.featured_on} == {day}
    assert all(p.abstract and p.authors and p.published_at for p in found)


@pytest.mark.skipif(not (SHARED / "data/daily_papers").is_dir(), reason="the real replies are not beside this checkout")
def test_real_replies_are_read_whole() -> None:
    for file in sorted((SHARED / "data/daily_papers").glob("*.json")):
        entries = json.loads(file.read_text(encoding="utf-8"))
        assert len(list(papers_in(entries, date.fromisoformat(file.stem)))) == len(entries)
