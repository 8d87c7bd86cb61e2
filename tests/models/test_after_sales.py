"""What is stored with an order of its holds, returns, refunds and payments, and what follows from it."""

import pytest
from flask import Flask

from tests.factories import make_order
from tests.operations.steps import changing, read
from webshop_orders.errors import Held
from webshop_orders.models import (
    Actor,
    Disposition,
    Hold,
    HoldReason,
    HoldRule,
    Order,
    Refund,
    RefundRow,
    RefundRowKind,
    RefundState,
    RegisteredPayment,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnReason,
    ReturnState,
)
from webshop_orders.money.totals import balance, compute_totals
from webshop_orders.operations.orders import shipments, splits

AT = "2026-11-23T09:14:00+00:00"
HOLD = Hold(1, HoldReason.WRONG_ADDRESS, "Anna", AT, note="Ring", until="2026-12-24")
LINE = ReturnLine(7, 1, None, "CANDLE", "Ljus", 2, ReturnReason.FAULTY, Disposition.DISCARD)
RETURN = Return(1, ReturnKind.RETURN, ReturnState.REGISTERED, [LINE], "Anna", AT)
ROW = RefundRow(RefundRowKind.LINE, "Ljus", 5_000, 2_500, line_id=7, quantity=1)
PAYMENT = RegisteredPayment(1, 10_000, "swish", "2026-11-23", "Anna", AT)


def refund(state: RefundState, credited: int) -> Refund:
    return Refund(1, state, [ROW], credited, credited, "Anna", AT, {"2500": credited // 5})


def hold(order: Order, by: Actor, *holds: Hold) -> None:
    with changing(order, by) as current:
        current.holds = list(holds)


def ship(order: Order, by: Actor, seq: int = 1) -> None:
    with changing(order, by) as current:
        shipments.ship(shipments.get(current, seq), by=by)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("holds", HOLD),
        ("returns", RETURN),
        ("refunds", refund(RefundState.REQUESTED, 5_000)),
        ("registered_payments", PAYMENT),
    ],
)
def test_what_is_stored_is_read_as_it_was(app: Flask, anna: Actor, name: str, value: object) -> None:
    order = make_order(("CANDLE", 2))

    with changing(order, anna) as current:
        setattr(current, name, [value])

    assert getattr(read(order), name) == [value]


def test_a_number_is_never_given_again(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2))

    with changing(order, anna) as current:
        given = [current.next_id(kind) for kind in ("hold", "hold", "return")]

    with changing(order, anna) as current:
        assert [*given, current.next_id("hold")] == [1, 2, 1, 3]


def test_a_held_order_cannot_leave_and_says_why(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2))
    hold(order, anna, HOLD, Hold(2, HoldReason.OTHER, "system", AT, rule=HoldRule.HIGH_TOTAL))

    with pytest.raises(Held, match="fel adress, hög summa"):
        ship(order, anna)

    assert read(order).is_held
    assert read(order).hold_ends_on == "2026-12-24"


def test_a_hold_of_one_shipment_lets_the_others_leave(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2))
    with changing(order, anna) as current:
        splits.split(current.shipments[0].lines[0], 1, to=None, by=anna)
    hold(order, anna, Hold(1, HoldReason.OTHER, "Anna", AT, shipment=2))

    ship(order, anna)

    with pytest.raises(Held, match=f"{order.number}-2"):
        ship(order, anna, 2)
    assert read(order).is_held


def test_nothing_is_held_once_nothing_is_left_to_leave(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2))
    ship(order, anna)

    hold(order, anna, HOLD)

    assert not read(order).is_held


def test_a_requested_refund_lowers_what_the_order_costs(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2), paid=20_000)

    with changing(order, anna) as current:
        current.refunds = [refund(RefundState.REQUESTED, 5_000)]

    stored = read(order)
    assert (stored.credited, compute_totals(stored).due, balance(stored)) == (5_000, 15_000, -5_000)


def test_a_refund_that_was_given_up_credits_nothing(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2), paid=20_000)

    with changing(order, anna) as current:
        current.refunds = [refund(RefundState.CANCELLED, 5_000)]

    assert (read(order).credited, balance(read(order))) == (0, 0)


def test_what_was_written_off_is_not_credited_twice(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 2), paid=15_000)

    with changing(order, anna) as current:
        current.written_off, current.refunds = 5_000, [refund(RefundState.DONE, 5_000)]

    assert compute_totals(read(order)).due == balance(read(order)) + 15_000 == 15_000
