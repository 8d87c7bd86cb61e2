"""Controls: a short walk that passes is noticed to break a rule once what guards the rule is taken away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask

from tests.operations.state_machine.shop import Shop, walk
from webshop_orders.models import Line, MovementReason, Product, ReturnKind, Shipment
from webshop_orders.money import captures, crediting
from webshop_orders.operations.after_sales import refunds, returns
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import withdrawals
from webshop_orders.operations.stock import backorders, counts, movements, queue, reservations, whole_orders
from webshop_orders.operations.undo import restoring

Acts = list[Callable[[Shop], object]]


def do_nothing(*_arguments: Any, **_named: Any) -> Any:
    return None


def too_many_returnable(_order: Any, line: Any) -> int:
    return int(line.quantity) + 5


def change_stock_alone(product: Any, quantity: int, *_arguments: Any, **_named: Any) -> None:
    product.stock += quantity


def take_what_there_is(order: Any) -> list[Any]:
    if not order.ships_whole:
        return []
    lines = [line for line in whole_orders.lines_of(order) if line.uncovered and line.product.available(0)]
    for line in lines:
        units = min(line.uncovered, line.product.available(0))
        line.reserved += units
        line.product.reserved += units
        line.product.backordered -= units
        line.shipment.refresh_status()
    return lines


def all_that_wait_for_free_units(column: Any) -> Any:
    return queue.lines(column).join(Line.product).where(Product.stock > Product.reserved)


WITH_A_WHOLE_ORDER: Acts = [
    lambda shop: shop.place([(1, 8, 0), (0, 1, 0)], 2, True, True),
    lambda shop: shop.set_stock(1, 16),
]


def with_money_never_paid(order: Any) -> Any:
    return replace(REFUNDABLE(order), paid=10**6, to_pay=0)


def with_more_vat(order: Any, rows: Any) -> Any:
    credit = CREDIT(order, rows)
    return replace(credit, vat={rate: vat + 1 for rate, vat in credit.vat.items()})


def without_what_has_left(whole: Any, _parts: Any) -> Any:
    return whole


REFUNDABLE, CREDIT = refunds.refundable, crediting.credit


@dataclass(frozen=True)
class Control:
    """What guards a rule, what it is replaced by, and a walk that then breaks the rule."""

    owner: Any
    guard: str
    broken: Callable[..., Any]
    acts: Acts


CONTROLS = {
    "undo of shipping": Control(
        restoring,
        "_ship",
        do_nothing,
        [lambda shop: shop.ship(0, 0), lambda shop: shop.reopen(0, 0), lambda shop: shop.undo_and_redo(0, 1, 0)],
    ),
    "undo of codes": Control(
        restoring,
        "_restore_codes",
        do_nothing,
        [
            lambda shop: shop.make_another_change(0, "code", 0),
            lambda shop: shop.undo_and_redo(0, 1, 0),
            lambda shop: shop.redo_or_not(0),
        ],
    ),
    "28, a hold that does not refuse": Control(
        Shipment, "check_not_held", do_nothing, [lambda shop: shop.hold(0, None, True), lambda shop: shop.ship(0, 0)]
    ),
    "28, a hold that keeps what others may have": Control(
        reservations, "give_to_others", lambda *_arguments: [], [lambda shop: shop.hold(0, None, False)]
    ),
    "29, more goods than left": Control(
        returns,
        "returnable_units",
        too_many_returnable,
        [
            lambda shop: shop.ship(0, 0),
            lambda shop: shop.register_return(0, 1, 2, ReturnKind.RETURN, 0, True, False),
            lambda shop: shop.register_return(0, 1, 1, ReturnKind.RETURN, 0, True, False),
        ],
    ),
    "29, more money than was paid": Control(
        refunds,
        "refundable",
        with_money_never_paid,
        [lambda shop: shop.register_a_payment(0, 5_000), lambda shop: shop.refund(0, 0, 1, 0, False)],
    ),
    "29, more VAT than was charged": Control(
        crediting, "credit", with_more_vat, [lambda shop: shop.refund(0, 0, 1, 0, False)]
    ),
    "30, captures that do not add up": Control(
        captures,
        "_minus",
        without_what_has_left,
        [lambda shop: shop.split(0, 0, 1, "new", 0), lambda shop: shop.ship(0, 0)],
    ),
    "31, stock that changes without a movement": Control(
        movements, "move", change_stock_alone, [lambda shop: shop.ship(0, 0)]
    ),
    "31, a count that forgets what was sold since": Control(
        counts,
        "moved_since",
        lambda counted: dict.fromkeys(counted, 0),
        [lambda shop: shop.ship(0, 0), lambda shop: shop.count(1, 12, 1)],
    ),
    "31, a waste that adds to the stock": Control(
        counts, "_check_quantity", do_nothing, [lambda shop: shop.adjust(1, 2, MovementReason.WASTE, "")]
    ),
    "34, a whole order that keeps a part": Control(
        whole_orders,
        "settle_locked",
        lambda _order: [],
        [lambda shop: shop.set_whole(0, True), lambda shop: shop.change_quantity(0, 0, 99)],
    ),
    "34, a whole order that is covered in part when goods come": Control(
        whole_orders, "settle_locked", take_what_there_is, WITH_A_WHOLE_ORDER
    ),
    "34, a worker that finds what cannot be covered": Control(
        backorders, "_coverable", all_that_wait_for_free_units, WITH_A_WHOLE_ORDER
    ),
    "35, the oldest before who was put first": Control(
        queue,
        "in_sequence",
        list,
        [
            lambda shop: shop.place([(1, 8, 0)], 2, True, False),
            lambda shop: shop.set_stock(1, 0),
            lambda shop: shop.put_first(1, "Bröllop"),
            lambda shop: shop.set_stock(1, 8),
        ],
    ),
    "36, what needs a person and is not noticed": Control(
        attention, "refresh", lambda order, **_more: order.refresh_derived_columns(), [lambda shop: shop.ship(0, 0)]
    ),
    "33, a statement that is lost": Control(
        withdrawals, "attach", do_nothing, [lambda shop: shop.state_a_withdrawal(0)]
    ),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_negative_control_a_broken_rule_is_noticed(app: Flask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    control = CONTROLS[name]
    walk(app, control.acts)
    monkeypatch.setattr(control.owner, control.guard, control.broken)
    with pytest.raises(AssertionError):
        walk(app, control.acts)
