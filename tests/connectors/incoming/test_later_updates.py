"""What a shop tells of an order later: payments, what left there, and what its customer told it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.connectors.incoming.logged import order_of
from tests.connectors.payloads import SHOPIFY, WOO, shopify, woo
from tests.connectors.sending import outcome, send_shopify, send_woo
from tests.factories import make_product
from tests.operations.steps import changing, kinds_of, messages_of, read, stock_of
from webshop_orders.models import Actor, EventKind, Order, OrderStatus
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import lines, shipments, splits, tracking

REFERENCE = "shopify-450789469"
LINE = WOO["line_items"][0]


def later(hours: int = 1, **changes: Any) -> dict[str, Any]:
    return woo(date_modified_gmt=f"2026-11-20T{9 + hours:02}:30:00", **changes)


def later_shopify(hours: int = 1, **changes: Any) -> dict[str, Any]:
    return shopify(updated_at=f"2026-11-20T{10 + hours:02}:30:00+01:00", **changes)


def fulfilment(number: int = 1, quantity: int = 3, *codes: str) -> dict[str, Any]:
    return {
        "id": number,
        "status": "success",
        "created_at": "2026-11-21T09:00:00+01:00",
        "tracking_company": "PostNord" if codes else None,
        "tracking_numbers": list(codes),
        "line_items": [{**SHOPIFY["line_items"][0], "quantity": quantity}],
    }


def fulfilled(hours: int, *fulfilments: dict[str, Any], status: str | None = "fulfilled") -> dict[str, Any]:
    return later_shopify(hours, fulfillment_status=status, fulfillments=list(fulfilments))


def balance(order: Order) -> int:
    return compute_totals(order).balance


def differences(order: Order) -> dict[str, tuple[str | None, str | None]]:
    return {difference.field: (difference.here, difference.shop) for difference in order.shop_differences}


@pytest.fixture(autouse=True)
def candles(app: object) -> None:
    make_product("LJUS-12", stock=10)


def test_what_the_shop_gave_back_is_no_debt(shop: FlaskClient) -> None:
    send_woo(shop, WOO)
    send_woo(shop, later(refunds=[{"id": 3, "reason": "Skadad", "total": "-47.00"}]))

    order = order_of()
    assert (order.paid, order.refunded, balance(order)) == (60_000, 4_700, 0)
    assert (order.credited, order.written_off) == (4_700, 0)
    assert kinds_of(order)[1:] == [EventKind.REFUND_DONE]


def test_a_refund_asks_for_nothing_where_staff_took_the_units_out_as_well(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, WOO)
    send_woo(shop, later(refunds=[{"id": 3, "reason": "Skadad", "total": "-199.33"}]))
    with changing(order_of(), anna) as order:
        lines.change(next(order.lines), quantity=2, by=anna)
    assert balance(order_of()) == 0


def test_an_order_that_was_made_smaller_before_it_was_charged_owes_nothing(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    item = {**SHOPIFY["line_items"][0], "current_quantity": 2}
    send_shopify(shop, later_shopify(line_items=[item], current_total_price="415.00"))

    order = order_of(REFERENCE)
    assert (order.paid, balance(order)) == (41_500, 0)
    assert "lines.LJUS-12" in differences(order)
    with changing(order, anna) as order:
        lines.change(next(order.lines), quantity=2, by=anna)
    assert balance(order_of(REFERENCE)) == 0


def test_what_staff_added_is_still_asked_for(shop: FlaskClient, anna: Actor) -> None:
    swish = {"payment_method": "swish", "payment_method_title": "Swish"}
    send_woo(shop, woo(**swish))
    with changing(order_of(), anna) as order:
        lines.change(next(order.lines), quantity=4, by=anna)
    debt = balance(order_of())
    send_woo(shop, later(**swish, refunds=[{"id": 3, "reason": "Kulans", "total": "-10.00"}]))
    assert debt > 0
    assert balance(order_of()) == debt


def test_a_price_that_staff_raised_is_still_asked_for(shop: FlaskClient, anna: Actor) -> None:
    swish = {"payment_method": "swish", "payment_method_title": "Swish"}
    send_woo(shop, woo(**swish))
    with changing(order_of(), anna) as order:
        line = next(order.lines)
        lines.change(line, unit_price=line.unit_price + 10_000, reason="Gravyr", by=anna)
    debt = balance(order_of())
    send_woo(shop, later(**swish, refunds=[{"id": 3, "reason": "Kulans", "total": "-10.00"}]))
    assert debt > 0
    assert balance(order_of()) >= debt


def test_a_payment_that_comes_later_is_paid_by_its_method(shop: FlaskClient) -> None:
    send_woo(shop, woo(date_paid_gmt=None, payment_method="bacs", payment_method_title="Faktura"))
    send_woo(shop, later(payment_method="swish", payment_method_title="Swish"))
    order = order_of()
    assert (order.payment_method, order.paid, balance(order)) == ("swish", 64_700, 0)


def test_a_repeat_of_a_refund_changes_nothing(shop: FlaskClient) -> None:
    send_woo(shop, WOO)
    for _turn in range(3):
        send_woo(shop, later(refunds=[{"id": 3, "reason": "", "total": "-47.00"}]))
    assert kinds_of(order_of())[1:] == [EventKind.REFUND_DONE]


def test_what_left_the_shop_later_is_shipped_here_too_and_nobody_is_mailed(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    mails = len(messages_of(order_of(REFERENCE)))
    for _turn in range(2):
        send_shopify(shop, fulfilled(1, fulfilment(1, 3, "00373500489530470001")), "orders/fulfilled")

    order = order_of(REFERENCE)
    assert order.status is OrderStatus.SHIPPED
    assert [code.code for code in order.shipments[0].tracking_codes] == ["00373500489530470001"]
    assert order.shipments[0].shipped_at is not None
    assert order.shipments[0].shipped_at.day == 21
    assert len(messages_of(order)) == mails
    assert stock_of("LJUS-12") == (7, 0, 0)
    assert order.shop_differences == []


def test_a_part_that_left_is_a_shipment_of_its_own_and_the_rest_stays_open(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled(1, fulfilment(1, 1, "AA-1"), status="partial"))
    order = order_of(REFERENCE)
    assert order.status is OrderStatus.PARTLY_SHIPPED
    assert sorted((item.quantity, item.is_shipped) for item in order.shipments) == [(1, True), (2, False)]

    send_shopify(shop, fulfilled(2, fulfilment(1, 1, "AA-1"), fulfilment(2, 2, "AA-2")))
    order = order_of(REFERENCE)
    assert order.status is OrderStatus.SHIPPED
    assert sorted(code.code for item in order.shipments for code in item.tracking_codes) == ["AA-1", "AA-2"]
    assert stock_of("LJUS-12") == (7, 0, 0)


def test_a_completed_order_of_woocommerce_is_shipped(shop: FlaskClient) -> None:
    send_woo(shop, WOO)
    send_woo(shop, later(status="completed", date_completed_gmt="2026-11-20T10:20:00"))
    assert order_of().status is OrderStatus.SHIPPED


def test_codes_that_come_after_the_goods_left_are_added(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled(1, fulfilment(1, 3)))
    send_shopify(shop, fulfilled(2, fulfilment(1, 3, "AA-1")))
    order = order_of(REFERENCE)
    assert [code.code for code in order.shipments[0].tracking_codes] == ["AA-1"]


def test_a_code_that_staff_removed_does_not_come_back(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled(1, fulfilment(1, 3, "AA-1")))
    with changing(order_of(REFERENCE), anna) as order:
        tracking.remove(order.shipments[0], order.shipments[0].tracking_codes[0].id, by=anna)
    send_shopify(shop, fulfilled(2, fulfilment(1, 3, "AA-1")))
    assert order_of(REFERENCE).shipments[0].tracking_codes == []


def test_an_order_that_staff_changed_is_not_shipped_but_shown_as_different(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    with changing(order_of(REFERENCE), anna) as order:
        lines.change(next(order.lines), quantity=2, by=anna)
    send_shopify(shop, fulfilled(1, fulfilment(1, 3)))

    order = order_of(REFERENCE)
    assert order.status is OrderStatus.READY
    assert differences(order)["fulfilled"] == ("0", "3")


def test_what_staff_shipped_themselves_is_not_shipped_twice(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    with changing(order_of(REFERENCE), anna) as order:
        shipments.ship(order.shipments[0], by=anna)
    send_shopify(shop, fulfilled(1, fulfilment(1, 3, "AA-1")))

    order = order_of(REFERENCE)
    assert kinds_of(order).count(EventKind.SHIPMENT_SHIPPED) == 1
    assert order.shop_differences == []
    assert [code.code for code in order.shipments[0].tracking_codes] == ["AA-1"]
    assert stock_of("LJUS-12") == (7, 0, 0)


def test_an_order_that_staff_split_is_shipped_all_the_same(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    with changing(order_of(REFERENCE), anna) as order:
        splits.split(next(order.lines), 1, to=None, by=anna)
    send_shopify(shop, fulfilled(1, fulfilment(1, 3)))
    assert order_of(REFERENCE).status is OrderStatus.SHIPPED


def test_an_order_shipped_here_alone_shows_no_difference(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, WOO)
    with changing(order_of(), anna) as order:
        shipments.ship(order.shipments[0], by=anna)
    send_woo(shop, later(customer_note="Ny lapp"))
    assert order_of().shop_differences == []


def test_number_attributes_and_language_follow_while_nobody_changed_them(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    wish = {"name": "Önskad dag", "value": "fredag"}
    send_shopify(shop, later_shopify(name="#1001-B", customer_locale="en", note_attributes=[wish]))
    order = order_of(REFERENCE)
    assert (order.shop_number, order.language) == ("#1001-B", "en")
    assert [(item.name, item.value) for item in order.attributes] == [("Önskad dag", "fredag")]
    assert "1001-b" in read(order).search_text


def test_a_language_that_staff_chose_stays(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    with changing(order_of(REFERENCE), anna) as order:
        order.language = "fi"
    send_shopify(shop, later_shopify(customer_locale="en"))
    assert order_of(REFERENCE).language == "fi"


def test_an_older_message_changes_nothing(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled(5, fulfilment(1, 3)))
    assert outcome(send_shopify(shop, later_shopify(1))) == "outdated"
    assert read(order_of(REFERENCE)).status is OrderStatus.SHIPPED
