"""What is typed in one's own language is read as the English is."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from papers.language import pgettext, speaking
from papers.pause import parse_until
from papers.presets import PRESETS, preset, presets_like
from papers.subscription import SubscriptionError, parse_days, parse_time
from papers.titles import titles
from papers.typed import in_english
from views.catalogue import learn_all

NOW = datetime(2026, 6, 10, 7, 40, tzinfo=UTC)  # a Wednesday


@pytest.fixture(autouse=True, scope="module")
def languages() -> None:
    learn_all()


@pytest.mark.parametrize(
    ("language", "typed", "days"),
    [
        ("fr", "lun., mer-ven", {0, 2, 3, 4}),
        ("fr", "En semaine", set(range(5))),
        ("fr", "tous les jours", set(range(7))),
        ("fr", "di", {6}),
        ("de", "Di, Do", {1, 3}),
        ("de", "täglich", set(range(7))),
        ("de", "Mon, Wed", {0, 2}),  # English is read in every language
        ("fr", "weekdays", set(range(5))),
    ],
)
def test_days(language: str, typed: str, days: set[int]) -> None:
    with speaking(language):
        assert parse_days(typed) == days


@pytest.mark.parametrize(
    ("language", "typed", "until"),
    [
        ("fr", "jusqu’à lundi", (6, 15)),
        ("fr", "demain", (6, 11)),
        ("fr", "le 1er juillet", (7, 1)),
        ("fr", "24 déc.", (12, 24)),
        ("de", "bis Montag", (6, 15)),
        ("de", "24. Dezember", (12, 24)),
        ("de", "2026-06-20", (6, 20)),
    ],
)
def test_the_end_of_a_pause(language: str, typed: str, until: tuple[int, int]) -> None:
    with speaking(language):
        ends = parse_until(typed, NOW, ZoneInfo("UTC"))
    assert (ends.month, ends.day) == until


@pytest.mark.parametrize(
    ("language", "typed"), [("fr", "3 jours"), ("fr", "pendant 3 jours"), ("de", "3 Tage"), ("de", "3 days")]
)
def test_a_span(language: str, typed: str) -> None:
    with speaking(language):
        assert parse_until(typed, NOW, ZoneInfo("UTC")) == datetime(2026, 6, 13, 7, 40, tzinfo=UTC)


def test_words_of_another_language_are_not_understood() -> None:
    assert in_english("  Lundi et  MARDI ") == "lundi et mardi"
    with pytest.raises(SubscriptionError):
        parse_days("lundi")
    with speaking("de"), pytest.raises(SubscriptionError):
        parse_days("lundi")


@pytest.mark.parametrize(("typed", "at"), [("9 h 30", time(9, 30)), ("9h", time(9)), ("21 Uhr", time(21)), ("8 h", time(8))])
def test_hours(typed: str, at: time) -> None:
    assert parse_time(typed) == at


def test_every_preset_has_a_title_and_is_found_by_it_in_each_language() -> None:
    assert titles() == [each.name for each in PRESETS]
    for language in ("de", "fr"):
        with speaking(language):
            assert [each.label for each in PRESETS] == titles()
            assert len(set(titles())) == len(PRESETS)
            for each in PRESETS:
                assert preset(each.label) is each
                assert preset(each.name.upper()) is each
                assert each in presets_like(each.label)
                assert each in presets_like(each.name)
    with speaking("fr"):
        assert pgettext("preset", "Robotics") != "Robotics"
