"""Konfiguration, Pausa: which new orders are held by themselves."""

import pytest
from sqlalchemy import select

from tests.factories import reshape_shop, stored_shop
from tests.web.conftest import Browser
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind, HoldRules

PAGE = "/settings/holds"


@pytest.mark.parametrize("total", ["-1", "1e9", "٣", "many", "10,505", "1000000000000000"])
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_sum_that_is_none_is_refused_and_kept(admin: Browser, total: str, htmx: bool) -> None:
    answer = admin.send(PAGE, PAGE, total_over=total, unpaid="y", htmx=htmx)

    assert answer.status_code == 422
    assert total in answer.text
    assert stored_shop().hold_rules == HoldRules()


def test_only_admins_decide_it(staff: Browser) -> None:
    assert staff.get(PAGE).status_code == 403


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_the_rules_are_saved_shown_and_taken_away(admin: Browser, htmx: bool) -> None:
    admin.send(PAGE, PAGE, unpaid="y", incomplete_address="y", total_over="5 000,50", htmx=htmx)
    assert stored_shop().hold_rules == HoldRules(unpaid=True, incomplete_address=True, total_over=500_050)

    shown = admin.page(PAGE).form(PAGE).values()
    assert (shown["total_over"], "unpaid" in shown, "customer_comment" in shown) == ("5000.50", True, False)

    admin.post(PAGE, {"csrf_token": shown["csrf_token"], "total_over": ""}, htmx=htmx)
    assert stored_shop().hold_rules == HoldRules()


def test_a_sum_of_nothing_holds_every_order_that_costs_something(admin: Browser) -> None:
    admin.send(PAGE, PAGE, total_over="0")

    assert stored_shop().hold_rules == HoldRules(total_over=0)


def test_the_access_log_says_what_was_changed_in_words(admin: Browser) -> None:
    reshape_shop(hold_rules=HoldRules(unpaid=True))
    admin.send(PAGE, PAGE, unpaid=None, customer_comment="y", total_over="5000")

    db.session.rollback()
    assert db.session.scalar(select(AccessEntry.facts).where(AccessEntry.kind == AccessKind.SETTINGS_CHANGED))
    log = admin.page("/settings/access").text
    assert "inte betald" in log
    assert "kunden skrev en kommentar, hög summa > 5" in log
