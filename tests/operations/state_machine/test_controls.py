"""Controls: a short walk that passes is noticed to break a rule once what guards the rule is taken away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask

from tests.operations.state_machine.shop import Shop, walk
from webshop_orders.models import ReturnKind, Shipment
from webshop_orders.money import captures, crediting
from webshop_orders.operations.after_sales import refunds, returns
from webshop_orders.operations.orders import withdrawals
from webshop_orders.operations.stock import reservations
from webshop_orders.operations.undo import restoring

Acts = list[Callable[[Shop], object]]


def do_nothing(*_arguments: Any, **_named: Any) -> Any:
    return None


def too_many_returnable(_order: Any, line: Any) -> int:
    return int(line.quantity) + 5


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
