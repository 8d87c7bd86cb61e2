"""Refunds that shops tell of: kept once, in whatever sequence and however often they come, with the shop's own sums."""

from itertools import permutations
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.incoming.logged import order_of, outcomes
from tests.connectors.payloads import SHOPIFY, WOO, shopify, woo
from tests.connectors.sending import outcome, send_shopify, send_woo
from tests.factories import make_product
from tests.operations.steps import changing, kinds_of, read
from tests.operations.undo.steps import make_user, redo, undo
from webshop_orders.clock import now
from webshop_orders.models import Actor, EventKind, Order, RefundRowKind, RefundState
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.after_sales import payments, refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import lines, shipments
from webshop_orders.transactions.unit_of_work import writing

REFERENCE = "shopify-450789469"
ITEM = SHOPIFY["line_items"][0]
DAY = "2026-11-21"


@pytest.fixture(autouse=True)
def candles(app: object) -> None:
    make_product("LJUS-12", stock=10)


def woo_refund(number: int, total: str = "-47.00", reason: str = "Skadad") -> dict[str, Any]:
    return {"id": number, "reason": reason, "total": total}


def later_woo(hours: int, *told: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return woo(date_modified_gmt=f"{DAY}T{9 + hours:02}:30:00", refunds=list(told), **changes)


def shopify_refund(
    number: int = 900, hours: int = 1, units: int = 1, amount: str = "183.00", **more: Any
) -> dict[str, Any]:
    """A refund of units at 183.00 each, which is their price after the discount."""
    line = {"line_item_id": 1, "quantity": units, "subtotal": f"{183 * units}.00", "total_tax": f"{36.6 * units:.2f}"}
    money = {"id": number + 1, "kind": "refund", "status": "success", "amount": amount, "gateway": "shopify_payments"}
    return {
        "id": number,
        "order_id": 450789469,
        "created_at": f"{DAY}T{10 + hours:02}:00:00+01:00",
        "note": "Fel färg",
        "refund_line_items": [{**line, "line_item": ITEM, "restock_type": "no_restock"}] if units else [],
        "transactions": [money],
        "order_adjustments": [],
        **more,
    }


def later_shopify(hours: int, left: int, total: str, *told: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The order after refunds: so many units are left of it, and it costs this."""
    return shopify(
        updated_at=f"{DAY}T{10 + hours:02}:30:00+01:00",
        line_items=[{**ITEM, "current_quantity": left}],
        refunds=list(told),
        current_total_price=total,
        financial_status="partially_refunded" if told else "paid",
        **changes,
    )


def money_of(order: Order) -> tuple[int, int, int, int]:
    """What is paid, given back, asked for in all, and left to pay."""
    totals = compute_totals(order)
    return order.paid, order.refunded, totals.due, totals.balance


def references(order: Order) -> list[tuple[str | None, str]]:
    return [(refund.external_reference, refund.state.value) for refund in order.refunds]


def test_a_refund_of_woocommerce_is_kept_with_its_reason_and_the_vat_in_it(shop: FlaskClient) -> None:
    send_woo(shop, WOO)
    send_woo(shop, later_woo(1, woo_refund(3)))
    order = order_of()
    (refund,) = order.refunds
    assert (refund.external_reference, refund.reason, refund.state) == ("3", "Skadad", RefundState.DONE)
    assert (refund.amount, refund.credited, refund.vat) == (4_700, 4_700, {"2500": 940})
    assert [(row.kind, row.amount, row.vat_rate) for row in refund.rows] == [(RefundRowKind.AMOUNT, 4_700, 2_500)]
    assert money_of(order) == (60_000, 4_700, 60_000, 0)
    assert kinds_of(order)[1:] == [EventKind.REFUND_DONE]


def test_a_refund_that_is_deleted_in_the_shop_is_cancelled_here_and_may_come_back(shop: FlaskClient) -> None:
    send_woo(shop, WOO)
    send_woo(shop, later_woo(1, woo_refund(4, "-10.00"), woo_refund(3)))
    send_woo(shop, later_woo(2, woo_refund(4, "-10.00")))
    order = order_of()
    assert references(order) == [("3", "cancelled"), ("4", "done")]
    assert money_of(order) == (63_700, 1_000, 63_700, 0)
    assert kinds_of(order)[-1] is EventKind.REFUND_CANCELLED
    send_woo(shop, later_woo(3, woo_refund(4, "-10.00"), woo_refund(3)))
    order = order_of()
    assert references(order) == [("3", "done"), ("4", "done")]
    assert money_of(order) == (59_000, 5_700, 59_000, 0)


def test_an_order_that_is_not_paid_costs_less_after_a_refund(shop: FlaskClient) -> None:
    unpaid = {"date_paid": None, "date_paid_gmt": None}
    send_woo(shop, woo(**unpaid))
    send_woo(shop, later_woo(1, woo_refund(3), **unpaid))
    order = order_of()
    assert [(refund.amount, refund.credited) for refund in order.refunds] == [(0, 4_700)]
    assert money_of(order) == (0, 0, 60_000, 60_000)


@pytest.mark.parametrize("sequence", list(permutations(range(4)))[::2])
def test_messages_of_woocommerce_in_any_sequence_give_the_same(shop: FlaskClient, sequence: tuple[int, ...]) -> None:
    first, second = woo_refund(3), woo_refund(4, "-10.00", "")
    messages = [WOO, later_woo(1, first), later_woo(2, second, first), later_woo(3, second)]
    for place in (*sequence, *reversed(sequence)):
        assert outcome(send_woo(shop, messages[place])) in {"placed", "followed", "outdated"}
    order = order_of()
    assert money_of(order) == (63_700, 1_000, 63_700, 0)
    assert [reference for reference, state in references(order) if state == "done"] == ["4"]
    assert order.credited + order.written_off == 1_000


def test_a_refund_of_shopify_is_kept_with_its_line_and_the_vat_that_it_states(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, later_shopify(2, 2, "415.00", shopify_refund()))
    order = order_of(REFERENCE)
    (refund,) = order.refunds
    (row,) = refund.rows
    (line,) = order.lines
    assert (row.kind, row.line_id, row.quantity, row.amount) == (RefundRowKind.LINE, line.id, 1, 18_300)
    assert (refund.credited, refund.amount, refund.vat, refund.method) == (18_300, 18_300, {"2500": 3_660}, "card")
    assert (refund.reason, refund.reference) == ("Fel färg", "901")
    assert money_of(order) == (41_500, 18_300, 41_500, 0)


@pytest.mark.parametrize("with_order", [True, False])
def test_a_refund_that_comes_by_itself_is_the_same_as_that_of_its_order(shop: FlaskClient, with_order: bool) -> None:
    send_shopify(shop, SHOPIFY)
    for _turn in range(2):
        assert outcome(send_shopify(shop, shopify_refund(), "refunds/create")) == "followed"
    if with_order:
        send_shopify(shop, later_shopify(2, 2, "415.00", shopify_refund()))
        assert outcome(send_shopify(shop, shopify_refund(), "refunds/create")) == "followed"
    order = order_of(REFERENCE)
    assert money_of(order) == (41_500, 18_300, 41_500, 0)
    assert references(order) == [("900", "done")]
    assert kinds_of(order).count(EventKind.REFUND_DONE) == 1


def test_an_older_message_does_not_take_back_a_refund_that_came_by_itself(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, shopify_refund(hours=2), "refunds/create")
    send_shopify(shop, later_shopify(1, 3, "598.00", note="Ring"))
    order = order_of(REFERENCE)
    assert money_of(order) == (41_500, 18_300, 41_500, 0)
    assert references(order) == [("900", "done")]


def test_a_refund_of_an_order_that_is_not_here_waits_for_it(shop: FlaskClient) -> None:
    assert outcome(send_shopify(shop, shopify_refund(), "refunds/create")) == "not placed yet"
    send_shopify(shop, later_shopify(2, 2, "415.00", shopify_refund()))
    order = order_of(REFERENCE)
    assert (order.total, *money_of(order)) == (41_500, 41_500, 18_300, 41_500, 0)
    assert references(order) == [("900", "done")]


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4), st.integers(1, 10**9))
def test_webhooks_of_shopify_in_any_sequence_give_the_same_money(
    shop: FlaskClient, sequence: list[int], repeated: list[int], number: int
) -> None:
    first = shopify_refund(900, 1)
    second = shopify_refund(910, 3, 0, "20.00", order_adjustments=[{"kind": "refund_discrepancy", "amount": "-20.00"}])
    messages = [
        ("orders/create", SHOPIFY),
        ("orders/paid", later_shopify(0, 3, "598.00")),
        ("refunds/create", first),
        ("orders/updated", later_shopify(2, 2, "415.00", first)),
        ("refunds/create", second),
        ("orders/updated", later_shopify(4, 2, "415.00", first, second)),
    ]
    for place in (*sequence, *repeated):
        topic, body = messages[place]
        about = {"order_id": number} if topic.startswith("refunds") else {"id": number}
        assert outcome(send_shopify(shop, {**body, **about}, topic)) != "not taken"
    order = order_of(f"shopify-{number}")
    assert money_of(order) == (39_500, 20_300, 39_500, 0)
    assert sorted(references(order)) == [("900", "done"), ("910", "done")]
    assert order.credited <= order.total


def test_a_refund_that_was_requested_here_is_done_by_the_shop(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    with changing(order_of(REFERENCE), anna) as order:
        (line,) = order.lines
        requested = refunds.request(order, RequestedRefund(lines={line.id: 1}), by=anna)
    assert requested.amount == 18_300
    send_shopify(shop, later_shopify(2, 2, "415.00", shopify_refund(created_at=now().isoformat())))
    order = order_of(REFERENCE)
    (kept,) = order.refunds
    assert (kept.id, kept.state, kept.external_reference) == (requested.id, RefundState.DONE, "900")
    assert kept.rows == requested.rows
    assert money_of(order) == (41_500, 18_300, 41_500, 0)
    send_shopify(shop, later_shopify(3, 2, "415.00", shopify_refund()))
    assert money_of(order_of(REFERENCE)) == (41_500, 18_300, 41_500, 0)
    assert len(order_of(REFERENCE).refunds) == 1


@pytest.mark.parametrize("reference", ["3", None])
def test_a_refund_that_was_carried_out_here_is_not_doubled_by_the_shop(
    shop: FlaskClient, anna: Actor, reference: str | None
) -> None:
    send_woo(shop, WOO)
    with changing(order_of(), anna) as order:
        refunds.request(order, RequestedRefund(amount=4_700, reason="Skadad", reference=reference, done=True), by=anna)
    send_woo(shop, later_woo(1))
    assert money_of(order_of()) == (60_000, 4_700, 60_000, 0)
    send_woo(shop, later_woo(2, woo_refund(3)))
    order = order_of()
    assert references(order) == [("3", "done")]
    assert money_of(order) == (60_000, 4_700, 60_000, 0)


def test_a_refund_under_another_reference_is_another_one(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, WOO)
    with changing(order_of(), anna) as order:
        refunds.request(order, RequestedRefund(amount=4_700, reason="Skadad", reference="swish-1", done=True), by=anna)
    send_woo(shop, later_woo(1, woo_refund(3)))
    order = order_of()
    assert references(order) == [(None, "done"), ("3", "done")]
    assert money_of(order) == (55_300, 9_400, 55_300, 0)


def test_a_payment_that_was_registered_here_is_not_doubled_by_the_shop(shop: FlaskClient, anna: Actor) -> None:
    unpaid = {"date_paid": None, "date_paid_gmt": None}
    send_woo(shop, woo(**unpaid))
    with changing(order_of(), anna) as order:
        payments.register(order, 64_700, method="swish", paid_on=order.placed_at.date(), by=anna)
    send_woo(shop, later_woo(1))
    assert money_of(order_of())[0] == 64_700
    send_woo(shop, later_woo(2, woo_refund(3)))
    assert money_of(order_of()) == (60_000, 4_700, 60_000, 0)


def test_units_that_staff_take_out_as_well_are_given_back_once(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, later_shopify(2, 2, "415.00", shopify_refund()))
    with changing(order_of(REFERENCE), anna) as order:
        lines.change(next(order.lines), quantity=2, by=anna)
    order = order_of(REFERENCE)
    assert compute_totals(order).balance == 0
    (refund,) = order.refunds
    assert (refund.amount, refund.credited) == (18_300, order.credited)
    send_shopify(shop, later_shopify(3, 2, "415.00", shopify_refund(), note="Ring"))
    assert money_of(order_of(REFERENCE))[::3] == (41_500, 0)


def test_taking_back_that_units_were_taken_out_credits_them_again(shop: FlaskClient) -> None:
    anna = make_user("Anna")
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, later_shopify(2, 2, "415.00", shopify_refund()))
    before = order_of(REFERENCE).refunds
    with changing(order_of(REFERENCE), anna) as order:
        lines.change(next(order.lines), quantity=2, by=anna)
    after = order_of(REFERENCE).refunds
    assert after != before
    undo(order_of(REFERENCE), anna)
    order = order_of(REFERENCE)
    assert (order.refunds, compute_totals(order).balance) == (before, 0)
    redo(order_of(REFERENCE), anna)
    order = order_of(REFERENCE)
    assert (order.refunds, compute_totals(order).balance) == (after, 0)


BAD_REFUNDS: list[Any] = [
    {"id": 900, "order_id": 450789469, "refund_line_items": []},
    {"id": 900, "order_id": 450789469, "refund_line_items": [{}], "transactions": [{}]},
    {"id": 900, "order_id": 450789469, "refund_line_items": None, "transactions": None},
    shopify_refund(units=0, amount="0.00"),
    shopify_refund(units=99),
    shopify_refund(amount="99999.00"),
    shopify_refund(amount="-183.00"),
    shopify_refund(refund_line_items=[{"line_item_id": 77, "quantity": 1, "subtotal": "10.00", "total_tax": "2.00"}]),
    shopify_refund(refund_line_items=[{"line_item_id": 1, "quantity": "x", "subtotal": "y"}]),
    shopify_refund(refund_line_items=[{"line_item_id": 1, "quantity": -1, "subtotal": "-183.00"}]),
    shopify_refund(order_adjustments=[{"kind": "shipping_refund", "amount": "zz"}]),
    shopify_refund(created_at="igår", processed_at={"x": 1}),
    shopify_refund(created_at="2999-01-01T00:00:00Z"),
    shopify_refund(note="\x00\ud800" * 9, id="900"),
    shopify_refund(transactions=[{"kind": "refund", "status": "success", "amount": "16.00", "currency": "EUR"}]),
    shopify_refund(transactions=[{"kind": "refund", "status": "success", "amount": "nio"}]),
    shopify_refund(duties=[{"duty_id": 1, "amount_set": {"shop_money": {"amount": "1"}}}]),
]


@pytest.mark.parametrize("body", BAD_REFUNDS)
def test_a_refund_that_is_odd_is_answered_and_asks_for_nothing(shop: FlaskClient, body: dict[str, Any]) -> None:
    send_shopify(shop, SHOPIFY)
    for _turn in range(2):
        outcome(send_shopify(shop, body, "refunds/create"))
        outcome(send_shopify(shop, later_shopify(2, 3, "598.00", body)))
    order = order_of(REFERENCE)
    totals = compute_totals(order)
    assert totals.balance <= 0 or order.shop_differences
    assert 0 <= order.credited <= order.total
    assert sum(refund.amount for refund in order.refunds if refund.stands) <= order.refunded


@pytest.mark.parametrize("total", ["47.00", "-0.00", "0", "", None, "-99999.00", "x", "-47,00", 47])
def test_an_odd_sum_of_woocommerce_is_answered_and_asks_for_nothing(shop: FlaskClient, total: Any) -> None:
    send_woo(shop, WOO)
    outcome(send_woo(shop, later_woo(1, {"id": 3, "reason": None, "total": total}, {"id": None, "total": "-1.00"})))
    order = order_of()
    totals = compute_totals(order)
    assert totals.balance == 0
    assert 0 <= order.credited <= order.total
    assert order.paid + order.refunded == 64_700


@pytest.mark.parametrize("body", [{}, {"id": 1}, {"order_id": 450789469}, {"id": 1, "order_id": {"x": 1}}])
def test_what_is_no_refund_is_left_alone(shop: FlaskClient, body: dict[str, Any]) -> None:
    send_shopify(shop, SHOPIFY)
    assert outcome(send_shopify(shop, body, "refunds/create")) == "ignored"
    assert outcomes()[-1] == "ignored"
    assert read(order_of(REFERENCE)).refunds == []


def test_why_something_was_refunded_is_erased_with_the_customer(shop: FlaskClient, anna: Actor) -> None:
    send_woo(shop, WOO)
    send_woo(shop, later_woo(1, woo_refund(3, reason="Åsa Öberg ringde")))
    with changing(order_of(), anna) as order:
        shipments.ship(order.shipments[0], by=anna, mails=False)
    with writing():
        assert personal_data.erase("asa@example.com", by=anna) == 1
    (refund,) = order_of().refunds
    assert "ringde" not in (refund.reason or "")
    assert refund.amount == 4_700
