"""The customer and the addresses of Shopify's orders."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.shopify.payloads import ADDRESS, line, order
from tests.connectors.shopify.placing import read
from tests.web.conftest import on_sqlite
from webshop_orders.documents.order import NewOrder

pytestmark = on_sqlite


def read_with(**changes: Any) -> NewOrder:
    return read(order(line("SKED", "20.00"), **changes))


def test_the_phone_of_the_recipient_is_in_the_delivery_address(app: Flask) -> None:
    new = read_with(
        phone=None,
        billing_address={**ADDRESS, "phone": "070-174 06 01"},
        shipping_address={**ADDRESS, "name": "Rut Ek", "phone": "070-174 06 02"},
    )
    assert (new.customer.phone, new.shipping_address.phone) == ("070-174 06 01", "070-174 06 02")
    assert new.shipping_address.name == "Rut Ek"


def test_the_phone_of_the_order_is_the_customers(app: Flask) -> None:
    new = read_with(phone="+46701740603", customer={"phone": "070-174 06 04"})
    assert new.customer.phone == "+46701740603"
    assert read_with(customer={"phone": "070-174 06 04"}).customer.phone == "070-174 06 04"


def test_an_e_mail_address_that_is_none_is_kept_and_never_mailed(app: Flask) -> None:
    new = read_with(email="edit(at)example.com")
    assert (new.customer.email, new.customer.unusable_email) == (None, "edit(at)example.com")


def test_an_e_mail_address_with_a_blank_after_it_is_one(app: Flask) -> None:
    assert read_with(email="edit@example.com ").customer.email == "edit@example.com"


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "", "contact_email": "rut@example.com"},
        {"email": None, "customer": {"email": "rut@example.com"}},
        {"email": "rut(at)example.com", "contact_email": "rut@example.com"},
    ],
)
def test_the_first_e_mail_address_that_can_be_used_is_taken(app: Flask, changes: dict[str, Any]) -> None:
    customer = read_with(**changes).customer
    assert (customer.email, customer.unusable_email) == ("rut@example.com", None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"country_code": "NO", "country": "Norway"}, "NO"),
        ({"country_code": None, "country": "Finland"}, "FI"),
        ({"country_code": "", "country": "Sverige"}, "SE"),
        ({"country_code": None, "country": None}, "ZZ"),
    ],
)
def test_a_country_is_read_by_its_code_or_name(app: Flask, fields: dict[str, Any], code: str) -> None:
    assert read_with(shipping_address={**ADDRESS, **fields}).shipping_address.country == code


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de-DE", "de"), ("nb", "nb"), ("zh-Hant-TW", "zh"), ("fi_FI", "fi"), ("SV", "sv"), ("fil", "sv"), (None, "sv")],
)
def test_the_language_is_that_of_the_locale(app: Flask, locale: str | None, language: str) -> None:
    assert read_with(customer_locale=locale).language == language


def test_an_order_without_addresses_is_read(app: Flask) -> None:
    new = read_with(billing_address=None, shipping_address=None, customer={"first_name": "Rut", "last_name": "Ek"})
    assert (new.customer.name, new.billing_address.street, new.billing_address.country) == ("Rut Ek", "-", "ZZ")


def test_the_company_is_that_of_the_buyer(app: Flask) -> None:
    new = read_with(billing_address={**ADDRESS, "company": "Myrberg Bygg AB"})
    assert (new.customer.company, new.billing_address.company) == ("Myrberg Bygg AB", "Myrberg Bygg AB")
