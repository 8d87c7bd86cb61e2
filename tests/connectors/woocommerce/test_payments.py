"""How WooCommerce's orders are paid: nothing is asked for that the shop does not ask for."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.woocommerce.builders import fee, item, meta, order, place
from webshop_orders.models import Order
from webshop_orders.money.totals import compute_totals


def parts(placed: Order) -> dict[str, int]:
    return {part.method: part.amount for part in placed.payments}


def sums(placed: Order) -> tuple[int, int, int]:
    """Total, paid and balance."""
    totals = compute_totals(placed)
    return totals.total, totals.paid, totals.balance


@pytest.mark.parametrize(
    "extra",
    [
        {"gift_cards": [{"id": 4, "code": "AAAA-BBBB", "amount": 40}]},
        {"gift_cards": [{"code": "A", "amount": "15.00"}, {"code": "B", "amount": "25.00"}]},
        {"pw_gift_cards_redeemed": [{"number": "1234", "amount": "40.00"}]},
        {"meta_data": meta(_ywgc_applied_gift_cards={"CODE-1": "40.00"})},
    ],
    ids=["gift cards", "two gift cards", "PW", "YITH"],
)
def test_a_gift_card_pays_beside_the_payment_method(app: Flask, extra: dict[str, Any]) -> None:
    placed = place(order(item("Vas", "80.00"), total="60.00", **extra))
    assert sums(placed) == (10_000, 10_000, 0)
    assert (placed.payment_method, parts(placed)) == ("swish", {"swish": 6000, "gift_card": 4000})


def test_a_gift_card_that_the_total_includes_is_a_part_of_what_was_paid(app: Flask) -> None:
    placed = place(order(item("Vas", "80.00"), gift_cards=[{"code": "A", "amount": 40}]))
    assert sums(placed) == (10_000, 10_000, 0)
    assert parts(placed) == {"swish": 6000, "gift_card": 4000}


def test_a_gift_card_pays_all(app: Flask) -> None:
    payload = order(item("Vas", "80.00"), total="0.00", payment_method="", payment_method_title="")
    placed = place(payload | {"gift_cards": [{"code": "A", "amount": "100.00"}]})
    assert sums(placed) == (10_000, 10_000, 0)
    assert (placed.payment_method, parts(placed)) == ("gift_card", {})


def test_store_credit_after_tax_pays_and_before_tax_is_a_discount(app: Flask) -> None:
    credit = [{"code": "TILLGODO", "discount": "40.00", "discount_tax": "0.00", "discount_type": "smart_coupon"}]
    after = place(order(item("Vas", "80.00"), total="60.00", coupon_lines=credit))
    assert (sums(after), parts(after)) == ((10_000, 10_000, 0), {"swish": 6000, "store_credit": 4000})
    before = place(order(item("Vas", "48.00", before="80.00"), coupon_lines=credit, id=5121))
    assert (sums(before), parts(before)) == ((6000, 6000, 0), {})


def test_a_wallet_that_pays_by_a_fee_is_store_credit(app: Flask) -> None:
    wallet = fee("Via wallet", "-40.00", 0, meta_data=meta(_legacy_fee_key="_via_wallet_partial_payment"))
    placed = place(order(item("Vas", "80.00"), fee_lines=[wallet]))
    assert (sums(placed), parts(placed)) == ((10_000, 10_000, 0), {"swish": 6000, "store_credit": 4000})
    assert placed.charges == []


def test_the_rest_of_an_unpaid_order_with_a_gift_card_is_asked_for(app: Flask) -> None:
    placed = place(order(total="60.00", date_paid_gmt=None, gift_cards=[{"code": "A", "amount": 40}]))
    assert sums(placed) == (10_000, 4000, 6000)


def test_a_deposit_is_paid_and_the_second_payment_asked_for(app: Flask) -> None:
    deposit = {"_wc_deposits_order_has_deposit": "yes", "_wc_deposits_deposit_amount": "30.00"}
    paid = meta(**deposit, _wc_deposits_deposit_paid="yes", _wc_deposits_second_payment_paid="no")
    unpaid = meta(**deposit, _wc_deposits_deposit_paid="no")
    settled = meta(**deposit, _wc_deposits_deposit_paid="yes", _wc_deposits_second_payment_paid="yes")
    assert sums(place(order(meta_data=paid, status="partially-paid"))) == (10_000, 3000, 7000)
    assert sums(place(order(meta_data=unpaid, id=2, date_paid_gmt=None))) == (10_000, 0, 10_000)
    assert sums(place(order(meta_data=settled, id=3))) == (10_000, 10_000, 0)


def test_what_was_given_back_is_refunded_and_never_owed(app: Flask) -> None:
    placed = place(order(refunds=[{"id": 9, "reason": "repa", "total": "-25.00"}, {"id": 10, "total": "-5.50"}]))
    assert sums(placed) == (10_000, 6950, 0)
    assert (placed.refunded, placed.credited, placed.written_off) == (3050, 3050, 0)


def test_all_that_was_given_back_is_not_asked_for(app: Flask) -> None:
    placed = place(order(status="completed", refunds=[{"id": 9, "total": "-100.00"}]))
    assert sums(placed) == (10_000, 0, 0)
    assert placed.refunded == 10_000


def test_what_is_taken_off_an_unpaid_invoice_is_not_asked_for(app: Flask) -> None:
    placed = place(
        order(date_paid_gmt=None, payment_method="bacs", status="on-hold", refunds=[{"id": 9, "total": "-25.00"}])
    )
    assert sums(placed) == (10_000, 0, 7500)
    assert (placed.refunded, placed.credited, placed.written_off, placed.payment_method) == (0, 2500, 0, "invoice")


def test_an_order_without_a_stated_total_costs_what_its_rows_do(app: Flask) -> None:
    payload = order(item("Vas", "80.00"))
    del payload["total"]
    assert sums(place(payload)) == (10_000, 10_000, 0)
