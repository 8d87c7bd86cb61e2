"""Shopify's orders that were edited after they were placed: what they have now is what counts."""

from flask import Flask

from tests.connectors.shopify.payloads import line, order, refund, refund_line
from tests.connectors.shopify.placing import read, totals_of
from tests.web.conftest import on_sqlite

pytestmark = on_sqlite


def test_an_order_that_was_edited_before_the_payment_was_captured_owes_nothing(app: Flask) -> None:
    item = {**line("STOL", "125.00", 3), "current_quantity": 2}
    payload = order(item, total="375.00", current_total_price="250.00", current_total_tax="50.00")
    new, totals = read(payload), totals_of(payload)
    assert [(new_line.quantity, new_line.unit_price) for new_line in new.lines] == [(2, 12_500)]
    assert (new.payment.refunded, new.payment.written_off) == (0, 0)
    assert (totals.total, totals.paid, totals.balance) == (25_000, 25_000, 0)


def test_an_edit_may_be_listed_as_a_refund_that_was_not_paid_out(app: Flask) -> None:
    item = {**line("STOL", "125.00", 3), "current_quantity": 2}
    edit = refund(None, refund_line("125.00", total_tax="25.00"))
    payload = order(item, refunds=[edit], current_total_price="250.00", current_total_tax="50.00")
    totals = totals_of(payload)
    assert (totals.total, totals.paid, totals.balance, totals.charges) == (25_000, 25_000, 0, 0)


def test_what_an_edit_added_is_asked_for(app: Flask) -> None:
    items = [line("STOL", "125.00", id=1), line("DYNA", "75.00", id=2)]
    payload = order(
        *items,
        total="125.00",
        current_total_price="200.00",
        total_tax="25.00",
        current_total_tax="40.00",
        financial_status="partially_paid",
        total_outstanding="75.00",
    )
    totals = totals_of(payload)
    assert (totals.total, totals.paid, totals.balance) == (20_000, 12_500, 7_500)


def test_what_is_left_of_a_discount_is_its_share(app: Flask) -> None:
    item = {**line("STOL", "125.00", 4, discount="100.00"), "current_quantity": 3}
    payload = order(item, current_total_price="300.00", current_total_tax="60.00")
    totals = totals_of(payload)
    assert (totals.total, totals.vat) == (30_000, {2_500: 6_000})


def test_an_öre_that_rounding_leaves_is_a_row(app: Flask) -> None:
    item = {**line("STOL", "100.00", 3, discount="10.00"), "current_quantity": 1}
    payload = order(item, current_total_price="96.66", current_total_tax="19.33")
    assert (totals_of(payload).total, [charge.amount for charge in read(payload).charges]) == (9_666, [-1])


def test_a_line_of_which_nothing_is_left_is_left_out(app: Flask) -> None:
    items = [{**line("STOL", "125.00", id=1), "current_quantity": 0}, line("DYNA", "75.00", id=2)]
    new = read(order(*items, current_total_price="75.00", current_total_tax="15.00"))
    assert [new_line.sku for new_line in new.lines] == ["DYNA"]
