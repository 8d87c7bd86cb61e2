"""A delivery address in another country says that the VAT, which stays, may be another there."""

import pytest
from flask import Flask

from tests.factories import make_order
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.pages import Page, text_of

SENTENCE = "Momsen är kvar som i Sverige, men kan vara en annan i Norge."


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_change_of_country_that_would_change_vat_says_so(app: Flask, staff: Browser, htmx: bool) -> None:
    order = make_order(("CANDLE", 1))
    url = f"/orders/{order.number}"

    page = Page(
        staff.send(f"{url}/customer", f"{url}/customer", htmx=htmx, same_address="", **{"shipping-country": "NO"}).text
    )

    if htmx:
        assert SENTENCE in page.text
    for tab in ("", "/shipping", "/customer"):
        assert SENTENCE in text_of(staff.page(url + tab).select(".order-head")[0])
    assert "Momsen är kvar som i Sverige." in staff.page(f"{url}/history").text
    assert (fresh(order).shipping_address.country, fresh(order).total) == ("NO", 10_000)

    staff.send(f"{url}/customer", f"{url}/customer", htmx=htmx, same_address="", **{"shipping-country": "SE"})
    assert "Momsen" not in text_of(staff.page(url).select(".order-head")[0])


@on_sqlite
def test_a_change_within_the_country_says_nothing_of_vat(app: Flask, staff: Browser) -> None:
    order = make_order(("CANDLE", 1))
    url = f"/orders/{order.number}"

    page = Page(
        staff.send(f"{url}/customer", f"{url}/customer", htmx=True, same_address="", **{"shipping-city": "Piteå"}).text
    )

    assert "Momsen" not in page.text
    assert fresh(order).shipping_address.city == "Piteå"
