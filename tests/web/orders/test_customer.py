"""The tab Kund: addresses that are one and the same, countries by name, and word to the customer of the change."""

from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import ASA, LULEA, make_order
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageKind, Order
from webshop_orders.text import countries

NIKKALA = replace(LULEA, street="Byvägen 4", city="Nikkala", postal_code="953 95")
SAME = "same_address"


@pytest.fixture
def order(app: Flask) -> Order:
    phone_at_door = replace(LULEA, phone="070-123 45 67", pickup_point="Ica Kvantum")
    return make_order(("LJUS-12", 1), shipping_address=phone_at_door, send_confirmation=False)


def url_of(order: Order) -> str:
    return f"/orders/{order.number}/customer"


def save(browser: Browser, order: Order, **values: object) -> Page:
    return Page(browser.send(url_of(order), url_of(order), htmx=True, **values).text)


def mails_of(order: Order) -> list[Message]:
    db.session.rollback()
    return db.session.query(Message).filter_by(order_id=order.id, kind=MessageKind.ORDER_CHANGED).all()


def test_equal_addresses_are_one(staff: Browser, order: Order) -> None:
    page = staff.page(url_of(order))
    assert "Samma som fakturaadress" in page.text
    assert page.form(url_of(order)).values()[SAME] == "yes"

    save(staff, order, **{"billing-street": "Byvägen 4", "billing-city": "Nikkala", "billing-postal_code": "953 95"})

    saved = fresh(order)
    assert saved.billing_address == NIKKALA
    assert saved.shipping_address == replace(NIKKALA, phone="070-123 45 67", pickup_point="Ica Kvantum")


@on_sqlite
def test_addresses_that_differ_are_two(staff: Browser, app: Flask) -> None:
    order = make_order(("LJUS-12", 1), shipping_address=NIKKALA)
    assert SAME not in staff.page(url_of(order)).form(url_of(order)).values()

    save(staff, order, **{"billing-street": "Storgatan 9"})
    assert fresh(order).shipping_address == NIKKALA

    save(staff, order, **{SAME: "yes"})
    assert fresh(order).shipping_address == replace(LULEA, street="Storgatan 9")


@on_sqlite
def test_a_delivery_address_that_is_the_same_no_longer_is_what_is_typed(staff: Browser, order: Order) -> None:
    save(staff, order, **{SAME: "", "shipping-city": "Kiruna"})

    assert (fresh(order).billing_address.city, fresh(order).shipping_address.city) == ("Luleå", "Kiruna")


@on_sqlite
def test_a_mistake_in_the_one_address_is_shown_where_it_was_typed(staff: Browser, order: Order) -> None:
    page = save(staff, order, **{"billing-street": "", "shipping-street": "x"})

    assert page.select("#billing-street-reason")
    assert page.form(url_of(order)).values()[SAME] == "yes"
    assert fresh(order).billing_address == LULEA


def test_a_country_is_chosen_by_its_name(staff: Browser, order: Order) -> None:
    options = {
        option.get("value"): option.text_content()
        for option in staff.page(url_of(order)).select("#billing-country option")
    }
    assert list(options)[:5] == ["SE", "NO", "DK", "FI", "IS"]
    assert (options["SE"], options["DE"], options["AX"]) == ("Sverige", "Tyskland", "Åland")

    save(staff, order, **{"billing-country": "NO"})

    assert fresh(order).shipping_address.country == "NO"


@on_sqlite
@pytest.mark.parametrize("code", ["ZZ", "XX", "EU"])
def test_a_country_that_is_none_stays_until_another_is_chosen(staff: Browser, app: Flask, code: str) -> None:
    order = make_order(("LJUS-12", 1), shipping_address=replace(LULEA, country=code))

    assert staff.page(url_of(order)).form(url_of(order)).values()["shipping-country"] == code
    save(staff, order, **{"customer-name": "Åsa Ek"})
    assert fresh(order).shipping_address.country == code


@given(st.sampled_from(["sv", "en"]))
def test_the_countries_are_those_of_the_world_in_order(language: str) -> None:
    codes = [code for code, _name in countries.choices(language)]
    names = [name for _code, name in countries.choices(language)[len(countries.NORDIC) :]]

    assert len(codes) == len(set(codes)) > 240
    assert {"SE", "AX", "GB", "US", "XK"} <= set(codes)
    assert not {"EU", "UN", "ZZ", "001", "150"} & set(codes)
    assert len(names) == len(set(names))
    if language == "sv":
        assert names.index("Zimbabwe") < names.index("Åland") < names.index("Österrike")


@pytest.mark.usefixtures("mail_server")
def test_the_customer_is_told_of_the_change(staff: Browser, order: Order) -> None:
    assert "Meddela kunden" in staff.page(url_of(order)).text
    typed = {"customer-email": "ny@example.com", "billing-city": "Kalix", "notify": "yes"}
    version = fresh(order).version

    page = save(staff, order, **typed)

    assert "Kund och adresser är sparade. Orderändringen går till ny@example.com." in page.text
    (message,) = mails_of(order)
    assert message.recipient == "ny@example.com"
    assert "Kalix" in message.text
    assert fresh(order).version == version + 1


@on_sqlite
def test_a_form_sent_twice_tells_the_customer_once(staff: Browser, order: Order) -> None:
    values = {**staff.page(url_of(order)).form(url_of(order)).values(), "billing-city": "Kalix", "notify": "yes"}

    first, second = (staff.post(url_of(order), values, htmx=True) for _turn in range(2))

    assert "hålls kvar: ingen e-postserver" in Page(first.text).text
    assert second.status_code in {200, 409}
    assert len(mails_of(order)) == 1


@on_sqlite
def test_without_the_tick_nobody_is_told(staff: Browser, order: Order) -> None:
    assert "går till" not in save(staff, order, **{"billing-city": "Kalix"}).text

    assert mails_of(order) == []


@on_sqlite
def test_a_customer_without_an_address_cannot_be_told(staff: Browser, order: Order) -> None:
    page = save(staff, order, **{"customer-email": "", "billing-city": "Kalix", "notify": "yes"})

    assert page.select("#customer-notify-reason")
    assert fresh(order).billing_address.city == "Luleå", "nothing was saved"
    assert fresh(order).customer == ASA


@on_sqlite
def test_the_fields_that_a_tick_hides_are_those_of_the_billing_address(staff: Browser, order: Order) -> None:
    page = staff.page(url_of(order))

    hidden = [field.get("name") for field in page.select(".own-address :is(input, select)")]
    typed = [name for name in page.form(url_of(order)).values() if name.startswith("billing-")]
    assert hidden == [name.replace("billing-", "shipping-") for name in typed]


@on_sqlite
def test_an_older_form_of_the_same_user_does_not_put_back_what_was_changed_since(staff: Browser, order: Order) -> None:
    older = staff.page(url_of(order)).form(url_of(order)).values()
    save(staff, order, **{"customer-phone": "070-999 88 77"})

    response = staff.post(url_of(order), {**older, "billing-street": "Storgatan 9"}, htmx=True)

    assert response.status_code == 200
    assert fresh(order).customer.phone == "070-999 88 77"
    assert fresh(order).billing_address.street == "Storgatan 9"
