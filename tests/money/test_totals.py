"""Rules 16 and 17: what an order costs, to the öre, and which edits its payment allows."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, line_of, read
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Charge, ChargeKind, Line, Order, Product, Shipment
from webshop_orders.money import payments
from webshop_orders.money.rounding import round_half_up
from webshop_orders.money.totals import Totals, compute_totals, of_shipment
from webshop_orders.operations.orders import lines

PLACED_AT = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
Row = tuple[int, int, int, int]  # quantity, unit price, VAT rate, discount


def order_of(*shipments: list[Row], **values: object) -> Order:
    """An order, in no database, of shipments of rows."""
    filled = {
        "prices_include_vat": True,
        "rounds_to_whole_kronor": False,
        "shipping_price": 0,
        "shipping_vat_rate": 0,
        "paid": 0,
        "written_off": 0,
        "credited": 0,
        "refunds": [],
        "charges": [],
        "vat_corrections": {},
        **values,
    }
    return Order(
        number="T-1",
        shipments=[
            Shipment(lines=[Line(quantity=q, unit_price=p, vat_rate=r, discount=d, reserved=q) for q, p, r, d in rows])
            for rows in shipments
        ],
        **filled,
    )


def test_rule_16_a_half_ore_of_vat_is_rounded_up() -> None:
    within = compute_totals(order_of([(1, 42, 1200, 0)]))  # 42 × 12/112 = 4,5
    on_top = compute_totals(order_of([(1, 2, 2500, 0)], prices_include_vat=False))  # 2 × 25/100 = 0,5

    assert within.vat == {1200: 5}
    assert on_top.vat == {2500: 1}


def test_rule_16_vat_is_calculated_on_the_sum_of_the_order_and_not_line_by_line() -> None:
    totals = compute_totals(order_of([(1, 12, 2500, 0), (1, 12, 2500, 0)], [(1, 12, 2500, 0)]))

    assert totals.vat == {2500: 7}  # 36 × 25/125 = 7,2; line by line it would be 2 + 2 + 2


def test_rule_16_each_rate_has_its_own_sum() -> None:
    totals = compute_totals(
        order_of(
            [(3, 19_900, 2500, 4_800), (2, 11_200, 1200, 0)],
            [(1, 10_600, 600, 0), (1, 5_000, 0, 0)],
            shipping_price=4_900,
            shipping_vat_rate=2500,
            paid=50_000,
        )
    )

    assert totals == Totals(
        lines=97_700,
        discount=4_800,
        shipping=4_900,
        charges=0,
        vat={0: 0, 600: 600, 1200: 2_400, 2500: 11_960},
        vat_on_top=0,
        rounding=0,
        paid=50_000,
    )
    assert totals.total == 97_800
    assert totals.balance == 47_800


def test_rule_16_prices_without_vat_get_it_on_top_of_lines_and_shipping_alike() -> None:
    totals = compute_totals(
        order_of(
            [(3, 10_000, 2500, 2_000), (1, 999, 1200, 0)],
            prices_include_vat=False,
            shipping_price=5_000,
            shipping_vat_rate=2500,
        )
    )

    assert totals.vat == {1200: 120, 2500: 8_250}  # 119,88 and 33 000 × 25 %
    assert totals.vat_on_top == 8_370
    assert totals.total == 30_999 - 2_000 + 5_000 + 8_370


def test_rule_16_free_shipping_adds_no_rate() -> None:
    assert compute_totals(order_of([(1, 100, 1200, 0)], shipping_price=0, shipping_vat_rate=2500)).vat == {1200: 11}


@pytest.mark.parametrize(
    ("price", "rounding", "total"),
    [(10_000, 0, 10_000), (10_001, -1, 10_000), (10_049, -49, 10_000), (10_050, 50, 10_100), (10_099, 1, 10_100)],
)
def test_rule_16_oresavrundning_is_down_to_49_and_up_from_50_in_a_row_of_its_own(
    price: int, rounding: int, total: int
) -> None:
    totals = compute_totals(order_of([(1, price, 2500, 0)], rounds_to_whole_kronor=True))
    exact = compute_totals(order_of([(1, price, 2500, 0)]))

    assert (totals.lines, totals.rounding, totals.total) == (price, rounding, total)
    assert totals.vat == exact.vat
    assert (exact.rounding, exact.total) == (0, price)


def test_rule_19_a_shipment_has_the_sums_of_its_own_goods_without_fee_rounding_or_payment() -> None:
    order = order_of(
        [(3, 19_999, 2500, 100)],
        [(1, 5_049, 1200, 0)],
        rounds_to_whole_kronor=True,
        shipping_price=4_900,
        shipping_vat_rate=2500,
        paid=9_999,
    )

    sums = of_shipment(order, order.shipments[1].lines)

    assert sums == Totals(
        lines=5_049, discount=0, shipping=0, charges=0, vat={1200: 541}, vat_on_top=0, rounding=0, paid=0
    )


def test_rule_16_charges_are_in_the_total_and_in_the_vat_of_their_rate() -> None:
    charges = [
        Charge(ChargeKind.FEE, "Fakturaavgift", 2_900, 2500),
        Charge(ChargeKind.DUTY, "Tull", 1_000),
        Charge(ChargeKind.DEDUCTION, "Kvantitetsrabatt", -1_250, 2500),
    ]
    totals = compute_totals(order_of([(1, 10_000, 2500, 0)], charges=charges))

    assert (totals.charges, totals.total) == (2_650, 12_650)
    assert totals.vat == {0: 0, 2500: 2_330}  # 11 650 × 25/125


def test_rule_16_vat_on_top_of_a_deduction_is_taken_off_too() -> None:
    deduction = Charge(ChargeKind.DEDUCTION, "Pant tillbaka", -2_001, 1200)
    totals = compute_totals(order_of([(1, 10_000, 2500, 0)], prices_include_vat=False, charges=[deduction]))

    assert totals.vat == {1200: -240, 2500: 2_500}  # −240,12
    assert totals.total == 10_000 - 2_001 - 240 + 2_500


def test_rule_16_vat_that_a_shop_rounds_elsewhere_is_the_shops() -> None:
    rows = [(1, 42, 1200, 0)]
    within = compute_totals(order_of(rows, vat_corrections={"1200": -1}))
    on_top = compute_totals(order_of(rows, prices_include_vat=False, vat_corrections={"1200": 1}))

    assert (within.vat, within.total) == ({1200: 4}, 42)
    assert (on_top.vat, on_top.total) == ({1200: 6}, 48)


@pytest.mark.parametrize(
    ("paid", "written_off", "cancelled_at", "due", "balance"),
    [
        (0, 0, None, 10_000, 10_000),
        (10_000, 0, None, 10_000, 0),
        (7_500, 2_500, None, 7_500, 0),  # the shop took less than the order costs
        (0, 10_000, None, 0, 0),  # all was given back
        (7_500, 1_000, None, 9_000, 1_500),
        (10_000, 0, PLACED_AT, 0, -10_000),  # a cancelled order costs nothing
        (0, 0, PLACED_AT, 0, 0),
        (0, 10_000, PLACED_AT, 0, 0),
    ],
)
def test_the_shop_asks_for_no_more_than_what_is_due(
    paid: int, written_off: int, cancelled_at: datetime | None, due: int, balance: int
) -> None:
    order = order_of([(1, 10_000, 2500, 0)], paid=paid, written_off=written_off, cancelled_at=cancelled_at)
    totals = compute_totals(order)

    assert (totals.total, totals.due, totals.balance) == (10_000, due, balance)


AMOUNTS = st.integers(0, 10**12)
ROWS = st.tuples(
    st.integers(1, 99_999), st.integers(0, 10**7), st.sampled_from([0, 600, 1200, 2500, 1, 9_999, 10_000]), st.just(0)
)


@given(numerator=AMOUNTS, denominator=st.integers(1, 20_000))
def test_rule_16_rounding_agrees_with_exact_decimals(numerator: int, denominator: int) -> None:
    whole, rest = divmod(numerator, denominator)
    assert round_half_up(numerator, denominator) == whole + (2 * rest >= denominator)
    if denominator == 2:
        exact = (Decimal(numerator) / 2).quantize(Decimal(1), ROUND_HALF_UP)
        assert round_half_up(numerator, denominator) == exact


@given(rows=st.lists(ROWS, min_size=1, max_size=8), rounds=st.booleans(), within=st.booleans())
def test_rule_16_the_total_is_the_sum_of_its_rows_whatever_they_are(
    rows: list[Row], rounds: bool, within: bool
) -> None:
    order = order_of(rows, rounds_to_whole_kronor=rounds, prices_include_vat=within)

    totals = compute_totals(order)

    goods = sum(quantity * price for quantity, price, _, _ in rows)
    for rate, vat in totals.vat.items():
        base = sum(quantity * price for quantity, price, at, _ in rows if at == rate)
        exact = Decimal(base) * rate / (10_000 + rate if within else 10_000)
        assert abs(vat - exact) <= Decimal("0.5")
    assert totals.total == goods + (0 if within else sum(totals.vat.values())) + totals.rounding
    assert totals.total % 100 == 0 or not rounds
    assert -49 <= totals.rounding <= 50


@pytest.mark.parametrize(
    ("shop_rounds", "currency", "total"),
    [
        (True, "SEK", 10_000),
        (False, "SEK", 10_049),
        (True, "EUR", 10_049),
    ],
)
def test_rule_16_only_kronor_are_rounded_and_only_where_the_shop_wants_it(
    app: Flask, shop_rounds: bool, currency: str, total: int
) -> None:
    reshape_shop(rounds_to_whole_kronor=shop_rounds)

    order = make_order(lines=[NewLine("X", "X", 1, 10_049, 2500)], currency=currency)

    assert read(order).total == total


def test_rule_16_an_order_keeps_the_rounding_it_was_sold_with(app: Flask, anna: Actor) -> None:
    reshape_shop(rounds_to_whole_kronor=False)
    order = make_order(lines=[NewLine("X", "X", 2, 10_049, 2500)])
    reshape_shop(rounds_to_whole_kronor=True)

    with changing(order, anna) as current:
        lines.change(line_of(current, "X"), quantity=1, by=anna)

    assert read(order).total == 10_049


def test_rule_16_the_kept_total_follows_every_edit(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", price=19_950)
    make_product("WICK", price=1_025)
    order = make_order(("CANDLE", 2), shipping_price=4_900, shipping_vat_rate=2500)
    assert read(order).total == 44_800

    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=3, by=anna)
    assert read(order).total == 64_800  # 64 750, rounded up

    with changing(order, anna) as current:
        wick = db.session.scalars(db.select(Product).where(Product.sku == "WICK")).one()
        lines.add(current, wick, 1, by=anna)
    assert read(order).total == 65_800  # 65 775

    with changing(order, anna) as current:
        lines.remove(line_of(current, "CANDLE"), by=anna)
    assert read(order).total == 5_900  # 5 925, rounded down
    assert read(order).units == 1


@pytest.mark.parametrize(("quantity", "discount"), [(1, 33), (2, 67), (4, 133), (6, 200)])
def test_rule_16_a_discount_follows_the_quantity_of_its_line(
    app: Flask, anna: Actor, quantity: int, discount: int
) -> None:
    order = make_order(lines=[NewLine("X", "X", 3, 10_000, 2500, discount=100)])

    with changing(order, anna) as current:
        lines.change(line_of(current, "X"), quantity=quantity, by=anna)

    assert line_of(read(order), "X").discount == discount


def pay(method: str | None, paid: int) -> Order:
    make_product("CANDLE", price=10_000)
    return make_order(("CANDLE", 3), payment_method=method, paid=paid)


@pytest.mark.parametrize("method", ["klarna", "Klarna", "card"])
def test_rule_17_an_order_that_may_only_become_cheaper_refuses_more_and_says_why(
    app: Flask, anna: Actor, method: str
) -> None:
    order = pay(method, paid=30_000)

    with pytest.raises(RuleViolation, match=str(payments.method_label(method))), changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=4, by=anna)

    assert line_of(read(order), "CANDLE").quantity == 3
    assert read(order).total == 30_000


@pytest.mark.parametrize("quantity", [2, 4])
def test_rule_17_an_order_paid_by_instalments_refuses_any_other_total(app: Flask, anna: Actor, quantity: int) -> None:
    order = pay("instalments", paid=30_000)

    with (
        pytest.raises(RuleViolation, match=str(payments.method_label("instalments"))),
        changing(order, anna) as current,
    ):
        lines.change(line_of(current, "CANDLE"), quantity=quantity, by=anna)

    assert line_of(read(order), "CANDLE").quantity == 3


def test_rule_17_payment_has_its_say_on_added_and_removed_products_too(app: Flask, anna: Actor) -> None:
    wick = make_product("WICK", price=500)
    dearer, cheaper = pay("card", paid=30_000), make_order(("CANDLE", 1), ("WICK", 1), payment_method="instalments")

    with pytest.raises(RuleViolation), changing(dearer, anna) as current:
        lines.add(current, db.session.get_one(Product, wick.id), 1, by=anna)
    with pytest.raises(RuleViolation), changing(cheaper, anna) as current:
        lines.remove(line_of(current, "WICK"), by=anna)

    assert [line.sku for line in read(dearer).lines] == ["CANDLE"]
    assert [line.sku for line in read(cheaper).lines] == ["CANDLE", "WICK"]


@pytest.mark.parametrize(
    ("method", "paid", "quantity", "balance"),
    [
        ("klarna", 30_000, 2, -10_000),
        ("card", 30_000, 1, -20_000),
        ("card", 40_000, 4, 0),  # dearer, but within what was paid
        ("invoice", 30_000, 5, 20_000),
        ("invoice", 0, 5, 50_000),
        (None, 30_000, 2, -10_000),
    ],
)
def test_rule_17_the_balance_is_what_is_left_to_charge_or_to_refund(
    app: Flask, anna: Actor, method: str | None, paid: int, quantity: int, balance: int
) -> None:
    order = pay(method, paid)

    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=quantity, by=anna)

    assert compute_totals(read(order)).balance == balance
