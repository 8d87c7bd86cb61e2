"""The sums that an order's source states: the order has them, or it is refused, or shown as different."""

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, SHOP, make_order, reshape_shop
from tests.operations.steps import kinds_of, read
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, Payment, Shipping, StatedTotals
from webshop_orders.errors import InvalidDocument
from webshop_orders.models import Charge, ChargeKind, Difference, EventKind, Order
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import placement
from webshop_orders.transactions.unit_of_work import writing

CANDLE = NewLine("CANDLE", "Blockljus", 3, 10_000, 2500, discount=1_500)
FEE = Charge(ChargeKind.FEE, "Fakturaavgift", 2_900, 2500)


def place(*, shows_differences: bool = False, **values: object) -> Order:
    """An order of 334,00 kr with 66,80 kr VAT, of which 100,00 kr are paid."""
    filled = {
        "external_reference": "test-1",
        "customer": ASA,
        "billing_address": LULEA,
        "currency": "SEK",
        "lines": [CANDLE],
        "charges": [FEE],
        "shipping": Shipping(price=2_000, vat_rate=2500),
        "payment": Payment("klarna", paid=10_000),
        **values,
    }
    with writing():
        return placement.place(NewOrder(**filled), {}, by=SHOP, shows_differences=shows_differences)


def refusal(**totals: object) -> dict[str, str]:
    with pytest.raises(InvalidDocument) as refused:
        place(totals=StatedTotals(**totals))
    db.session.rollback()
    assert refused.value.field == "totals"
    return {fault.pointer: fault.sentence for fault in refused.value.faults}


@pytest.mark.parametrize(
    "totals",
    [
        {},
        {"total": 33_400},
        {"vat": {"2500": 6_680}},
        {"vat": {"2500": 6_680, "1200": 0}},
        {"shipping": 2_000, "paid": 10_000, "balance": 23_400},
    ],
)
def test_an_order_with_the_sums_that_its_source_states_is_placed(app: Flask, totals: dict[str, object]) -> None:
    order = read(place(totals=StatedTotals(**totals)))

    assert (order.total, order.shop_differences, order.vat_corrections) == (33_400, [], {})


@pytest.mark.parametrize(
    ("totals", "pointer"),
    [
        ({"total": 33_399}, "/totals/total"),
        ({"shipping": 0}, "/totals/shipping"),
        ({"paid": 33_400}, "/totals/paid"),
        ({"balance": 0}, "/totals/balance"),
        ({"vat": {"2500": 6_690}}, "/totals/vat/2500"),
        ({"vat": {"2500": 6_680, "1200": 5}}, "/totals/vat/1200"),
        ({"vat": {}}, "/totals/vat/2500"),
    ],
)
def test_another_sum_than_the_source_states_is_refused_with_both(
    app: Flask, totals: dict[str, object], pointer: str
) -> None:
    (found,) = refusal(**totals)

    assert found == pointer


def test_the_refusal_names_the_line_that_makes_the_difference(app: Flask) -> None:
    sentences = refusal(total=31_900), refusal(total=30_500), refusal(total=33_000)

    assert "Blockljus" in sentences[0]["/totals/total"]  # its discount
    assert "Fakturaavgift" in sentences[1]["/totals/total"]
    assert "«" not in sentences[2]["/totals/total"]
    assert "319,00" in sentences[0]["/totals/total"]
    assert "334,00" in sentences[0]["/totals/total"]


def test_vat_that_the_source_rounds_elsewhere_is_taken_over_and_kept_until_lines_change(app: Flask) -> None:
    order = read(place(totals=StatedTotals(total=33_400, vat={"2500": 6_683})))

    assert order.vat_corrections == {"2500": 3}
    assert compute_totals(order).vat == {2500: 6_683}
    assert order.total == 33_400


def test_vat_on_top_that_the_source_rounds_elsewhere_changes_the_total(app: Flask) -> None:
    line = NewLine("THREAD", "Tråd", 1, 333, 2500)  # 83,25 öre of VAT
    order = read(
        place(
            lines=[line] * 3,
            charges=[],
            shipping=Shipping(vat_rate=0),
            prices_include_vat=False,
            totals=StatedTotals(total=1_248, vat={"2500": 249}),
        )
    )

    assert (order.vat_corrections, order.total) == ({"2500": -1}, 1_248)


def test_an_order_with_a_difference_can_be_placed_and_shows_it(app: Flask) -> None:
    order = read(place(shows_differences=True, totals=StatedTotals(total=31_900, paid=10_000)))

    assert order.shop_differences == [Difference("totals.total", "33400", "31900")]
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.SOURCE_DIFFERS]


def test_an_order_whose_source_states_ore_is_not_rounded(app: Flask) -> None:
    reshape_shop(rounds_to_whole_kronor=True)
    values = {"lines": [NewLine("THREAD", "Tråd", 1, 10_049, 2500)], "charges": [], "shipping": Shipping(vat_rate=0)}

    exact = read(place(**values, totals=StatedTotals(total=10_049)))
    rounded = read(place(**values, external_reference="test-2", totals=StatedTotals(total=10_000)))
    unstated = read(place(**values, external_reference="test-3"))

    assert [exact.total, rounded.total, unstated.total] == [10_049, 10_000, 10_000]


def test_charges_that_take_off_more_than_the_order_costs_are_refused(app: Flask) -> None:
    deduction = Charge(ChargeKind.DEDUCTION, "Avdrag", -100_000)
    with pytest.raises(InvalidDocument) as refused:
        make_order(lines=[CANDLE], charges=[deduction])

    assert [fault.pointer for fault in refused.value.faults] == ["/charges"]
