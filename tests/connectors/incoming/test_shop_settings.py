"""The settings of a connected shop: what its statuses mean, its time zone, its numbers, and how old orders may be."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.connectors.incoming.logged import calls, order_of, set_up, the_call
from tests.connectors.payloads import SHOPIFY, WOO, shopify, woo
from tests.connectors.sending import outcome, send_shopify, send_woo
from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import messages_of, stock_of
from webshop_orders.connectors.incoming import retries
from webshop_orders.models import Actor, CallOutcome, ConnectionKind, OrderStatus
from webshop_orders.transactions import order_intake

OWN_STATUS = woo(status="hos-konstnaren")


def test_an_unknown_status_waits_for_its_meaning_and_is_taken_then(shop: FlaskClient, anna: Actor) -> None:
    assert outcome(send_woo(shop, OWN_STATUS)) == "not taken"
    assert "hos-konstnaren" in (the_call().reason or "")

    set_up(status_map={"hos-konstnaren": "placed"})
    retries.retry(the_call().id, by=anna)

    call = the_call()
    assert (call.outcome, call.order_id) == (CallOutcome.PLACED, order_of().id)
    assert call.retried_at is not None


@pytest.mark.parametrize(
    ("meaning", "expected"),
    [("placed", "placed"), ("shipped", "placed"), ("cancelled", "not placed yet"), ("left_out", "not placed yet")],
)
def test_a_status_has_the_meaning_that_the_shop_gave_it(shop: FlaskClient, meaning: str, expected: str) -> None:
    set_up(status_map={"hos-konstnaren": meaning})
    assert outcome(send_woo(shop, OWN_STATUS)) == expected


def test_a_known_status_can_be_given_another_meaning(shop: FlaskClient) -> None:
    set_up(status_map={"processing": "left_out"})
    assert outcome(send_woo(shop, WOO)) == "not placed yet"


def test_an_order_of_a_status_that_means_shipped_moves_no_stock_and_mails_nobody(shop: FlaskClient) -> None:
    make_product("LJUS-12", stock=10)
    set_up(status_map={"hos-konstnaren": "shipped"})
    send_woo(shop, OWN_STATUS)

    order = order_of()
    assert order.status is OrderStatus.SHIPPED
    assert messages_of(order) == []
    assert stock_of("LJUS-12") == (10, 0, 0)


def test_times_without_a_zone_are_those_of_the_shop_or_else_ours(shop: FlaskClient) -> None:
    without_zone = {"date_created_gmt": None, "date_created": "2026-11-20T10:14:00"}
    set_up(time_zone="Europe/Helsinki")
    send_woo(shop, woo(**without_zone))
    set_up(time_zone=None)
    reshape_shop(time_zone="Europe/London")
    send_woo(shop, woo(id=728, **without_zone))

    assert order_of().placed_at == datetime(2026, 11, 20, 8, 14, tzinfo=UTC)
    assert order_of("wc-728").placed_at == datetime(2026, 11, 20, 10, 14, tzinfo=UTC)


def test_an_old_order_mails_nobody_but_its_stock_is_held(shop: FlaskClient) -> None:
    make_product("LJUS-12", stock=10)
    reshape_shop(notification_email="butik@example.com")
    set_up(mail_max_age_days=365)
    old = {"date_created_gmt": "2024-01-02T09:00:00", "date_paid_gmt": "2024-01-02T09:00:00"}
    send_woo(shop, woo(**old, date_modified_gmt="2024-01-02T09:00:00"))

    order = order_of()
    assert messages_of(order) == []
    assert stock_of("LJUS-12") == (10, 3, 0)
    assert "gammal" in (the_call().reason or "")


def test_the_shops_number_is_ours_where_that_is_set(shop: FlaskClient) -> None:
    set_up(ConnectionKind.SHOPIFY, uses_shop_number=True)
    send_shopify(shop, SHOPIFY)
    order = order_of("shopify-450789469")
    assert (order.number, order.shop_number) == ("1001", "#1001")


@pytest.mark.parametrize(("name", "reason"), [("#1001", "upptaget"), ("#10/01", "inte användas")])
def test_an_order_whose_number_is_taken_or_impossible_gets_one_of_ours(
    shop: FlaskClient, name: str, reason: str
) -> None:
    make_order(("A", 1), number="1001")
    set_up(ConnectionKind.SHOPIFY, uses_shop_number=True)
    assert outcome(send_shopify(shop, shopify(name=name))) == "placed"

    assert order_of("shopify-450789469").number.startswith("WS-")
    assert reason in (calls()[-1].reason or "")


def test_a_number_that_another_order_gets_meanwhile_is_left_to_it(
    shop: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_order(("A", 1), number="1001")
    set_up(ConnectionKind.SHOPIFY, uses_shop_number=True)
    monkeypatch.setattr(order_intake, "is_number_taken", lambda number: False)
    assert outcome(send_shopify(shop, SHOPIFY)) == "placed"
    assert order_of("shopify-450789469").number.startswith("WS-")
