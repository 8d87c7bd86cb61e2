"""Refunds: rows to the öre, what they cost and give back, their states, and what they refuse (rule 29)."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.factories import SHOP, make_order, reshape_shop
from tests.operations.steps import changing, kinds_of, last_event, listed, read
from webshop_orders.documents.order import NewLine, StatedTotals
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    Charge,
    ChargeKind,
    EventKind,
    Order,
    Refund,
    RefundRowKind,
    RefundState,
)
from webshop_orders.models.event_facts import BeforeAfter, RefundCancelled, RefundDone, RefundRequested
from webshop_orders.money import crediting
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.after_sales.refunds import Fee, RequestedRefund
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.orders import cancellation, lines, shipping_fee, splits

VASE, BOOK = NewLine("VASE", "Vas", 3, 10_000, 2500, discount=1_000), NewLine("BOOK", "Bok", 1, 10_000, 600)
POST: dict[str, Any] = {"shipping_method": "PostNord", "shipping_price": 4_900, "shipping_vat_rate": 2500}
VOUCHER = Charge(ChargeKind.DEDUCTION, "Rabattkod", -2_000, 2500)
OVERPAID = "overpaid"


def make(*bought: NewLine, paid: int | None = None, rounds: bool = False, **values: Any) -> Order:
    """An order that is paid in full and not rounded to whole kronor, if nothing else is said."""
    reshape_shop(rounds_to_whole_kronor=rounds)
    order = make_order(lines=list(bought), **values)
    with settling(order) as current:
        current.paid = current.total if paid is None else paid
    return read(order)


def settling(order: Order) -> AbstractContextManager[Order]:
    return changing(order, SHOP)


def ids(order: Order) -> list[int]:
    return [line.id for line in order.lines]


def request(order: Order, by: Actor, **wanted: Any) -> Refund:
    with changing(order, by) as current:
        return refunds.request(current, RequestedRefund(**wanted), by=by)


def finish(order: Order, refund_id: int, by: Actor, **values: Any) -> Refund:
    with changing(order, by) as current:
        return refunds.finish(current, refund_id, by=by, **values)


def cancel(order: Order, refund_id: int, by: Actor, **values: Any) -> Refund:
    with changing(order, by) as current:
        return refunds.cancel(current, refund_id, by=by, **values)


def money(order: Order) -> tuple[int, int, int, int]:
    """What was credited, is paid and was given back, and the balance."""
    stored = read(order)
    return stored.credited, stored.paid, stored.refunded, compute_totals(stored).balance


def test_a_requested_refund_lowers_what_the_order_costs_and_its_money_is_on_its_way(app: Flask, anna: Actor) -> None:
    order = make(VASE, BOOK, **POST)
    vase, _book = ids(order)

    refund = request(order, anna, lines={vase: 1}, reason="Repad", method="swish")

    assert (refund.state, refund.credited, refund.amount) == (RefundState.REQUESTED, 9_667, 9_667)
    assert refund.vat == {"2500": 1_933}  # 6 780 × 9 667 / 33 900
    (row,) = refund.rows
    assert (row.kind, row.name, row.amount, row.quantity) == (RefundRowKind.LINE, "Vas", 9_667, 1)
    assert money(order) == (9_667, 43_900, 0, -9_667)
    assert last_event(order).read_facts() == RefundRequested(f"{order.number}-K1", 9_667, 9_667, "Repad")


def test_a_refund_that_is_done_takes_its_money_from_what_was_paid(app: Flask, anna: Actor) -> None:
    order = make(VASE)
    request(order, anna, lines={ids(order)[0]: 3})

    refund = finish(order, 1, anna, reference="pi_17")

    assert (refund.state, refund.reference, refund.method) == (RefundState.DONE, "pi_17", "invoice")
    assert refund.done_at is not None
    assert money(order) == (29_000, 0, 29_000, 0)
    assert last_event(order).read_facts() == RefundDone(f"{order.number}-K1", 29_000, BeforeAfter(29_000, 0), "invoice")


def test_money_that_has_gone_already_is_recorded_as_one_event(app: Flask, anna: Actor) -> None:
    order = make(VASE)

    refund = request(order, anna, lines={ids(order)[0]: 1}, done=True)

    assert refund.state is RefundState.DONE
    assert money(order) == (9_667, 19_333, 9_667, 0)
    assert kinds_of(order)[-1:] == [EventKind.REFUND_DONE]


def test_a_cancelled_refund_credits_nothing_and_its_units_can_be_refunded_again(app: Flask, anna: Actor) -> None:
    order = make(VASE)
    request(order, anna, lines={ids(order)[0]: 3})

    assert cancel(order, 1, anna, reason="Fel rad").state is RefundState.CANCELLED

    assert money(order) == (0, 29_000, 0, 0)
    assert last_event(order).read_facts() == RefundCancelled(f"{order.number}-K1", 29_000, "Fel rad")
    assert request(order, anna, lines={ids(order)[0]: 3}).id == 2


def test_what_is_left_to_pay_is_lowered_before_money_is_given_back(app: Flask, anna: Actor) -> None:
    order = make(VASE, paid=20_000)

    refund = request(order, anna, lines={ids(order)[0]: 2})

    assert (refund.credited, refund.amount) == (19_333, 10_333)
    assert money(order) == (19_333, 20_000, 0, -10_333)


def test_a_refund_without_money_is_done_at_once(app: Flask, anna: Actor) -> None:
    order = make(VASE, paid=0)

    refund = request(order, anna, lines={ids(order)[0]: 3})

    assert (refund.state, refund.amount, refund.method) == (RefundState.DONE, 0, None)
    assert money(order) == (29_000, 0, 0, 0)
    assert last_event(order).read_facts() == RefundRequested(f"{order.number}-K1", 0, 29_000, None)


def test_what_was_written_off_is_never_given_back_as_money(app: Flask, anna: Actor) -> None:
    order = make(VASE, paid=20_000)
    with settling(order) as current:
        current.written_off = 9_000

    refund = request(order, anna, lines={ids(order)[0]: 3})

    assert (refund.credited, refund.amount) == (29_000, 20_000)
    assert money(order) == (29_000, 20_000, 0, -20_000)
    finish(order, 1, anna)
    assert money(order) == (29_000, 0, 20_000, 0)


@pytest.mark.parametrize("done", [True, False])
def test_what_was_written_off_stays_so_while_other_rows_are_refunded(app: Flask, anna: Actor, done: bool) -> None:
    order = make(VASE, paid=20_000)
    with settling(order) as current:
        current.written_off = 9_000

    request(order, anna, lines={ids(order)[0]: 1}, done=done)

    assert compute_totals(read(order)).due == 10_333


def test_what_was_paid_too_much_is_given_back_without_a_credit(app: Flask, anna: Actor) -> None:
    order = make(VASE, paid=30_000)

    refund = request(order, anna, overpaid=1_000)

    assert (refund.credited, refund.amount, refund.rows, refund.vat) == (0, 1_000, [], {})
    with pytest.raises(RuleViolation, match="0,00"):
        request(order, anna, overpaid=1)
    finish(order, 1, anna)
    assert money(order) == (0, 29_000, 1_000, 0)


def test_a_cancelled_order_gives_back_what_was_paid_and_nothing_else(app: Flask, anna: Actor) -> None:
    order = make(VASE)
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with pytest.raises(RuleViolation, match="makulerad") as refusal:
        request(order, anna, lines={ids(order)[0]: 1})
    assert refusal.value.field == OVERPAID
    assert refunds.everything_left(read(order)) == RequestedRefund(overpaid=29_000)
    request(order, anna, overpaid=29_000, done=True)

    assert money(order) == (0, 0, 29_000, 0)


def test_a_payment_that_is_taken_back_elsewhere_meanwhile_cannot_be_given_back_twice(app: Flask, anna: Actor) -> None:
    order = make(VASE)
    request(order, anna, lines={ids(order)[0]: 3})
    with settling(order) as current:
        current.paid = 100

    with pytest.raises(RuleViolation, match="1,00"):
        finish(order, 1, anna)

    assert read(order).paid == 100


def test_each_share_of_a_line_is_cumulative_and_the_last_unit_has_what_is_left(app: Flask, anna: Actor) -> None:
    order = make(NewLine("VASE", "Vas", 3, 3_334, 2500, discount=2))  # 10 000 for three

    amounts = [request(order, anna, lines={ids(order)[0]: 1}) for _turn in range(3)]

    assert [refund.credited for refund in amounts] == [3_333, 3_334, 3_333]
    assert [refund.vat["2500"] for refund in amounts] == [667, 666, 667]  # 2 000 in all


def test_the_rounding_to_whole_kronor_is_cumulative_too(app: Flask, anna: Actor) -> None:
    order = make(NewLine("VASE", "Vas", 3, 3_350, 2500), NewLine("BOOK", "Bok", 1, 20, 600), rounds=True)
    assert (order.total, order.rounds_to_whole_kronor) == (10_100, True)  # 10 070
    vase, book = ids(order)

    found = [request(order, anna, lines=wanted) for wanted in ({vase: 1}, {vase: 1}, {vase: 1, book: 1})]

    assert [(refund.credited, refund.rounding) for refund in found] == [(3_400, 50), (3_300, -50), (3_400, 30)]
    assert read(order).credited == order.total


def test_a_refund_of_everything_brings_each_rate_to_zero(app: Flask, anna: Actor) -> None:
    order = make(VASE, BOOK, charges=[VOUCHER], **POST)
    request(order, anna, lines={ids(order)[0]: 1}, fees=[Fee("Returfrakt", 999)])
    request(order, anna, amount=1_111, reason="Sen")

    stored = read(order)
    request(order, anna, **vars(refunds.everything_left(stored, reason="Allt")))

    taken = crediting.credited(read(order))
    assert dict(taken.vat) == compute_totals(read(order)).vat
    assert set(crediting.left_by_rate(read(order)).values()) == {0}
    assert money(order) == (order.total, order.total, 0, -order.total)
    assert refunds.refundable(read(order)).is_nothing


def test_prices_without_vat_are_refunded_with_the_vat_on_top(app: Flask, anna: Actor) -> None:
    order = make(NewLine("VASE", "Vas", 3, 3_333, 2500), prices_include_vat=False)
    assert order.total == 12_499  # 9 999 and 2 500 VAT

    found = [request(order, anna, lines={ids(order)[0]: 1}) for _turn in range(3)]

    assert [refund.rows[0].amount for refund in found] == [3_333] * 3
    assert [refund.vat["2500"] for refund in found] == [833, 834, 833]
    assert read(order).credited == 12_499


def test_an_amount_is_shared_by_what_is_left_of_each_rate(app: Flask, anna: Actor) -> None:
    order = make(VASE, BOOK)

    refund = request(order, anna, amount=3_901, reason="Sen leverans")

    assert {row.vat_rate: row.amount for row in refund.rows} == {600: 1_000, 2500: 2_901}
    assert {row.kind for row in refund.rows} == {RefundRowKind.AMOUNT}


def test_a_line_brings_no_more_than_what_amounts_have_left_of_its_rate(app: Flask, anna: Actor) -> None:
    order = make(VASE)
    request(order, anna, amount=9_000, reason="Prutat")

    refund = request(order, anna, lines={ids(order)[0]: 3})

    assert (refund.credited, refund.rows[0].quantity) == (20_000, 3)
    assert set(crediting.left_by_rate(read(order)).values()) == {0}


def test_a_fee_is_kept_back_by_the_rates_that_are_refunded(app: Flask, anna: Actor) -> None:
    order = make(VASE, BOOK)
    vase, book = ids(order)

    refund = request(order, anna, lines={vase: 3, book: 1}, fees=[Fee("Returfrakt", 3_900)])

    fees = {row.vat_rate: row.amount for row in refund.rows if row.kind is RefundRowKind.FEE}
    assert fees == {600: -1_000, 2500: -2_900}
    assert (refund.credited, refund.vat) == (35_100, {"600": 509, "2500": 5_220})


def test_a_deduction_is_refunded_along_as_a_row_below_zero(app: Flask, anna: Actor) -> None:
    order = make(VASE, charges=[replace(VOUCHER, vat_rate=0)])

    refund = request(order, anna, lines={ids(order)[0]: 3}, charges={0: -2_000})

    assert refund.credited == order.total == 27_000


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing": ({}, "lines", "Välj"),
    "too many units": ({"lines": {0: 4}}, "lines-{0}", "3 st Vas"),
    "no units": ({"lines": {0: 0}}, "lines-{0}", "3 st Vas"),
    "a foreign line": ({"lines": {999_999_999: 1}}, "lines-999999999", "finns inte"),
    "shipping": ({"shipping": 4_901}, "shipping", "49,00"),
    "negative shipping": ({"shipping": -1}, "shipping", "49,00"),
    "a charge there is not": ({"charges": {1: 5}}, "charges-1", "finns inte"),
    "a charge the other way": ({"charges": {0: 5}}, "charges-0", "20,00"),
    "more of a charge": ({"charges": {0: -2_001}}, "charges-0", "20,00"),
    "a deduction alone": ({"charges": {0: -2_000}}, "lines", "Välj"),
    "too large an amount": ({"amount": 41_901, "reason": "Repad"}, "amount", "419,00"),
    "a negative amount": ({"amount": -1, "reason": "Repad"}, "amount", "419,00"),
    "no reason": ({"amount": 100}, "reason", "skäl"),
    "a fee alone": ({"fees": [Fee("Frakt", 1)]}, "fees", "0,00"),
    "too large a fee": ({"lines": {1: 1}, "fees": [Fee("Frakt", 10_001)]}, "fees", "100,00"),
    "a negative fee": ({"lines": {1: 1}, "fees": [Fee("Frakt", -1)]}, "fees", "100,00"),
    "what was not overpaid": ({"overpaid": 1}, "overpaid", "0,00"),
    "a negative settlement": ({"lines": {1: 1}, "overpaid": -1}, "overpaid", "0,00"),
    "a foreign return": ({"lines": {1: 1}, "return_id": 7}, "return_id", "retur"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_refunded_is_refused_in_words_at_its_field(app: Flask, anna: Actor, name: str) -> None:
    order = make(VASE, BOOK, charges=[VOUCHER], **POST)
    wanted, field, words = REFUSED[name]
    by_place = ids(order)
    if "lines" in wanted:
        numbered = {by_place[place] if place < 2 else place: units for place, units in wanted["lines"].items()}
        wanted = {**wanted, "lines": numbered}

    with pytest.raises((RuleViolation, NotFound), match=words) as refusal:
        request(order, anna, **wanted)

    assert refusal.value.field == field.format(*by_place)
    assert read(order).refunds == []


def test_goods_are_not_refunded_without_the_deductions_at_another_rate(app: Flask, anna: Actor) -> None:
    order = make(VASE, charges=[replace(VOUCHER, vat_rate=0)])

    with pytest.raises(RuleViolation, match="270,00") as refusal:
        request(order, anna, lines={ids(order)[0]: 3})

    assert refusal.value.field == "charges"


def test_a_refund_is_done_or_cancelled_once(app: Flask, anna: Actor) -> None:
    order = make(VASE)
    vase = ids(order)[0]
    request(order, anna, lines={vase: 1}, done=True)
    request(order, anna, lines={vase: 1})
    cancel(order, 2, anna)

    with pytest.raises(NoChange, match="K1"):
        finish(order, 1, anna)
    with pytest.raises(RuleViolation, match="K1"):
        cancel(order, 1, anna)
    with pytest.raises(RuleViolation, match="K2"):
        finish(order, 2, anna)
    with pytest.raises(NoChange, match="K2"):
        cancel(order, 2, anna)
    with pytest.raises(NotFound):
        finish(order, 3, anna)


def test_refunded_units_stay_in_the_order(app: Flask, anna: Actor) -> None:
    order = make(VASE, BOOK)
    vase, book = ids(order)
    request(order, anna, lines={vase: 2, book: 1})

    with pytest.raises(RuleViolation, match="2 st Vas"), changing(order, anna) as current:
        lines.change(lines.get(current, vase), quantity=1, by=anna)
    with pytest.raises(RuleViolation, match="1 st Bok"), changing(order, anna) as current:
        lines.remove(lines.get(current, book), by=anna)
    with changing(order, anna) as current:
        lines.change(lines.get(current, vase), quantity=2, by=anna)

    assert compute_totals(read(order)).due == 0


def test_refunded_units_stay_in_their_shipment_or_go_along_with_the_whole_row(app: Flask, anna: Actor) -> None:
    order = make(VASE)
    vase = ids(order)[0]
    request(order, anna, lines={vase: 2})

    with pytest.raises(RuleViolation, match="2 st Vas"), changing(order, anna) as current:
        splits.split(lines.get(current, vase), 2, to=None, by=anna)
    with changing(order, anna) as current:
        splits.split(lines.get(current, vase), 1, to=None, by=anna)
    with changing(order, anna) as current:
        splits.split(lines.get(current, vase), 2, to=current.shipments[1], by=anna)

    (line,) = read(order).lines
    left = refunds.refundable(read(order))
    assert (line.quantity, [(item.line.id, item.units) for item in left.lines]) == (3, [(line.id, 1)])
    assert sum(item.amount for item in left.lines) == left.amount == 29_000 - read(order).credited


def test_a_line_never_costs_less_than_was_refunded_of_it(app: Flask, anna: Actor) -> None:
    order = make(VASE, replace(BOOK, vat_rate=2500))
    vase = ids(order)[0]
    request(order, anna, lines={vase: 2})

    with pytest.raises(RuleViolation, match=r"193,33.kr av Vas") as refusal, changing(order, anna) as current:
        lines.change(lines.get(current, vase), unit_price=6_000, discount=0, reason="Repad", by=anna)

    assert refusal.value.field == "discount"
    with changing(order, anna) as current:
        lines.change(lines.get(current, vase), unit_price=7_000, discount=0, reason="Repad", by=anna)
    assert compute_totals(read(order)).due == 11_667


def test_an_order_never_costs_less_than_was_refunded_of_it(app: Flask, anna: Actor) -> None:
    order = make(VASE, BOOK)
    request(order, anna, amount=38_000, reason="Sen")

    with pytest.raises(RuleViolation, match=r"380,00.kr är återbetalt"), changing(order, anna) as current:
        lines.remove(lines.get(current, ids(order)[1]), by=anna)


def test_shipping_never_costs_less_than_was_refunded_of_it(app: Flask, anna: Actor) -> None:
    order = make(VASE, **POST)
    request(order, anna, shipping=4_000)

    with pytest.raises(RuleViolation, match=r"40,00.kr av frakten") as refusal, changing(order, anna) as current:
        shipping_fee.change(current, "Ombud", 3_999, by=anna)

    assert refusal.value.field == "price"


def test_a_rate_that_was_refunded_whole_keeps_its_vat_whatever_else_changes(app: Flask, anna: Actor) -> None:
    stated = StatedTotals(total=39_000, vat={"600": 566, "2500": 5_801})  # an öre more than of the sum
    order = make(VASE, BOOK, totals=stated)
    assert order.vat_corrections == {"2500": 1}
    vase, _book = ids(order)
    request(order, anna, lines={vase: 3})

    with changing(order, anna) as current:
        lines.add_free(current, "Kort", 1, unit_price=1_000, vat_rate=600, by=anna)

    assert compute_totals(read(order)).vat[2500] == 5_801
    assert crediting.credited(read(order)).vat[2500] == 5_801


def test_a_card_order_can_become_as_dear_again_as_it_was_but_not_dearer(app: Flask, anna: Actor) -> None:
    order = make(VASE, BOOK, payment_method="card")
    vase, book = ids(order)
    request(order, anna, lines={vase: 1}, done=True)
    with changing(order, anna) as current:
        lines.remove(lines.get(current, book), by=anna)

    with changing(order, anna) as current:
        lines.add_free(current, "Bok", 1, unit_price=10_000, vat_rate=600, by=anna)
    with pytest.raises(RuleViolation, match="Kort"), changing(order, anna) as current:
        lines.add_free(current, "Kort", 1, unit_price=1, vat_rate=600, by=anna)


def test_the_list_says_what_is_to_refund_without_what_was_credited_and_paid_back(app: Flask, anna: Actor) -> None:
    order = make(VASE)
    request(order, anna, lines={ids(order)[0]: 1})
    (row,) = listed(OrderFilter(to_refund=True))
    assert row.to_refund == 9_667

    finish(order, 1, anna)

    assert list(listed(OrderFilter(to_refund=True))) == []
    (row,) = listed(OrderFilter())
    assert row.to_refund == 0
