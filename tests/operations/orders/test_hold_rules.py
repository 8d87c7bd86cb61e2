"""New orders that are held by the rules of Konfiguration, or since their shop has them on hold."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import ASA, LULEA, SHOP, make_order, make_product, reshape_shop
from tests.operations.steps import changing, kinds_of, last_event, read
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents.hold import SourceHold
from webshop_orders.documents.order import NewLine, NewOrder, Payment
from webshop_orders.errors import Held
from webshop_orders.models import Actor, EventKind, HoldReason, HoldRule, HoldRules, Order
from webshop_orders.models.event_facts import HoldReleased, OrderHeld
from webshop_orders.operations.after_sales import payments
from webshop_orders.operations.orders import bulk_placement, holds, loading, shipments, source_updates
from webshop_orders.operations.orders.source_updates import SourceState
from webshop_orders.transactions.unit_of_work import editing, writing

ALL = HoldRules(unpaid=True, customer_comment=True, total_over=50_000, incomplete_address=True)


@pytest.fixture(autouse=True)
def candle(app: Flask) -> None:
    make_product("CANDLE", stock=100, price=10_000)


def rules_of(order: Order) -> list[HoldRule | None]:
    return [hold.rule for hold in read(order).holds]


@pytest.mark.parametrize(
    ("rules", "values", "expected"),
    [
        (HoldRules(unpaid=True), {"paid": 0}, [HoldRule.UNPAID]),
        (HoldRules(unpaid=True), {"paid": 9_999}, [HoldRule.UNPAID]),
        (HoldRules(unpaid=True), {"paid": 10_000}, []),
        (HoldRules(customer_comment=True), {"comment": "Ring på porten"}, [HoldRule.CUSTOMER_COMMENT]),
        (HoldRules(customer_comment=True), {}, []),
        (HoldRules(total_over=9_999), {}, [HoldRule.HIGH_TOTAL]),
        (HoldRules(total_over=10_000), {}, []),
        (HoldRules(total_over=1), {"currency": "EUR"}, []),  # another currency says nothing of the sum
        (HoldRules(incomplete_address=True), {"street": "Storgatan"}, [HoldRule.INCOMPLETE_ADDRESS]),
        (HoldRules(incomplete_address=True), {"postal_code": "97"}, [HoldRule.INCOMPLETE_ADDRESS]),
        (HoldRules(incomplete_address=True), {"street": "Storgatan", "pickup_point": "ICA"}, []),
        (HoldRules(incomplete_address=True), {}, []),
        (HoldRules(), {"paid": 0, "comment": "Hej", "street": "Storgatan"}, []),
    ],
)
def test_a_rule_holds_what_it_looks_for_and_nothing_else(
    rules: HoldRules, values: dict[str, Any], expected: list[HoldRule]
) -> None:
    reshape_shop(hold_rules=rules)
    address = replace(LULEA, **{name: value for name, value in values.items() if hasattr(LULEA, name)})
    others = {name: value for name, value in values.items() if not hasattr(LULEA, name)}

    order = make_order(("CANDLE", 1), shipping_address=address, **others)

    assert rules_of(order) == expected
    assert read(order).is_held is bool(expected)


def test_several_rules_hold_an_order_each_with_an_event(anna: Actor) -> None:
    reshape_shop(hold_rules=ALL)

    order = make_order(("CANDLE", 6), shipping_address=replace(LULEA, street="Storgatan"), comment="Hej")

    assert rules_of(order) == [
        HoldRule.UNPAID,
        HoldRule.CUSTOMER_COMMENT,
        HoldRule.HIGH_TOTAL,
        HoldRule.INCOMPLETE_ADDRESS,
    ]
    assert kinds_of(order) == [EventKind.ORDER_PLACED, *[EventKind.ORDER_HELD] * 4]
    facts = last_event(order).read_facts()
    assert isinstance(facts, OrderHeld)
    assert (facts.hold, facts.rule) == (4, HoldRule.INCOMPLETE_ADDRESS)
    assert (read(order).version, read(order).event_count) == (5, 5)
    with pytest.raises(Held, match="inte betald"), changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)


def new_order(reference: str, **values: Any) -> NewOrder:
    line = NewLine(sku="CANDLE", name="Ljus", quantity=1, unit_price=10_000, vat_rate=2500)
    address = replace(LULEA, street="Storgatan")
    filled = {"customer": ASA, "billing_address": address, "currency": "SEK", "payment": Payment("invoice")}
    return NewOrder(**{"external_reference": reference, "lines": [line], **filled, **values})


def test_orders_of_files_are_held_and_history_is_not() -> None:
    reshape_shop(hold_rules=ALL)
    news = [new_order("open-1", comment="Hej"), new_order("history-1", comment="Hej", shipped_at=now())]

    with writing():
        bulk_placement.place_imported(news, by=SHOP)

    held, history = (order_by(reference) for reference in ("open-1", "history-1"))
    assert rules_of(held) == [HoldRule.UNPAID, HoldRule.CUSTOMER_COMMENT, HoldRule.INCOMPLETE_ADDRESS]
    assert kinds_of(held) == [EventKind.ORDER_IMPORTED, *[EventKind.ORDER_HELD] * 3]
    assert held.is_held
    assert rules_of(history) == []


def order_by(reference: str) -> Order:
    db.session.rollback()
    number = db.session.scalars(select(Order.number).where(Order.external_reference == reference)).one()
    return loading.load_order(number)


def test_an_order_that_is_paid_is_released_of_that_alone(anna: Actor) -> None:
    reshape_shop(hold_rules=HoldRules(unpaid=True, customer_comment=True))
    order = make_order(("CANDLE", 1), comment="Hej")

    for amount in (9_999, 1):
        assert HoldRule.UNPAID in rules_of(order)
        with changing(order, anna) as current:
            payments.register(current, amount, method="swish", paid_on=now().date(), by=anna)

    assert rules_of(order) == [HoldRule.CUSTOMER_COMMENT]
    assert last_event(order).read_facts() == HoldReleased(1, HoldReason.AWAITING_PAYMENT, ended=True)


# What its shop has on hold

HELD = SourceHold(HoldReason.AWAITING_PAYMENT, "Väntar på Swish")


def update(order: Order, before: NewOrder, current: NewOrder) -> None:
    with editing(order.number, None, SHOP) as locked:
        source_updates.apply(locked, SourceState(before), SourceState(current), by=SHOP)


def test_what_the_shop_puts_on_hold_is_held_until_it_releases_it() -> None:
    free, held = new_order("wc-1", payment=Payment("swish", paid=10_000)), new_order("wc-1", on_hold=HELD)
    held = replace(held, payment=free.payment)
    order = make_order(lines=free.lines, external_reference="wc-1", paid=10_000, payment_method="swish")

    update(order, free, held)
    (hold,) = read(order).holds
    assert (hold.rule, hold.reason, hold.note) == (HoldRule.SOURCE, HoldReason.AWAITING_PAYMENT, "Väntar på Swish")
    update(order, held, held)
    assert len(read(order).holds) == 1
    update(order, held, free)

    assert rules_of(order) == []


def test_what_staff_released_is_not_held_again_by_the_same_state(anna: Actor) -> None:
    free = new_order("wc-1")
    held = replace(free, on_hold=HELD)
    order = make_order(lines=free.lines, external_reference="wc-1", on_hold=HELD)
    with changing(order, anna) as current:
        holds.release(current, 1, by=anna)

    update(order, held, replace(held, comment="Hej"))

    assert rules_of(order) == []


def test_rule_28_what_the_shop_sent_is_not_shipped_here_while_it_is_held(anna: Actor) -> None:
    free = new_order("wc-1", billing_address=LULEA)
    order = make_order(lines=free.lines, external_reference="wc-1")
    with changing(order, anna) as current:
        holds.hold(current, HoldReason.WRONG_ADDRESS, by=anna)

    update(order, free, replace(free, shipped_at=now()))

    assert not read(order).shipments[0].is_shipped
    assert "fulfilled" in [difference.field for difference in read(order).shop_differences]
