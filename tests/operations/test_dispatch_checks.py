"""What is checked of a shipment before it leaves."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order, make_product, reshape_shop
from tests.operations.steps import changing, read
from webshop_orders import shop_settings
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models import Actor, Carrier, DispatchCheck, DispatchChecks, Order
from webshop_orders.operations import dispatch_checks
from webshop_orders.operations.orders import cancellation, shipments, tracking

ALL = DispatchChecks(house_number=True, postal_code=True, phone=True, unpaid=True, unread_comment=True)
CARRIERS = [Carrier("PostNord", "https://p.example/{code}"), Carrier("Budbee", "https://b.example/{code}", (), True)]
NOBODY = replace(ASA, phone=None)


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    make_product("CANDLE", stock=100, price=10_000)
    reshape_shop(dispatch_checks=ALL, carriers=CARRIERS)


def failed(order: Order) -> list[DispatchCheck]:
    return dispatch_checks.failed_checks(read(order).shipments[0], shop_settings.current())


def order_with(**values: Any) -> Order:
    """A paid order with nothing wrong, but for the values, of which some are of its delivery address."""
    of_address = {name: values.pop(name) for name in list(values) if hasattr(LULEA, name)}
    return make_order(("CANDLE", 1), **{"paid": 10_000, "shipping_address": replace(LULEA, **of_address), **values})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"street": "Storgatan"}, [DispatchCheck.HOUSE_NUMBER]),
        ({"street": "Storgatan", "street2": "12 B"}, []),
        ({"street": "Storgatan", "pickup_point": "ICA Nära"}, []),
        ({"street": "Norrgården"}, []),
        ({"street": "Storgatan", "postal_code": "", "shipping_method": "Hämta i butik"}, []),
        ({"street": "Storgatan", "shipping_method": "PostNord MyPack Collect"}, [DispatchCheck.HOUSE_NUMBER]),
        ({"postal_code": "9723"}, [DispatchCheck.POSTAL_CODE]),
        ({"postal_code": ""}, [DispatchCheck.POSTAL_CODE]),
        ({"postal_code": "0150", "country": "NO"}, []),
        ({"postal_code": "", "country": "IE"}, []),
        ({"customer": NOBODY}, []),  # no carrier demands it
        ({"customer": NOBODY, "shipping_method": "Hemleverans med PostNord"}, []),
        ({"customer": NOBODY, "shipping_method": "Hemleverans med Budbee"}, [DispatchCheck.PHONE]),
        ({"customer": replace(ASA, phone="-"), "shipping_method": "Budbee"}, [DispatchCheck.PHONE]),
        ({"customer": replace(ASA, phone="finns ej"), "shipping_method": "Budbee Box"}, [DispatchCheck.PHONE]),
        ({"customer": replace(ASA, phone="070-123 45 67"), "shipping_method": "Budbee"}, []),
        ({"customer": NOBODY, "phone": "+46 70 123 45 67", "shipping_method": "Budbee"}, []),
        ({"paid": 9_999, "payment_method": "swish"}, [DispatchCheck.UNPAID]),
        ({"paid": 0, "payment_method": "klarna"}, [DispatchCheck.UNPAID]),
        ({"paid": 0, "payment_method": "Invoice"}, []),  # which is paid when the goods have come
        ({"paid": 10_001, "payment_method": "swish"}, []),
    ],
)
def test_a_check_finds_what_it_looks_for_and_nothing_else(
    values: dict[str, Any], expected: list[DispatchCheck]
) -> None:
    assert failed(order_with(**values)) == expected


def test_what_is_paid_by_invoice_is_unpaid_where_the_shop_says_so() -> None:
    order = order_with(paid=0, payment_method="invoice")
    assert failed(order) == []

    reshape_shop(dispatch_checks=DispatchChecks(unpaid=True, invoices_too=True))

    assert failed(order) == [DispatchCheck.UNPAID]


def test_nothing_is_checked_that_is_not_switched_on() -> None:
    order = order_with(street="Storgatan", postal_code="1", paid=0, payment_method="swish")
    assert failed(order) == [DispatchCheck.HOUSE_NUMBER, DispatchCheck.POSTAL_CODE, DispatchCheck.UNPAID]

    reshape_shop(dispatch_checks=DispatchChecks())
    assert failed(order) == []

    reshape_shop(dispatch_checks=DispatchChecks(postal_code=True))
    assert failed(order) == [DispatchCheck.POSTAL_CODE]


def test_the_carrier_of_a_code_says_more_than_the_shipping_method(anna: Actor) -> None:
    order = order_with(customer=NOBODY, shipping_method="Hemleverans med Budbee")
    with changing(order, anna) as current:
        tracking.add_all(current.shipments[0], [NewTrackingCode("UA1234567SE", "PostNord")], by=anna)
    assert failed(order) == []

    with changing(order, anna) as current:
        tracking.add_all(current.shipments[0], [NewTrackingCode("7777777", "Budbee")], by=anna)
    assert failed(order) == [DispatchCheck.PHONE]


def test_what_has_left_or_is_cancelled_fails_nothing(anna: Actor) -> None:
    shipped, cancelled = (order_with(street="Storgatan") for _ in range(2))
    with changing(shipped, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with changing(cancelled, anna) as current:
        cancellation.cancel(current, by=anna)

    assert failed(shipped) == failed(cancelled) == []


def test_each_sentence_names_what_is_wrong() -> None:
    order = order_with(
        street="Storgatan",
        postal_code="972",
        customer=NOBODY,
        shipping_method="Budbee",
        paid=100,
        payment_method="card",
    )

    order = read(order)
    warnings = dispatch_checks.warn_of_failed(order.shipments[0], shop_settings.current())

    assert [(warning.code, warning.sentence) for warning in warnings] == [
        ("house_number", "Leveransadressen har inget husnummer: Storgatan."),
        ("postal_code", "972 är inget postnummer i Sverige."),
        ("phone", "Budbee kräver ett telefonnummer, och det saknas."),
        ("unpaid", "99,00\N{NO-BREAK SPACE}kr av ordern är inte betalt."),
    ]


def test_a_missing_postal_code_is_told_as_such() -> None:
    order = read(order_with(postal_code=""))

    (warning,) = dispatch_checks.warn_of_failed(order.shipments[0], shop_settings.current())

    assert warning.sentence == "Leveransadressen har inget postnummer."
