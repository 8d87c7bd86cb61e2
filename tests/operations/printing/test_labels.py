"""Address labels: one a parcel, with the address as the post reads it."""

import pytest
from flask import Flask

from tests.factories import LULEA, make_order, make_product, reshape_shop
from tests.operations.printing.lists import ANNA, batch_of
from webshop_orders.db.extensions import db
from webshop_orders.models import Address, Order
from webshop_orders.operations.orders import splits, tracking
from webshop_orders.operations.printing import labels, selection
from webshop_orders.operations.printing.labels import Label, address_lines
from webshop_orders.transactions.unit_of_work import editing

OSLO = Address(name="Bjørn", company="Fjell AS", street="Kirkegata 5", postal_code="0153", city="Oslo", country="NO")


@pytest.fixture
def shop(app: Flask) -> None:
    make_product("DUK")


def labels_of(order: Order, *seqs: int) -> list[Label]:
    db.session.rollback()
    return labels.of(selection.of_references([f"{order.number}-{seq}" for seq in seqs or (1,)]))


def test_each_code_is_a_parcel(shop: None) -> None:
    order = make_order(("DUK", 3))
    with editing(order.number, None, ANNA) as locked:
        splits.split(locked.shipments[0].lines[0], 1, to=None, by=ANNA)
    with editing(order.number, None, ANNA) as locked:
        for code in ("A-1", "A-2"):
            tracking.add(locked.shipments[0], code, "DHL", None, by=ANNA)

    found = [
        (label.shipment.seq, label.tracking.code if label.tracking else None, label.parcel, label.parcels)
        for label in labels_of(order, 1, 2)
    ]
    assert found == [(1, "A-1", 1, 2), (1, "A-2", 2, 2), (2, None, 1, 1)]


@pytest.mark.parametrize(
    ("method", "carrier", "shown"),
    [
        ("PostNord MyPack", "PostNord", (None, "PostNord MyPack")),
        ("Hemleverans", "Budbee", ("Budbee", "Hemleverans")),
        (None, "DHL", ("DHL", None)),
        ("Frakt", None, (None, "Frakt")),
    ],
)
def test_the_carrier_is_named_unless_the_service_says_it(
    shop: None, method: str | None, carrier: str | None, shown: tuple[str | None, str | None]
) -> None:
    order = make_order(("DUK", 1), shipping_method=method)
    with editing(order.number, None, ANNA) as locked:
        tracking.add(locked.shipments[0], "A-1", carrier, None, by=ANNA)

    (label,) = labels_of(order)
    assert (label.carrier, label.service) == shown


def test_a_batch_has_the_box_of_each_shipment(shop: None) -> None:
    batch = batch_of(make_order(("DUK", 1)), make_order(("DUK", 1)))
    db.session.rollback()

    assert [label.box for label in labels.of(selection.of_batch(batch.id))] == [1, 2]


def test_an_address_abroad_ends_with_the_country_as_the_post_reads_it(shop: None) -> None:
    assert address_lines(LULEA, home="SE") == ["Åsa Öberg", "Storgatan 1", "972 31 Luleå"]
    assert address_lines(OSLO, home="SE") == ["Bjørn", "Fjell AS", "Kirkegata 5", "0153 Oslo", "NORWAY"]
    assert address_lines(LULEA, home=None)[-1] == "SWEDEN"


@pytest.mark.parametrize(("time_zone", "last"), [("Europe/Stockholm", "NORWAY"), ("Europe/Oslo", "0153 Oslo")])
def test_the_shop_is_at_home_where_its_time_zone_is(shop: None, time_zone: str, last: str) -> None:
    reshape_shop(time_zone=time_zone)

    (label,) = labels_of(make_order(("DUK", 1), shipping_address=OSLO))
    assert label.recipient[-1] == last
