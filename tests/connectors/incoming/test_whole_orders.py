"""Orders that ship whole (rule 34) and their shop: what it changes of them leaves all of their cover, or none."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.connectors.incoming.logged import order_of
from tests.connectors.payloads import SHOPIFY, WOO, shopify, woo
from tests.connectors.sending import send_shopify, send_woo
from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import read, set_stock, shape, stock_of
from webshop_orders.models import OrderStatus

LINE = WOO["line_items"][0]
BOTH = [LINE, {**LINE, "id": 2, "sku": "VEKE", "name": "Veke", "quantity": 1}]
REFERENCE = "shopify-450789469"


@pytest.fixture(autouse=True)
def collects(app: object) -> None:
    """A shop that collects its orders for one delivery, and lacks a product."""
    make_product("LJUS-12", stock=10)
    make_product("VEKE", stock=0)
    reshape_shop(ships_whole_by_default=True)


def at(hour: int, **changes: Any) -> dict[str, Any]:
    return woo(date_modified_gmt=f"2026-11-21T{hour:02}:00:00", **{"line_items": BOTH, **changes})


def test_rule_34_an_order_of_a_shop_follows_the_default_and_takes_nothing_in_part(shop: FlaskClient) -> None:
    send_woo(shop, at(1))

    assert order_of().ships_whole
    assert shape(order_of()) == {1: [("LJUS-12", 3, 0), ("VEKE", 1, 0)]}
    set_stock("VEKE", 1)
    assert shape(order_of()) == {1: [("LJUS-12", 3, 3), ("VEKE", 1, 1)]}


@pytest.mark.parametrize("level", [0, 1])
def test_rule_34_lines_that_its_shop_changes_are_shown_and_take_no_part(shop: FlaskClient, level: int) -> None:
    send_woo(shop, at(1))
    set_stock("VEKE", level)
    before = shape(order_of())

    send_woo(shop, at(2, line_items=[LINE, {**BOTH[1], "quantity": 4}]))
    send_woo(shop, at(3, line_items=[LINE]))

    order = order_of()
    assert "lines.VEKE" in {difference.field for difference in order.shop_differences}
    assert shape(order) == before
    assert {row[2] for row in before[1]} == ({0} if level == 0 else {1, 3})


def test_rule_34_units_that_its_shop_took_off_are_shown_and_take_no_part(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    set_stock("LJUS-12", 2)
    item = {**SHOPIFY["line_items"][0], "current_quantity": 2}

    send_shopify(shop, shopify(updated_at="2026-11-21T10:00:00+01:00", line_items=[item]))

    assert "lines.LJUS-12" in {difference.field for difference in order_of(REFERENCE).shop_differences}
    assert shape(order_of(REFERENCE)) == {1: [("LJUS-12", 3, 0)]}


def test_rule_34_what_its_shop_cancels_goes_to_others_and_it_comes_back_with_nothing(shop: FlaskClient) -> None:
    set_stock("VEKE", 1)
    send_woo(shop, at(1))
    waiting = make_order(("VEKE", 1), ships_whole=False)
    assert shape(order_of()) == {1: [("LJUS-12", 3, 3), ("VEKE", 1, 1)]}

    send_woo(shop, at(2, status="cancelled"))
    assert (order_of().status, shape(waiting)) == (OrderStatus.CANCELLED, {1: [("VEKE", 1, 1)]})

    send_woo(shop, at(3))
    assert shape(order_of()) == {1: [("LJUS-12", 3, 0), ("VEKE", 1, 0)]}
    assert stock_of("LJUS-12") == (10, 0, 3)


def test_rule_34_what_its_shop_puts_on_hold_and_releases_is_covered_whole(shop: FlaskClient) -> None:
    set_stock("VEKE", 1)
    send_woo(shop, at(1, status="on-hold"))
    set_stock("VEKE", 0)
    assert {row[2] for rows in shape(order_of()).values() for row in rows} == {0}

    set_stock("VEKE", 1)
    send_woo(shop, at(2, status="processing"))

    assert shape(order_of()) == {1: [("LJUS-12", 3, 3), ("VEKE", 1, 1)]}
    assert not read(order_of()).holds
