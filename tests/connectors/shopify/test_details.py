"""What the customer told with a Shopify order: details, pick-up point, organisation number, codes and number."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.shopify.payloads import line, order
from tests.connectors.shopify.placing import read
from tests.web.conftest import on_sqlite
from webshop_orders.documents.order import NewOrder

pytestmark = on_sqlite


def with_notes(*notes: tuple[str, Any], **more: Any) -> NewOrder:
    pairs = [{"name": name, "value": value} for name, value in notes]
    return read(order(line("BOK", "120.00", rate="6"), note_attributes=pairs, **more))


def attributes_of(new: NewOrder) -> list[tuple[str, str]]:
    return [(attribute.name, attribute.value) for attribute in new.attributes]


def test_details_of_the_order_are_kept(app: Flask) -> None:
    new = with_notes(
        ("Önskad dag", "fredag"), ("_källa", "app"), ("Presentkort", True), ("Hälsning", "Grattis\nMoster")
    )
    assert attributes_of(new) == [("Önskad dag", "fredag"), ("Hälsning", "Grattis\nMoster")]


@pytest.mark.parametrize(
    "name",
    [
        "Ombud",
        "Utlämningsställe",
        "Pickup point",
        "pickup_point_name",
        "Pickup-Location-Company",
        "servicePoint",
        "Service point",
        "Upphämtningsplats",
        "Parcel locker",
    ],
)
def test_the_pick_up_point_is_in_the_delivery_address(app: Flask, name: str) -> None:
    new = with_notes((name, "Livsboden, Hamngatan 3"))
    assert new.shipping_address.pickup_point == "Livsboden, Hamngatan 3"
    assert (new.billing_address.pickup_point, new.attributes) == (None, [])


def test_a_pick_up_point_in_several_details_is_put_together(app: Flask) -> None:
    new = with_notes(
        ("Pickup point name", "Livsboden"), ("Pickup point address", "Hamngatan 3"), ("Pickup date", "1/12")
    )
    assert new.shipping_address.pickup_point == "Livsboden, Hamngatan 3"
    assert attributes_of(new) == [("Pickup date", "1/12")]


def test_the_id_of_a_pick_up_point_stays_a_detail(app: Flask) -> None:
    new = with_notes(("Pickup-Point-Id", "SE-4711"))
    assert (new.shipping_address.pickup_point, attributes_of(new)) == (None, [("Pickup-Point-Id", "SE-4711")])


def test_an_answer_is_no_pick_up_point(app: Flask) -> None:
    assert attributes_of(with_notes(("Pickup", "Yes"))) == [("Pickup", "Yes")]


def test_the_pick_up_point_of_an_order_without_delivery_address(app: Flask) -> None:
    new = with_notes(("Ombud", "Livsboden"), shipping_address=None)
    assert (new.shipping_address.pickup_point, new.shipping_address.street) == ("Livsboden", "Fyrgatan 14")


@pytest.mark.parametrize(
    "name", ["Organisationsnummer", "Org.nr", "orgnr", "VAT number", "vat_id", "Company tax ID", "EU VAT"]
)
def test_an_organisation_number_is_the_customers(app: Flask, name: str) -> None:
    new = with_notes((name, "556016-0680"))
    assert (new.customer.organisation_number, new.attributes) == ("556016-0680", [])


def test_discount_codes_and_the_purchase_order_number_are_details(app: Flask) -> None:
    new = with_notes(("Färg", "blå"), discount_codes=[{"code": "HÖST10"}, {"code": "FRAKT"}], po_number="4500-17")
    assert attributes_of(new) == [
        ("Färg", "blå"),
        ("Rabattkod", "HÖST10"),
        ("Rabattkod", "FRAKT"),
        ("Inköpsordernummer", "4500-17"),
    ]


def test_the_number_that_the_customer_knows_is_kept(app: Flask) -> None:
    assert read(order(line("BOK", "120.00", rate="6"), name="#SE-2044/B")).shop_number == "#SE-2044/B"


@pytest.mark.parametrize(("test", "is_test"), [(True, True), (False, False), (None, False)])
def test_a_trial_is_marked_as_one(app: Flask, test: bool | None, is_test: bool) -> None:
    assert read(order(line("BOK", "120.00", rate="6"), test=test)).is_test is is_test
