"""What `/status` shows of a model and its budget."""

from __future__ import annotations

import pytest

from storage.summaries import Spent
from summaries.asked import Spending
from summaries.budget import Caps
from tests.views.test_views import NASTY, check, shown
from views.status import ModelLine, Status, status_page

FREE = Spending(Caps(), Spent(12_340, 0, 9), Spent(400, 0, 1), 0.0)
PAID = Spending(Caps(money=2.5, price_in=0.1), Spent(12_340, 1_204_000, 1), Spent(), 90.0)


def said(spending: Spending, name: str = "stand-in-7b", *, is_server: bool = True) -> str:
    view = status_page(Status([], {}, None, is_server, [], ModelLine(name, spending)))
    check(view)
    return shown(view).split("**Model, today (UTC)**\n")[1].split("**This server**")[0].strip()


def test_the_day_s_budget_is_shown() -> None:
    assert said(FREE) == ("✓ stand-in-7b: 12,340 of 1,000,000 tokens · this server 400 of 200,000 tokens · 9 calls")
    assert said(PAID) == (
        "⚠ stand-in-7b: 12,340 of 1,000,000 tokens · 1.20 of 2.50 in money · this server 0 of 200,000 tokens · 1 call\n"
        "-# It failed, and is asked again in about 2 minutes."
    )
    assert "this server" not in said(FREE, is_server=False)


@pytest.mark.parametrize("name", [NASTY, "x" * 200])
def test_its_name_is_only_a_name(name: str) -> None:
    assert "@everyone" not in said(FREE, name).replace("\\@everyone", "")


def test_without_a_model_there_is_nothing_of_it() -> None:
    assert "Model" not in shown(status_page(Status([], {}, None, True, [])))
