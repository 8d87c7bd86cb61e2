"""Rule 30: what is to be charged for the shipments of an order adds up to it, to the öre."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webshop_orders.models import Capture, Charge, ChargeKind, DeliveryStatus, Line, Order
from webshop_orders.money import captures
from webshop_orders.money.totals import compute_totals

MORNING = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
Row = tuple[int, int, int, int]  # quantity, unit price, VAT rate, discount


def line(row: Row) -> Line:
    quantity, price, rate, discount = row
    return Line(quantity=quantity, unit_price=price, vat_rate=rate, discount=discount, reserved=quantity)


def order_of(*shipments: list[Row], shipping: int = 0, charges: list[Charge] | None = None, **values: object) -> Order:
    """An order, in no database, of open shipments of rows."""
    filled = {
        "prices_include_vat": True,
        "rounds_to_whole_kronor": False,
        "paid": 0,
        "written_off": 0,
        "credited": 0,
        "vat_corrections": {},
        "last_seq": 0,
        **values,
    }
    order = Order(number="T-1", shipping_price=shipping, shipping_vat_rate=2500, charges=charges or [], **filled)
    for rows in shipments:
        order.add_shipment().lines = [line(row) for row in rows]
    return order


def ship(order: Order, seq: int) -> Capture:
    """Have a shipment leave, an hour after those that have left."""
    shipment = order.find_shipment(seq)
    assert shipment is not None
    gone = sum(other.is_shipped for other in order.shipments)
    shipment.status, shipment.shipped_at = DeliveryStatus.SHIPPED, MORNING + timedelta(hours=gone)
    shipment.capture = captures.of_leaving(shipment)
    return shipment.capture


def amounts(order: Order) -> dict[int, int]:
    return {seq: capture.amount for seq, capture in sorted(captures.of_order(order).items())}


def check_adds_up(order: Order) -> None:
    """The whole of rule 30; also of an order whose shipments have left."""
    found, totals = captures.of_order(order), compute_totals(order)
    if order.is_cancelled:
        assert found == {}
        return
    vat: Counter[str] = Counter()
    for capture in found.values():
        vat.update(capture.vat)
        on_top = 0 if order.prices_include_vat else sum(capture.vat.values())
        parts = capture.goods + capture.shipping + capture.charges + capture.rounding + capture.adjustment
        assert capture.amount == parts + on_top
        assert capture.amount >= 0 or totals.total < 0
    assert found.keys() == {shipment.seq for shipment in order.shipments}
    assert sum(capture.amount for capture in found.values()) == totals.total
    assert {rate: amount for rate, amount in vat.items() if amount} == {
        str(rate): amount for rate, amount in totals.vat.items() if amount
    }
    assert sum(capture.goods for capture in found.values()) == totals.lines - totals.discount
    assert sum(capture.shipping for capture in found.values()) == totals.shipping
    assert sum(capture.charges for capture in found.values()) == totals.charges
    assert sum(capture.rounding for capture in found.values()) == totals.rounding
    assert sum(capture.adjustment for capture in found.values()) == 0


def test_rule_30_nothing_is_charged_for_a_cancelled_order() -> None:
    order = order_of([(1, 10_000, 2500, 0)], cancelled_at=MORNING)

    assert captures.of_order(order) == {}


def test_rule_30_a_single_shipment_is_charged_for_the_whole_order() -> None:
    fee, gift = Charge(ChargeKind.FEE, "Fakturaavgift", 1_900, 2500), Charge(ChargeKind.DEDUCTION, "Kampanj", -700, 0)
    order = order_of([(3, 4_990, 2500, 100), (1, 333, 600, 0)], shipping=4_900, charges=[fee, gift])
    order.rounds_to_whole_kronor = True

    (capture,) = captures.of_order(order).values()

    assert capture == Capture(
        amount=21_300, goods=15_203, shipping=4_900, charges=1_200, rounding=-3, vat={"0": 0, "600": 19, "2500": 4_334}
    )


def test_rule_30_shipping_and_fees_go_with_the_shipment_that_leaves_first() -> None:
    order = order_of(
        [(1, 10_000, 2500, 0)],
        [(1, 20_000, 2500, 0)],
        shipping=4_900,
        charges=[Charge(ChargeKind.FEE, "Fakturaavgift", 1_900, 2500)],
    )
    expected = amounts(order)

    left_first = ship(order, 2)

    assert expected == {1: 16_800, 2: 20_000}
    assert (left_first.amount, left_first.shipping, left_first.charges) == (26_800, 4_900, 1_900)
    assert amounts(order) == {1: 10_000, 2: 26_800}


def test_rule_30_a_deduction_is_shared_by_value() -> None:
    order = order_of(
        [(1, 10_000, 2500, 0)], [(1, 20_000, 2500, 0)], charges=[Charge(ChargeKind.DEDUCTION, "Kampanj", -10_000, 2500)]
    )

    assert amounts(order) == {1: 6_667, 2: 13_333}


def test_rule_30_each_amount_is_in_whole_kronor_where_the_order_is() -> None:
    order = order_of(*[[(1, 3_333, 2500, 0)]] * 3, rounds_to_whole_kronor=True)

    assert amounts(order) == {1: 3_300, 2: 3_400, 3: 3_300}
    assert compute_totals(order).total == 10_000


def test_rule_30_vat_follows_the_rows_of_each_shipment_and_its_correction_all_of_them() -> None:
    order = order_of(
        [(1, 10_000, 2500, 0)],
        [(1, 10_000, 600, 0), (1, 10_000, 2500, 0)],
        prices_include_vat=False,
        vat_corrections={"2500": 2},
    )

    found = captures.of_order(order)

    assert {seq: capture.vat for seq, capture in found.items()} == {
        1: {"2500": 2_501},
        2: {"600": 600, "2500": 2_501},
    }
    assert amounts(order) == {1: 12_501, 2: 23_101}


def test_rule_30_what_has_left_keeps_its_amount_and_the_rest_share_what_changes() -> None:
    order = order_of([(1, 10_000, 2500, 0)], [(1, 20_000, 2500, 0)], shipping=4_900)
    ship(order, 1)

    order.shipping_price = 9_900
    order.shipments[1].lines[0].unit_price = 15_000

    assert amounts(order) == {1: 14_900, 2: 20_000}


def test_rule_30_a_fee_that_falls_after_it_was_charged_is_charged_less_for_the_next() -> None:
    order = order_of([(1, 10_000, 2500, 0)], [(1, 20_000, 2500, 0)], shipping=4_900)
    ship(order, 1)

    order.shipping_price = 0

    assert amounts(order) == {1: 14_900, 2: 15_100}


def test_rule_30_nothing_is_charged_where_less_is_left_than_the_shop_owes() -> None:
    order = order_of([(1, 10_000, 2500, 0)], [(1, 2_000, 2500, 0)], shipping=4_900)
    ship(order, 1)

    order.shipping_price = 0

    assert amounts(order) == {1: 12_000, 2: 0}
    assert ship(order, 2).amount == 0
    assert amounts(order) == {1: 12_000, 2: 0}
    check_adds_up(order)


def test_rule_30_what_changes_after_the_last_one_has_left_is_on_that_one() -> None:
    order = order_of([(1, 10_000, 2500, 0)], [(1, 20_000, 2500, 0)], shipping=4_900)
    ship(order, 2)
    ship(order, 1)

    order.shipping_price = 9_900

    assert amounts(order) == {1: 15_000, 2: 24_900}


def test_rule_30_a_reopened_shipment_shares_again() -> None:
    order = order_of([(1, 10_000, 2500, 0)], [(1, 20_000, 2500, 0)], shipping=4_900)
    ship(order, 1)
    ship(order, 2)
    first = order.shipments[0]

    first.status, first.shipped_at, first.capture = DeliveryStatus.READY, None, None

    assert amounts(order) == {1: 14_900, 2: 20_000}


def test_rule_30_holds_for_shipments_that_left_before_amounts_were_kept() -> None:
    order = order_of([(1, 10_000, 2500, 0)], [(1, 20_000, 2500, 0)], shipping=4_900)
    order.shipments[1].status, order.shipments[1].shipped_at = DeliveryStatus.SHIPPED, MORNING

    assert amounts(order) == {1: 10_000, 2: 24_900}
    assert ship(order, 1).amount == 10_000
    assert amounts(order) == {1: 10_000, 2: 24_900}


# Random orders and what becomes of them

RATES = st.sampled_from([0, 600, 1200, 2500])
AMOUNT = st.one_of(st.integers(0, 300), st.integers(0, 100_000))


@st.composite
def rows(draw: st.DrawFn) -> Row:
    quantity, price = draw(st.integers(1, 5)), draw(AMOUNT)
    return quantity, price, draw(RATES), draw(st.integers(0, quantity * price))


CHARGES = st.builds(
    Charge, st.just(ChargeKind.FEE), st.just("Avgift"), st.one_of(st.integers(-5_000, 5_000), st.just(-100_000)), RATES
)


@dataclass(frozen=True)
class Step:
    """Something that becomes of an order: the numbers say to which shipment, and how."""

    what: str
    which: int
    amount: int
    row: Row


STEPS = st.builds(
    Step,
    st.sampled_from(["ship", "ship", "ship", "reopen", "fee", "price", "add", "remove", "split", "charge", "cancel"]),
    st.integers(0, 9),
    AMOUNT,
    rows(),
)


def carry_out(order: Order, step: Step) -> None:
    shipment = order.shipments[step.which % len(order.shipments)]
    order.cancelled_at = MORNING if step.what == "cancel" and not any(s.is_shipped for s in order.shipments) else None
    match step.what:
        case "ship" if not shipment.is_shipped:
            ship(order, shipment.seq)
        case "reopen" if shipment.is_shipped:
            shipment.status, shipment.shipped_at, shipment.capture = DeliveryStatus.READY, None, None
        case "fee":
            order.shipping_price = step.amount
        case "charge":
            order.charges = [*order.charges, Charge(ChargeKind.FEE, "Tillägg", step.amount, step.row[2])]
        case "price" if not shipment.is_shipped and shipment.lines:
            changed = shipment.lines[0]
            changed.unit_price, changed.discount = step.amount, 0
            order.vat_corrections = {}
        case "add" if not shipment.is_shipped:
            shipment.lines.append(line(step.row))
        case "remove" if not shipment.is_shipped and len(list(order.lines)) > len(shipment.lines):
            order.shipments.remove(shipment)
        case "split" if not shipment.is_shipped and len(shipment.lines) > 1:
            order.add_shipment().lines.append(shipment.lines.pop())


@given(
    st.lists(st.lists(rows(), min_size=1, max_size=3), min_size=1, max_size=4),
    AMOUNT,
    st.lists(CHARGES, max_size=3),
    st.booleans(),
    st.booleans(),
    st.dictionaries(RATES.map(str), st.integers(-3, 300), max_size=2),
    st.lists(STEPS, max_size=12),
)
@example([[(1, 0, 0, 0)], [(1, 0, 0, 0)]], 0, [Charge(ChargeKind.FEE, "Avgift", -100, 0)], False, True, {}, [])
def test_rule_30_captures_add_up_for_any_order_split_and_edited_in_any_way(
    shipments: list[list[Row]],
    shipping: int,
    charges: list[Charge],
    rounds: bool,
    includes_vat: bool,
    corrections: dict[str, int],
    steps: list[Step],
) -> None:
    rates = {str(row[2]) for of_shipment in shipments for row in of_shipment}
    order = order_of(
        *shipments,
        shipping=shipping,
        charges=charges,
        rounds_to_whole_kronor=rounds,
        prices_include_vat=includes_vat,
        vat_corrections={rate: amount for rate, amount in corrections.items() if rate in rates},
    )
    check_adds_up(order)
    for step in steps:
        carry_out(order, step)
        check_adds_up(order)


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_rule_30_a_shipment_that_leaves_changes_nothing_that_was_charged(seq: int) -> None:
    order = order_of(*[[(1, 3_333, 2500, 0), (1, 999, 600, 0)]] * 4, shipping=4_900, rounds_to_whole_kronor=True)
    before = {4: ship(order, 4)}

    ship(order, seq)

    assert {4: captures.of_order(order)[4]} == before
