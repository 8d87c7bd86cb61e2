"""What of a Shopify order is paid and still asked for, and by which methods."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.shopify.payloads import line, order
from tests.connectors.shopify.placing import read, totals_of
from tests.web.conftest import on_sqlite
from webshop_orders.errors import InvalidDocument

pytestmark = on_sqlite
FAT = line("FAT", "359.00")


def paid_in(amount: str, gateway: str, kind: str = "sale", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "status": "success", "amount": amount, "gateway": gateway, **more}


@pytest.mark.parametrize(
    ("status", "outstanding", "paid", "balance"),
    [
        ("paid", "0.00", 35_900, 0),
        ("paid", None, 35_900, 0),
        ("partially_paid", "159.00", 20_000, 15_900),
        ("partially_paid", None, 0, 35_900),
        ("pending", "359.00", 0, 35_900),
        ("pending", "259.00", 10_000, 25_900),
        ("authorized", "359.00", 0, 35_900),
        ("authorized", "0.00", 0, 35_900),
        ("expired", "359.00", 0, 35_900),
        (None, None, 0, 35_900),
    ],
)
def test_paid_and_balance_are_as_the_shop_tells(
    app: Flask, status: str | None, outstanding: str | None, paid: int, balance: int
) -> None:
    totals = totals_of(order(FAT, financial_status=status, total_outstanding=outstanding))
    assert (totals.total, totals.paid, totals.balance) == (35_900, paid, balance)


def test_what_the_shop_has_too_much_of_is_to_be_given_back(app: Flask) -> None:
    item = {**line("FAT", "125.00", 3), "current_quantity": 2}
    payload = order(item, current_total_price="250.00", current_total_tax="50.00", total_outstanding="-125.00")
    totals = totals_of(payload)
    assert (totals.total, totals.paid, totals.balance) == (25_000, 37_500, -12_500)


@pytest.mark.parametrize(
    ("gateways", "method"),
    [
        (["shopify_payments", "klarna"], "klarna"),
        (["klarna", "shopify_payments"], "card"),
        (["gift_card", "Swish"], "swish"),
        (["swish", "gift_card"], "swish"),
        (["gift_card"], "gift_card"),
        (["shopify_store_credit"], "store_credit"),
        (["Bank Deposit"], "invoice"),
        (["Kollektivpengar"], "Kollektivpengar"),
        ([], None),
        ([None, 7, "klarna"], "klarna"),
    ],
)
def test_the_gateway_that_was_tried_last_is_the_method(app: Flask, gateways: list[Any], method: str | None) -> None:
    payment = read(order(FAT, payment_gateway_names=gateways)).payment
    assert (payment.method, payment.parts) == (method, [])


def test_an_older_order_has_one_gateway(app: Flask) -> None:
    payload = order(FAT, gateway="klarna")
    del payload["payment_gateway_names"]
    assert read(payload).payment.method == "klarna"


def test_several_methods_are_parts_where_their_amounts_are_known(app: Flask) -> None:
    payload = order(
        FAT,
        payment_gateway_names=["gift_card", "klarna"],
        transactions=[
            paid_in("100.00", "gift_card"),
            paid_in("259.00", "klarna", "authorization"),
            paid_in("259.00", "klarna", "capture"),
            {**paid_in("259.00", "shopify_payments"), "status": "failure"},
        ],
    )
    payment = read(payload).payment
    assert (payment.method, payment.paid) == ("klarna", 35_900)
    assert [(part.method, part.amount) for part in payment.parts] == [("gift_card", 10_000), ("klarna", 25_900)]
    assert totals_of(payload).balance == 0


def test_store_credit_may_pay_most(app: Flask) -> None:
    transactions = [paid_in("300.00", "shopify_store_credit"), paid_in("59.00", "shopify_payments")]
    assert read(order(FAT, transactions=transactions)).payment.method == "store_credit"


def test_what_is_only_reserved_is_not_paid(app: Flask) -> None:
    transactions = [paid_in("359.00", "klarna", "authorization")]
    totals = totals_of(order(FAT, financial_status="authorized", total_outstanding="359.00", transactions=transactions))
    assert (totals.paid, totals.balance) == (0, 35_900)


def test_a_transaction_in_the_currency_of_the_customer_counts_in_that_of_the_shop(app: Flask) -> None:
    sale = paid_in("32.00", "klarna", currency="EUR")
    totals = {"shop_money": {"amount": "359.00"}, "presentment_money": {"amount": "32.00"}}
    payment = read(order(FAT, transactions=[sale], total_price_set=totals)).payment
    assert payment.paid == 35_900
    sale["amount_set"] = {"shop_money": {"amount": "358.50", "currency_code": "SEK"}}
    assert read(order(FAT, transactions=[sale], total_price_set=totals)).payment.paid == 35_850


def test_a_total_that_the_lines_do_not_have_is_refused(app: Flask) -> None:
    with pytest.raises(InvalidDocument, match=r"Summa.*409,00.*359,00"):
        totals_of(order(FAT, total="409.00"))
