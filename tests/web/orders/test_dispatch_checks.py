"""What fails the checks before dispatch: shown on Frakt, told before it is shipped, and shipped anyway by one click."""

from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import LULEA, make_order, make_product, reshape_shop
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, text_of
from webshop_orders.models import Carrier, DispatchChecks, Order

ALL = DispatchChecks(house_number=True, postal_code=True, phone=True, unpaid=True, unread_comment=True)
AGREED = ["no-code"]
NO_NUMBER = "Leveransadressen har inget husnummer: Storgatan."
UNREAD = "Ingen har svarat på eller läst det som kunden skrev med ordern."


@pytest.fixture
def wrong(app: Flask) -> Order:
    """An order without a house number, paid by swish that did not come, with a comment that nobody read."""
    make_product("LJUS-12", price=10_000)
    reshape_shop(dispatch_checks=ALL)
    address = replace(LULEA, street="Storgatan")
    values = {"payment_method": "swish", "comment": "Ring", "send_confirmation": False}
    return make_order(("LJUS-12", 1), shipping_address=address, **values)


def url_of(order: Order, rest: str = "") -> str:
    return f"/orders/{order.number}{rest}"


def is_shipped(order: Order) -> bool:
    return fresh(order).shipments[0].is_shipped


@on_sqlite
def test_what_fails_is_on_the_card_and_leads_to_where_it_is_mended(staff: Browser, wrong: Order) -> None:
    page = staff.page(url_of(wrong, "/shipping"))

    (card,) = page.select(".failed-checks")
    assert NO_NUMBER in text_of(card)
    assert UNREAD in text_of(card)
    assert "kr av ordern är inte betalt." in text_of(card)
    links = {link.get("href") for link in page.select(".failed-checks a")}
    assert links == {
        url_of(wrong, "/customer"),
        url_of(wrong, "/payments"),
        url_of(wrong, "/comments/reply?tab=shipping"),
    }


@on_sqlite
def test_who_may_mend_nothing_is_told_without_links(warehouse: Browser, wrong: Order) -> None:
    page = warehouse.page(url_of(wrong, "/shipping"))

    assert NO_NUMBER in text_of(page.select(".failed-checks")[0])
    assert page.select(".failed-checks a") == []


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("action", ["status", "tracking"])
@on_sqlite
def test_each_failing_check_is_told_once_and_agreed_to_by_one_click(
    warehouse: Browser, wrong: Order, action: str, *, htmx: bool
) -> None:
    url = url_of(wrong, f"/shipments/1/{action}")
    values = {**warehouse.page(url_of(wrong, "/shipping")).form(url_of(wrong, "/shipments/1/tracking")).values()}

    asked = warehouse.post(url, {**values, "code": "ABC-1", "status": "shipped"}, htmx=htmx)

    page = Page(asked.text)
    assert not is_shipped(wrong)
    told = [text_of(warning) for warning in page.select(".warnings p")]
    assert [sentence for sentence in told if sentence in (NO_NUMBER, UNREAD)] == [NO_NUMBER, UNREAD]
    assert page.select(".failed-checks") == []
    assert "Markera som skickad ändå" in text_of(page.select("#ship-1-anyway")[0])
    answers = page.form(url_of(wrong, "/shipments/1/status")).values()
    assert answers["code"] == "ABC-1"
    agreed = [field.get("value") for field in page.select("#ship-row-1 input[name=agreed]")]
    sent = warehouse.post(
        url_of(wrong, "/shipments/1/status"), {**answers, "agreed": agreed, "status": "shipped"}, htmx=htmx
    )

    assert sent.status_code == (200 if htmx else 303)
    assert is_shipped(wrong)
    assert warehouse.page(url_of(wrong, "/shipping")).select(".failed-checks") == []


@on_sqlite
def test_a_phone_number_is_demanded_for_the_carrier_that_is_chosen_with_the_code(app: Flask, staff: Browser) -> None:
    make_product("LJUS-12", price=10_000)
    carriers = [Carrier("Budbee", "https://b.example/{code}", (), True), Carrier("DHL", "https://d.example/{code}")]
    reshape_shop(dispatch_checks=DispatchChecks(phone=True), carriers=carriers)
    customer = replace(make_order(("LJUS-12", 1)).customer, phone=None)
    order = make_order(("LJUS-12", 1), customer=customer, send_confirmation=False)
    page, url = url_of(order, "/shipping"), url_of(order, "/shipments/1/tracking")
    assert staff.page(page).select(".failed-checks") == []

    asked = staff.send(page, url, code="X-12345", carrier="Budbee", status="shipped")
    assert "Budbee kräver ett telefonnummer, och det saknas." in Page(asked.text).text
    staff.send(page, url, code="X-12345", carrier="DHL", status="shipped")

    assert is_shipped(order)


@on_sqlite
def test_nothing_is_said_where_nothing_is_checked(staff: Browser, wrong: Order) -> None:
    reshape_shop(dispatch_checks=DispatchChecks())

    assert staff.page(url_of(wrong, "/shipping")).select(".failed-checks") == []
    staff.send(url_of(wrong, "/shipping"), url_of(wrong, "/shipments/1/tracking"), code="ABC-1", status="shipped")

    assert is_shipped(wrong)


@on_sqlite
def test_the_checks_read_nothing(staff: Browser, wrong: Order) -> None:
    counts = []
    for checks in (DispatchChecks(), ALL):
        reshape_shop(dispatch_checks=checks)
        with counting() as statements:
            staff.get(url_of(wrong, "/shipping"), htmx=True)
        counts.append(len(statements))

    assert counts[0] == counts[1]


@on_sqlite
def test_it_is_told_in_english_too(staff: Browser, wrong: Order) -> None:
    answer = staff.client.get(url_of(wrong, "/shipping"), headers={"Accept-Language": "en"})

    (card,) = Page(answer.text).select(".failed-checks")
    assert "The delivery address has no house number: Storgatan." in text_of(card)
    assert "of the order is not paid." in text_of(card)
    assert "Correct it under Customer" in text_of(card)
