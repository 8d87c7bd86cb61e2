"""Shipping of Shopify's orders: what is charged for it now, once."""

from decimal import Decimal

from flask import Flask

from tests.connectors.shopify.payloads import line, method, order, refund, shop_money, tax
from tests.connectors.shopify.placing import charges_of, read, totals_of
from tests.web.conftest import on_sqlite

pytestmark = on_sqlite
FAT = line("FAT", "300.00")


def test_a_method_that_an_edit_removed_is_not_charged(app: Flask) -> None:
    removed = method("Hemleverans", "99.00", is_removed=True, current_discounted_price_set=shop_money("0.00"))
    payload = order(
        FAT,
        shipping=[removed, method("Brev", "29.00", id=202, is_removed=False)],
        total="329.00",
        total_tax="65.80",
        current_total_tax="65.80",
    )
    new, totals = read(payload), totals_of(payload)
    assert (new.shipping.method, new.shipping.price) == ("Brev", 2_900)
    assert (totals.total, totals.balance) == (32_900, 0)


def test_a_method_that_costs_nothing_now_was_removed(app: Flask) -> None:
    removed = method("Hemleverans", "99.00", current_discounted_price_set=shop_money("0.00"))
    payload = order(FAT, shipping=[removed, method("Brev", "29.00", id=202)], total="329.00")
    new = read(payload | {"total_tax": "65.80", "current_total_tax": "65.80"})
    assert (new.shipping.method, new.shipping.price) == ("Brev", 2_900)


def test_shipping_that_was_removed_without_another_one_is_none(app: Flask) -> None:
    removed = method("Hemleverans", "99.00", is_removed=True)
    new = read(order(FAT, shipping=[removed], total="300.00", total_tax="60.00", current_total_tax="60.00"))
    assert (new.shipping.method, new.shipping.price) == (None, 0)


def test_free_shipping_by_a_code_keeps_its_name(app: Flask) -> None:
    new = read(order(FAT, shipping=[method("Ombud", "59.00", discount="59.00")]))
    assert (new.shipping.method, new.shipping.price) == ("Ombud", 0)


def test_two_methods_of_one_rate_are_one_price(app: Flask) -> None:
    payload = order(FAT, shipping=[method("Pall", "200.00"), method("Brev", "29.00", id=202)])
    new = read(payload)
    assert (new.shipping.method, new.shipping.price, new.charges) == ("Pall, Brev", 22_900, [])
    assert totals_of(payload).total == 52_900


def test_a_method_of_another_vat_rate_is_a_fee(app: Flask) -> None:
    payload = order(FAT, shipping=[method("Kylfrakt", "112.00", rate="12"), method("Pall", "200.00", id=202)])
    new, totals = read(payload), totals_of(payload)
    assert (new.shipping.price, new.shipping.vat_rate) == (20_000, 2_500)
    assert charges_of(new) == [("fee", "Kylfrakt", 11_200, 1_200)]
    assert (totals.total, totals.vat) == (61_200, {1_200: 1_200, 2_500: 6_000 + 4_000})


def test_a_method_that_is_taxed_by_what_it_carries_is_split_by_rate(app: Flask) -> None:
    parts = [tax(Decimal("50.00"), "25"), tax(Decimal("28.00"), "12")]  # 40 + 10 and 25 + 3
    payload = order(FAT, shipping=[{**method("Ombud", "78.00"), "tax_lines": parts}])
    new = read(payload)
    assert (new.shipping.price, new.shipping.vat_rate) == (5_000, 2_500)
    assert charges_of(new) == [("fee", "Ombud", 2_800, 1_200)]
    assert totals_of(payload).vat == {1_200: 300, 2_500: 7_000}


def test_refunded_shipping_is_no_longer_charged(app: Flask) -> None:
    payload = order(
        FAT,
        shipping=[method("Ombud", "59.00", current_discounted_price_set=shop_money("0.00"))],
        financial_status="partially_refunded",
        refunds=[
            refund(
                "59.00", refund_shipping_lines=[{"shipping_line_id": 201, "subtotal_amount_set": shop_money("59.00")}]
            )
        ],
    )
    totals = totals_of(payload | {"current_total_price": "300.00", "current_total_tax": "60.00"})
    assert (totals.shipping, totals.total, totals.paid, totals.balance) == (0, 30_000, 30_000, 0)


def test_an_older_refund_of_shipping_is_an_adjustment_of_the_order(app: Flask) -> None:
    adjustment = {"kind": "shipping_refund", "amount": "-47.20", "tax_amount": "-11.80"}
    payload = order(
        FAT,
        shipping=[method("Ombud", "59.00"), method("Pall", "100.00", id=202)],
        financial_status="partially_refunded",
        refunds=[refund("59.00", order_adjustments=[adjustment])],
    )
    totals = totals_of(payload | {"current_total_price": "400.00", "current_total_tax": "80.00"})
    assert (totals.shipping, totals.total, totals.paid, totals.balance) == (10_000, 40_000, 40_000, 0)


def test_shipping_is_compared_with_what_the_shop_states(app: Flask) -> None:
    payload = order(FAT, shipping=[method("Ombud", "59.00")], current_shipping_price_set=shop_money("59.00"))
    assert read(payload).totals.shipping == 5_900
