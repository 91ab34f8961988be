"""Which kind a quiet day is, and rows T2–T4 of the catalogue: clocks that jump, days down, a changed subscription."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from digests.calendar import QuietDay, quiet_kind
from digests.deliver import Courier
from digests.planning import plan_due
from papers.subscription import State, Subscription
from sources.announcements import NO_MAILING, holiday
from storage.editions import EditionOutcome
from storage.store import Store
from tests.digests.channel import Channel
from tests.digests.conftest import subscribe
from tests.factories import DAY, NOW, POLICY, paper, subscription

HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "figures", "is_read", "kind"),
    [
        (DAY, (12, 3, 1), True, None),
        (DAY, (12, 3, 3), True, QuietDay.SHOWN_BEFORE),
        (DAY, (12, 0, 0), True, QuietDay.OFF_TOPIC),
        (DAY, (0, 0, 0), True, QuietDay.NOTHING_LISTED),
        (DAY, (0, 0, 0), False, QuietDay.NOT_READ),
        (date(2026, 6, 13), (0, 0, 0), True, QuietDay.WEEKEND),
        (date(2026, 6, 14), (0, 0, 0), False, QuietDay.WEEKEND),
        (date(2026, 6, 14), (2, 0, 0), True, QuietDay.OFF_TOPIC),  # they did list something
        (date(2026, 11, 26), (0, 0, 0), True, QuietDay.HOLIDAY),
    ],
)
def test_a_quiet_day_is_of_a_kind(day: date, figures: tuple[int, int, int], is_read: bool, kind: QuietDay | None) -> None:
    assert quiet_kind(day, *figures, is_read=is_read) is kind


def test_a_holiday_leaves_its_own_day_and_the_next_without_papers() -> None:
    assert holiday(date(2026, 11, 26)) == "Thanksgiving"
    assert holiday(date(2026, 11, 27)) == "Thanksgiving"
    assert holiday(date(2026, 11, 25)) is None
    assert holiday(date(2031, 11, 27)) is None  # nothing is claimed of a year whose calendar is not known


def test_the_holidays_are_dates_of_their_years() -> None:
    for year, days in NO_MAILING.items():
        assert all(date(year, month, day).weekday() < 5 for month, day in days)


async def list_days(store: Store, *days: date) -> None:
    for day in days:
        await store.papers.save_day([paper(day.toordinal() % 99_999, featured_on=(day,))], "huggingface", day, NOW + 30 * ONE_DAY)


async def outcomes(store: Store, order: Subscription, days: int) -> list[EditionOutcome | None]:
    """What became of the editions of the last days, up to DAY."""
    found = {e.day: e.outcome for e, _ in await store.ledger.due_since(NOW - 30 * ONE_DAY) if e.subscription.id == order.id}
    planned = {day for _, day in await store.ledger.days_planned(NOW - 30 * ONE_DAY)}
    wanted = [DAY - n * ONE_DAY for n in reversed(range(days))]
    return [found.get(day, EditionOutcome.EXPIRED if day in planned else None) for day in wanted]


async def test_t3_after_three_days_down_the_newest_comes_and_is_said_to_be_late_and_the_older_expire(
    store: Store, courier: Courier, channel: Channel
) -> None:
    order = await subscribe(store, days_ago=3)
    await list_days(store, *(DAY - n * ONE_DAY for n in range(4)))
    assert await courier.deliver_due(NOW + 5 * HOUR) == 1
    assert channel.messages[0][1].is_late
    assert channel.messages[0][1].edition.day == DAY
    assert await outcomes(store, order, 4) == [EditionOutcome.EXPIRED] * 3 + [EditionOutcome.POSTED]
    assert await courier.deliver_due(NOW + 6 * HOUR) == 0


async def test_t3_how_late_is_too_late_is_the_operators_to_say(store: Store, channel: Channel) -> None:
    order = await subscribe(store)
    await list_days(store, DAY)
    strict = Courier(store, channel, replace(POLICY, too_late=2 * HOUR))
    assert await strict.deliver_due(NOW + 2 * HOUR + timedelta(minutes=1)) == 0
    assert await outcomes(store, order, 1) == [EditionOutcome.EXPIRED]


async def test_t2_a_clock_that_jumps_back_or_ahead_repeats_nothing(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store)
    await list_days(store, DAY, DAY + ONE_DAY)
    jumps = [0, -1, 0, 24, 23, 24, 0, 1]  # hours
    sent = [await courier.deliver_due(NOW + hours * HOUR) for hours in jumps]
    assert sent == [1, 0, 0, 1, 0, 0, 0, 0]  # tomorrow's comes early, if the clock says it is tomorrow; but once
    assert len({digest.edition.day for _, digest in channel.messages}) == 2


async def test_t1_the_night_of_a_clock_change_has_one_edition(store: Store, courier: Courier, channel: Channel) -> None:
    """02:30 comes twice in Berlin on 25 October 2026, and never on 29 March."""
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        midnight = NOW.replace(month=day.month, day=day.day, hour=0) - 2 * HOUR
        order = subscription(at=time(2, 30), zone=ZoneInfo("Europe/Berlin"))
        await store.subscriptions.add(order, midnight)
        await list_days(store, day - ONE_DAY)
        before = len(channel.messages)
        for quarter in range(24):
            await courier.deliver_due(midnight + quarter * HOUR / 4)
        assert len(channel.messages) == before + 1
        for known in await store.subscriptions.active():
            await store.subscriptions.set_state(known.subscription.id, State.REMOVED, midnight)


@pytest.mark.parametrize("at", [time(8), time(9, 30), time(12)])
async def test_t4_a_subscription_changed_after_todays_edition_gets_no_second(
    store: Store, courier: Courier, channel: Channel, at: time
) -> None:
    order = await subscribe(store)
    await list_days(store, DAY, DAY + ONE_DAY)
    assert await courier.deliver_due(NOW) == 1
    await store.subscriptions.change(replace(order, at=at, zone=ZoneInfo("Europe/Berlin")))
    for hour in range(1, 12):
        assert await courier.deliver_due(NOW + hour * HOUR) == 0
    for hour in range(20, 30):
        await courier.deliver_due(NOW + hour * HOUR)
    assert len(channel.messages) == 2


async def test_a_zone_whose_rule_changed_meanwhile_has_one_edition_a_date(store: Store, channel: Channel) -> None:
    """As when time zone data is updated between two starts: the local date counts, not the instant."""
    order = await subscribe(store, zone=ZoneInfo("Asia/Almaty"), at=time(14))
    await list_days(store, DAY)
    assert await Courier(store, channel, POLICY).deliver_due(NOW) == 1
    await store.subscriptions.change(replace(order, zone=ZoneInfo("Asia/Omsk")))  # an hour later, as Almaty was until 2024
    await plan_due(store, NOW + HOUR, POLICY)
    assert await store.ledger.unsent(NOW + HOUR) == []
