"""VAT of Shopify's orders: as the tax lines tell it, per rate, to the öre."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from tests.connectors.shopify.payloads import line, method, order, tax
from tests.connectors.shopify.placing import read, totals_of
from tests.web.conftest import on_sqlite
from webshop_orders.errors import InvalidDocument

pytestmark = on_sqlite


def test_vat_is_that_of_each_rate(app: Flask) -> None:
    lines = [line("BOK", "159.00", id=1, rate="6"), line("TE", "79.00", id=2, rate="12"), line("FAT", "300.00", id=3)]
    totals = totals_of(order(*lines, shipping=[method("Ombud", "49.00")]))
    assert totals.vat == {600: 900, 1_200: 846, 2_500: 6_000 + 980}


def test_prices_without_vat_get_their_tax_added(app: Flask) -> None:
    lines = [line("A", "99.99", 3, id=1, includes_tax=False), line("B", "10.01", id=2, rate="12", includes_tax=False)]
    shipping = [method("Ombud", "39.20", includes_tax=False)]
    totals = totals_of(order(*lines, shipping=shipping, taxes_included=False))
    # 299.97 + 74.99, 10.01 + 1.20, 39.20 + 9.80
    assert (totals.total, totals.vat) == (37_496 + 1_121 + 4_900, {1_200: 120, 2_500: 7_499 + 980})


def test_vat_that_each_line_rounds_is_taken_over(app: Flask) -> None:
    lines = [line(f"S-{number}", "0.13", id=number) for number in range(1, 6)]  # 0.026 each, which is 0.03
    totals = totals_of(order(*lines))
    assert (totals.total, totals.vat) == (65, {2_500: 15})


def test_vat_that_the_order_rounds_as_a_whole_is_taken_over(app: Flask) -> None:
    lines = [line(f"S-{number}", "0.13", id=number) for number in range(1, 6)]
    of_order: dict[str, Any] = {"tax_lines": [{"title": "Moms", "price": "0.13", "rate": 0.25}]}
    totals = totals_of(order(*lines, total_tax="0.13", current_total_tax="0.13", **of_order))
    assert totals.vat == {2_500: 13}


def test_a_customer_who_pays_no_vat_has_a_rate_of_zero(app: Flask) -> None:
    item = {**line("SKÅP", "800.00"), "tax_lines": [{"title": "Moms", "price": "0.00", "rate": 0.25}]}
    payload = order(item, taxes_included=False)
    assert [new_line.vat_rate for new_line in read(payload).lines] == [0]
    assert totals_of(payload).vat == {0: 0}


def test_two_taxes_on_a_line_add_up_to_one_rate(app: Flask) -> None:
    taxes = [{"title": "GST", "price": "5.00", "rate": 0.05}, {"title": "PST", "price": "7.00", "rate": 0.07}]
    payload = order({**line("CA", "100.00"), "tax_lines": taxes}, taxes_included=False, total="112.00")
    assert totals_of(payload).vat == {1_200: 1_200}


def test_the_only_tax_line_of_an_order_is_that_of_its_lines(app: Flask) -> None:
    bare = [
        {**line("A", "500.00", id=1), "tax_lines": []},
        {**line("B", "40.00", id=2, taxable=False), "tax_lines": []},
    ]
    shipping = [{**method("Ombud", "59.00"), "tax_lines": []}]
    payload = order(*bare, shipping=shipping, tax_lines=[tax(Decimal("559.00"), "25")])
    totals = totals_of(payload | {"total_tax": "111.80", "current_total_tax": "111.80"})
    assert (totals.total, totals.vat) == (59_900, {0: 0, 2_500: 11_180})


def test_vat_that_no_tax_line_explains_is_refused_with_both_sums(app: Flask) -> None:
    with pytest.raises(InvalidDocument, match=r"Moms 25.*80,00.*60,00"):
        totals_of(order(line("FAT", "300.00"), total_tax="80.00", current_total_tax="80.00"))


def test_an_order_that_states_no_vat_is_not_compared(app: Flask) -> None:
    payload = order({**line("FAT", "300.00"), "tax_lines": []})
    del payload["total_tax"], payload["current_total_tax"]
    assert read(payload).totals.vat is None


def test_a_return_of_a_rate_of_its_own_is_placed(app: Flask) -> None:
    payload = order(line("BORD", "900.00", id=1), line("BOK", "-106.00", id=2, rate="6"))
    assert (totals_of(payload).total, read(payload).totals.vat) == (79_400, None)
