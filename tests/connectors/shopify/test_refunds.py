"""Refunds of Shopify's orders: settled there, and never asked for here."""

from typing import Any

from flask import Flask

from tests.connectors.shopify.payloads import line, order, refund, refund_line, shop_money
from tests.connectors.shopify.placing import charges_of, read, totals_of
from tests.web.conftest import on_sqlite

pytestmark = on_sqlite
FAT = line("FAT", "359.00")
REFUNDED = {"financial_status": "partially_refunded"}


def discrepancy(amount: str) -> dict[str, Any]:
    return {"kind": "refund_discrepancy", "amount": amount, "tax_amount": "0.00", "reason": "Refund discrepancy"}


def test_units_that_were_given_back_are_neither_charged_nor_paid(app: Flask) -> None:
    items = [{**line("A", "200.00", 2, id=1), "current_quantity": 1}, line("B", "99.00", id=2)]
    back = refund("200.00", refund_line("200.00", of=1, total_tax="40.00"))
    payload = order(*items, refunds=[back], current_total_price="299.00", current_total_tax="59.80", **REFUNDED)
    new, totals = read(payload), totals_of(payload)
    assert [(new_line.sku, new_line.quantity) for new_line in new.lines] == [("A", 1), ("B", 1)]
    assert (new.payment.paid, new.payment.refunded, new.payment.written_off) == (29_900, 20_000, 0)
    assert (totals.total, totals.balance) == (29_900, 0)


def test_a_line_that_was_given_back_as_a_whole_is_left_out(app: Flask) -> None:
    items = [{**line("A", "200.00", id=1), "current_quantity": 0}, line("B", "99.00", id=2)]
    back = refund("200.00", refund_line("200.00", of=1, total_tax="40.00"))
    payload = order(*items, refunds=[back], current_total_price="99.00", current_total_tax="19.80", **REFUNDED)
    assert [new_line.sku for new_line in read(payload).lines] == ["B"]
    assert totals_of(payload).balance == 0


def test_what_is_left_of_a_discounted_line_costs_what_the_refund_leaves(app: Flask) -> None:
    item = {**line("C", "100.00", 3, discount="10.00"), "current_quantity": 2}
    back = refund("96.67", refund_line("96.67", total_tax="19.33"))
    payload = order(item, refunds=[back], current_total_price="193.33", current_total_tax="38.67", **REFUNDED)
    totals = totals_of(payload)
    assert (totals.total, totals.vat, totals.paid) == (19_333, {2_500: 3_867}, 19_333)


def test_a_sum_that_was_given_out_of_goodwill_is_not_owed(app: Flask) -> None:
    payload = order(FAT, refunds=[refund("50.00", order_adjustments=[discrepancy("-50.00")])], **REFUNDED)
    new, totals = read(payload), totals_of(payload)
    assert (new.payment.paid, new.payment.refunded, new.payment.written_off) == (30_900, 5_000, 5_000)
    assert (totals.total, totals.balance) == (35_900, 0)


def test_goodwill_may_be_off_the_total_that_the_shop_states(app: Flask) -> None:
    payload = order(FAT, refunds=[refund("50.00")], current_total_price="309.00", **REFUNDED)
    totals = totals_of(payload)
    assert (totals.total, totals.paid, totals.balance) == (35_900, 30_900, 0)


def test_goodwill_that_the_shop_states_as_outstanding_is_not_asked_for(app: Flask) -> None:
    payload = order(FAT, refunds=[refund("50.00")], total_outstanding="50.00", **REFUNDED)
    assert totals_of(payload).balance == 0


def test_goodwill_beyond_what_came_back(app: Flask) -> None:
    items = [{**line("A", "200.00", id=1), "current_quantity": 0}, line("B", "99.00", id=2)]
    back = refund("230.00", refund_line("200.00", of=1, total_tax="40.00"), order_adjustments=[discrepancy("-30.00")])
    payload = order(*items, refunds=[back], current_total_price="99.00", current_total_tax="19.80", **REFUNDED)
    totals = totals_of(payload)
    assert (totals.total, totals.paid, totals.credited, totals.balance) == (9_900, 6_900, 3_000, 0)


def test_what_the_shop_kept_of_a_return_is_a_fee(app: Flask) -> None:
    items = [{**line("A", "200.00", id=1), "current_quantity": 0}, line("B", "99.00", id=2)]
    back = refund("170.00", refund_line("200.00", of=1, total_tax="40.00"), order_adjustments=[discrepancy("30.00")])
    payload = order(*items, refunds=[back], current_total_price="99.00", current_total_tax="19.80", **REFUNDED)
    totals = totals_of(payload)
    assert [charge[::2] for charge in charges_of(read(payload))] == [("fee", 3_000)]
    assert (totals.total, totals.paid, totals.balance) == (12_900, 12_900, 0)


def test_a_refund_that_failed_gave_nothing_back(app: Flask) -> None:
    failed = {"id": 1, "transactions": [{"kind": "refund", "status": "failure", "amount": "359.00"}]}
    payment = read(order(FAT, refunds=[failed])).payment
    assert (payment.paid, payment.refunded) == (35_900, 0)


def test_a_refund_in_the_currency_of_the_customer_counts_in_that_of_the_shop(app: Flask) -> None:
    back = refund("5.00")
    back["transactions"][0] |= {"currency": "EUR", "amount_set": shop_money("56.00", "5.00")}
    totals = totals_of(order(FAT, refunds=[back], **REFUNDED))
    assert (totals.paid, totals.credited, totals.balance) == (30_300, 5_600, 0)


def test_what_came_in_less_what_went_back_is_paid(app: Flask) -> None:
    sale = {"kind": "sale", "status": "success", "amount": "359.00", "gateway": "klarna"}
    back = {**sale, "kind": "refund", "amount": "59.00"}
    payload = order(FAT, refunds=[refund("59.00")], transactions=[sale, back], **REFUNDED)
    new = read(payload)
    assert (new.payment.paid, new.payment.refunded, new.payment.written_off) == (30_000, 5_900, 5_900)
