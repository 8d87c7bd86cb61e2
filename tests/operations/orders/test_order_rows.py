"""An order that is read without the ORM is the same as the one that the session knows."""

from types import FunctionType
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import changing
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NotFound
from webshop_orders.models import Actor, Attribute, CommentKind, Order
from webshop_orders.operations.orders import (
    cancellation,
    comments,
    order_rows,
    shipments,
    splits,
    tracking,
)
from webshop_orders.operations.orders.loading import get_order, load_order
from webshop_orders.operations.orders.order_rows import CODE, LINE, ORDER, PRODUCT, SHIPMENT, Parts


def varied_order(by: Actor) -> Order:
    """An order with a shipped and two open shipments, of tracked, untracked and backordered products."""
    make_product("TRACKED", stock=5)
    make_product("SCARCE", stock=1, backorderable=True)
    properties = [Attribute("Text", 'Grattis, "Åsa" 💐')]
    lines = [
        NewLine(sku="TRACKED", name="Tracked", quantity=3, unit_price=10_000, vat_rate=2500, properties=properties),
        NewLine(sku="SCARCE", name="Scarce", quantity=4, unit_price=5_000, vat_rate=1200, discount=100),
        NewLine(sku="FREE TEXT", name="Unknown", quantity=1, unit_price=2**40, vat_rate=0),
    ]
    order = make_order(lines=lines, shipping_method="PostNord", shipping_price=4_900, paid=10_000)
    with changing(order, by) as current:
        first = current.shipments[0]
        splits.split(next(line for line in first.lines if line.sku == "TRACKED"), 2, to=None, by=by)
        splits.split(next(line for line in first.lines if line.sku == "FREE TEXT"), 1, to=None, by=by)
    with changing(order, by) as current:
        left = current.shipments[1]
        for code in ("RR2", "RR1"):
            tracking.add(left, code, "PostNord", None, by=by)
        tracking.add(current.shipments[2], "X 1", None, "https://example.com/x", by=by)
        shipments.ship(left, by=by)
        comments.add(current, CommentKind.INTERNAL, "Ringde", by=by)
    return order


def attributes_of(item: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The attributes and the properties of an object; those that are objects of a model by their ids."""
    kind = type(item)
    properties = [name for parent in kind.__mro__ for name, value in vars(parent).items() if type(value) is property]
    names = tuple(name for name in (*names, *properties) if name not in {"registry", "metadata"})
    return {name: comparable(getattr(item, name)) for name in names}


def comparable(value: Any) -> Any:
    if isinstance(value, FunctionType):
        return None
    if hasattr(value, "id"):
        return type(value).__name__.removeprefix("Plain"), value.id
    if isinstance(value, str | bytes | dict) or not hasattr(value, "__iter__"):
        return type(value), value
    return [comparable(item) for item in value]


def assert_same(plain: Order, entity: Order) -> None:
    assert attributes_of(plain, ORDER.names) == attributes_of(entity, ORDER.names)
    assert plain.customer == entity.customer
    for shipment, other in zip(plain.shipments, entity.shipments, strict=True):
        assert attributes_of(shipment, SHIPMENT.names) == attributes_of(other, SHIPMENT.names)
        assert shipment.order is plain
        for line, other_line in zip(shipment.lines, other.lines, strict=True):
            assert attributes_of(line, LINE.names) == attributes_of(other_line, LINE.names)
            assert line.shipment is shipment
            assert (line.product is None) == (other_line.product is None)
            if line.product is not None:
                assert attributes_of(line.product, PRODUCT.names) == attributes_of(other_line.product, PRODUCT.names)
        for code, other_code in zip(shipment.tracking_codes, other.tracking_codes, strict=True):
            assert attributes_of(code, CODE.names) == attributes_of(other_code, CODE.names)
            assert code.shipment is shipment


def test_it_has_the_same_values_and_properties(app: Flask, anna: Actor) -> None:
    number = varied_order(anna).number
    db.session.remove()

    assert_same(get_order(number), load_order(number))


def test_a_cancelled_order_has_the_same_values(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    db.session.remove()

    assert_same(get_order(order.number), load_order(order.number))


@pytest.mark.parametrize("parts", [Parts.SHIPMENTS, Parts.LINES])
def test_what_was_not_read_is_absent(app: Flask, anna: Actor, parts: Parts) -> None:
    order = get_order(varied_order(anna).number, parts)

    assert [shipment.seq for shipment in order.shipments] == [1, 2, 3]
    with pytest.raises(AttributeError):
        _ = order.shipments[0].tracking_codes
    if parts is Parts.SHIPMENTS:
        with pytest.raises(AttributeError):
            _ = order.shipments[0].lines
    else:
        assert [len(shipment.lines) for shipment in order.shipments] == [2, 1, 1]


def test_an_order_that_does_not_exist_is_not_found(app: Flask) -> None:
    assert order_rows.read("WS-1", Parts.ALL) is None
    with pytest.raises(NotFound, match="WS-1"):
        get_order("WS-1")


def test_no_session_knows_it(app: Flask, anna: Actor) -> None:
    number = varied_order(anna).number
    db.session.remove()

    order = get_order(number)
    order.shop_number = "1"
    db.session.commit()

    assert not list(db.session)
    assert get_order(number).shop_number is None
