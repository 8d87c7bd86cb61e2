"""Units that come back to an order have the price and discount they were sold at; new ones never share a discount."""

from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_order, make_product
from tests.operations.steps import changing, last_event, line_of, read, shape
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.models import Actor, Attribute, Line, Order, Product, Shipment
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import cancellation, lines, removed_units, shipments, splits
from webshop_orders.transactions.unit_of_work import writing

LAST = NewLine("LAST", "Sista exemplaret", 2, 99_900, 2500, discount=50_000)
WICK = NewLine("WICK", "Veke", 1, 1_000, 2500)


def sold(line: NewLine = LAST, *others: NewLine, **values: object) -> Order:
    """An order of a line, whose product costs 999,00 now, and others."""
    make_product("LAST", name="Sista exemplaret", price=99_900)
    return make_order(lines=[line, *others], **values)


def add(order: Order, quantity: int, by: Actor, *, to: int | None = None) -> Line:
    product = db.session.scalars(db.select(Product).where(Product.sku == "LAST")).one()
    with changing(order, by) as current:
        return lines.add(current, product, quantity, to=shipments.get(current, to) if to else None, by=by)


def set_quantity(order: Order, quantity: int, by: Actor, *, discounted: bool = True, seq: int | None = None) -> None:
    with changing(order, by) as current:
        line = next(
            line
            for line in current.lines
            if line.sku == "LAST" and bool(line.discount) is discounted and seq in (None, line.shipment.seq)
        )
        lines.change(line, quantity=quantity, by=by)


def remove(order: Order, by: Actor) -> None:
    with changing(order, by) as current:
        lines.remove(line_of(current, "LAST"), by=by)


def sums(order: Order) -> list[tuple[str, int, int, int]]:
    return [(line.sku, line.quantity, line.unit_price, line.discount) for line in read(order).lines]


def test_added_units_do_not_share_the_discount_of_others(app: Flask, anna: Actor) -> None:
    order = sold()

    add(order, 2, anna)
    assert sums(order) == [("LAST", 2, 99_900, 50_000), ("LAST", 2, 99_900, 0)]
    assert read(order).total == 149_800 + 199_800

    set_quantity(order, 1, anna, discounted=False)
    with changing(order, anna) as current:
        lines.remove(next(line for line in current.lines if not line.discount), by=anna)

    assert sums(order) == [("LAST", 2, 99_900, 50_000)]
    assert read(order).total == 149_800


def test_added_units_join_those_without_a_discount(app: Flask, anna: Actor) -> None:
    order = sold()

    add(order, 2, anna)
    add(order, 3, anna)

    assert sums(order) == [("LAST", 2, 99_900, 50_000), ("LAST", 5, 99_900, 0)]


def test_moved_units_do_not_join_those_with_another_discount(app: Flask, anna: Actor) -> None:
    order = sold()
    add(order, 2, anna)

    with changing(order, anna) as current:
        splits.split(next(line for line in current.lines if line.discount), 1, to=None, by=anna)
    with changing(order, anna) as current:
        splits.split(
            next(line for line in current.lines if not line.discount), 1, to=shipments.get(current, 2), by=anna
        )

    assert sums(order) == [
        ("LAST", 1, 99_900, 25_000),
        ("LAST", 1, 99_900, 0),
        ("LAST", 1, 99_900, 25_000),
        ("LAST", 1, 99_900, 0),
    ]


@given(
    price=st.integers(1, 10_000),
    quantity=st.integers(1, 40),
    share=st.fractions(0, 1),
    quantities=st.lists(st.integers(1, 40), max_size=8),
)
def test_a_line_that_is_as_it_was_again_has_the_same_discount(
    price: int, quantity: int, share: float, quantities: list[int]
) -> None:
    discount = int(price * quantity * share)
    line = Line(id=1, quantity=quantity, unit_price=price, discount=discount, sku="X", name="X", vat_rate=2500)
    line.properties = []
    order = Order(shipments=[Shipment(lines=[line])], removed_units=[])

    for new in [*(min(new, quantity) for new in quantities), quantity]:
        removed_units.share_discount(line, new)
        line.quantity = new
        assert 0 <= line.discount <= new * price
        assert line.discount + sum(kept.discount for kept in order.removed_units) == discount
        assert abs(line.discount * quantity - discount * new) * 2 <= quantity

    assert (line.discount, order.removed_units) == (discount, [])


@pytest.mark.parametrize("between", [[1], [7, 3, 1], [9, 1, 2], [15, 1], [1, 20]])
@pytest.mark.parametrize("discount", [1, 333, 9_999])
def test_ten_that_become_fewer_and_ten_again_cost_the_same(
    app: Flask, anna: Actor, between: list[int], discount: int
) -> None:
    order = sold(replace(LAST, quantity=10, discount=discount), WICK)
    total = read(order).total

    for quantity in [*between, 10]:
        with changing(order, anna) as current:
            lines.change(line_of(current, "LAST"), quantity=quantity, by=anna)

    assert (line_of(read(order), "LAST").discount, read(order).total) == (discount, total)


def test_a_removed_line_comes_back_with_its_price_and_discount(app: Flask, anna: Actor) -> None:
    properties = [Attribute("Gravyr", "Åsa")]
    order = sold(replace(LAST, unit_price=89_900, properties=properties), WICK, payment_method="card", paid=130_800)
    total = read(order).total

    remove(order, anna)
    added = add(order, 2, anna)

    assert (added.unit_price, added.discount, added.properties) == (89_900, 50_000, properties)
    assert read(order).total == total == 130_800
    facts = last_event(order).facts
    assert (facts["quantity"], facts["unit_price"], facts["discount"]) == (2, 89_900, 50_000)
    assert read(order).removed_units == []


def test_a_removed_line_that_had_fewer_units_before_comes_back_to_the_ore(app: Flask, anna: Actor) -> None:
    order = sold(replace(LAST, quantity=10, discount=333), WICK)
    total = read(order).total

    set_quantity(order, 3, anna)
    remove(order, anna)
    add(order, 1, anna)
    set_quantity(order, 4, anna)
    add(order, 6, anna)

    assert shape(order) == {1: [("WICK", 1, 1), ("LAST", 10, 10)]}
    assert (line_of(read(order), "LAST").discount, read(order).total) == (333, total)


def test_units_taken_off_a_line_come_back_by_adding_the_product(app: Flask, anna: Actor) -> None:
    order = sold(replace(LAST, quantity=3, unit_price=89_900), payment_method="klarna")
    total = read(order).total

    set_quantity(order, 2, anna)
    add(order, 1, anna)

    assert sums(order) == [("LAST", 3, 89_900, 50_000)]
    assert read(order).total == total


def test_more_than_was_removed_costs_what_the_product_costs_now(app: Flask, anna: Actor) -> None:
    order = sold(replace(LAST, unit_price=89_900), WICK)

    remove(order, anna)
    add(order, 5, anna)

    assert sums(order) == [("WICK", 1, 1_000, 0), ("LAST", 2, 89_900, 50_000), ("LAST", 3, 99_900, 0)]


def test_a_removed_line_comes_back_though_its_product_is_not_for_sale_any_more(app: Flask, anna: Actor) -> None:
    order = sold(LAST, WICK)
    with writing():
        db.session.execute(db.update(Product).where(Product.sku == "LAST").values(active=False, price=120_000))

    remove(order, anna)
    with pytest.raises(RuleViolation):
        add(order, 3, anna)
    add(order, 2, anna)

    assert sums(order) == [("WICK", 1, 1_000, 0), ("LAST", 2, 99_900, 50_000)]


def test_units_come_back_to_the_shipment_that_was_chosen(app: Flask, anna: Actor) -> None:
    order = sold(replace(LAST, quantity=4), WICK)
    with changing(order, anna) as current:
        splits.split(line_of(current, "WICK"), 1, to=None, by=anna)

    set_quantity(order, 1, anna)
    add(order, 2, anna, to=2)
    add(order, 1, anna, to=1)

    assert sums(order) == [
        ("LAST", 2, 99_900, 25_000),
        ("WICK", 1, 1_000, 0),
        ("LAST", 2, 99_900, 25_000),
    ]


def test_units_taken_off_come_back_after_a_split_was_joined_again(app: Flask, anna: Actor) -> None:
    order = sold(replace(LAST, quantity=10, discount=333), WICK)
    total = read(order).total
    with changing(order, anna) as current:
        splits.split(line_of(current, "LAST"), 5, to=None, by=anna)
    set_quantity(order, 1, anna, seq=2)
    with changing(order, anna) as current:
        splits.split(line_of(current, "LAST", 2), 1, to=shipments.get(current, 1), by=anna)

    set_quantity(order, 10, anna)

    assert (line_of(read(order), "LAST").discount, read(order).total) == (333, total)


def test_no_more_than_the_latest_are_kept(app: Flask, anna: Actor) -> None:
    extra = [replace(WICK, sku=f"W{number}") for number in range(removed_units.MAX_KEPT + 1)]
    order = sold(WICK, *extra)

    with changing(order, anna) as current:
        for line in extra:
            lines.remove(line_of(current, line.sku), by=anna)

    assert [kept.sku for kept in read(order).removed_units] == [line.sku for line in extra[1:]]


def test_erasure_takes_what_the_customer_had_made_of_removed_units(app: Flask, anna: Actor) -> None:
    order = sold(replace(LAST, properties=[Attribute("Gravyr", "Åsa")]), WICK)
    remove(order, anna)
    assert read(order).removed_units[0].properties == [Attribute("Gravyr", "Åsa")]
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with writing():
        personal_data.erase("asa@example.com", by=anna)

    assert read(order).removed_units == []


@pytest.mark.parametrize("method", ["klarna", "card"])
def test_an_order_may_be_as_dear_as_what_was_approved(app: Flask, anna: Actor, method: str) -> None:
    make_product("CANDLE", price=10_000)
    order = make_order(("CANDLE", 3), payment_method=method, paid=0, shipping_price=4_900, shipping_vat_rate=2500)

    def change(quantity: int) -> None:
        with changing(order, anna) as current:
            lines.change(line_of(current, "CANDLE"), quantity=quantity, by=anna)

    for quantity in (2, 3, 1, 2, 3):
        change(quantity)
    with pytest.raises(RuleViolation):
        change(4)

    assert read(order).total == 34_900
    assert read(order).approval is not None
    change(1)
    with pytest.raises(RuleViolation):
        change(4)


def test_vat_that_the_shop_rounded_is_approved_as_well(app: Flask, anna: Actor) -> None:
    order = make_order(
        lines=[NewLine("X", "X", 3, 1_002, 2500), WICK], prices_include_vat=False, payment_method="card", currency="EUR"
    )
    with changing(order, anna) as current:
        current.vat_corrections, current.total = {"2500": -1}, current.total - 1
    total = read(order).total

    for quantity in (2, 3):
        with changing(order, anna) as current:
            lines.change(line_of(current, "X"), quantity=quantity, by=anna)
        assert read(order).vat_corrections == ({"2500": -1} if quantity == 3 else {})

    assert read(order).total == total


def test_units_of_a_split_line_come_back_from_its_other_part(app: Flask, anna: Actor) -> None:
    order = sold(NewLine("LAST", "Sista exemplaret", 2, 99_900, 2500, discount=50_001), WICK)
    with changing(order, anna) as current:
        splits.split(line_of(current, "LAST"), 1, to=None, by=anna)
    with changing(order, anna) as current:
        lines.remove(next(line for line in current.lines if line.sku == "LAST"), by=anna)

    with changing(order, anna) as current:
        lines.change(line_of(current, "LAST"), quantity=2, by=anna)

    assert read(order).removed_units == []
    assert sorted(sums(order)) == [("LAST", 2, 99_900, 50_001), ("WICK", 1, 1_000, 0)]


@pytest.mark.parametrize("seed", range(8))
def test_no_sequence_of_changes_makes_or_loses_a_discount(app: Flask, anna: Actor, seed: int) -> None:
    order = sold(NewLine("LAST", "Sista exemplaret", 5, 99_900, 2500, discount=50_001), WICK)
    choice = Random(seed)

    for _step in range(15):
        with suppress(DomainError), changing(order, anna) as current:
            current_lines = [line for line in current.lines if line.sku == "LAST"]
            missing = 5 - sum(line.quantity for line in current_lines)
            line = choice.choice(current_lines) if current_lines else None
            match choice.choice(["quantity", "remove", "add", "split", "join"]), line:
                case "quantity", Line():
                    lines.change(line, quantity=choice.randint(1, line.quantity + missing), by=anna)
                case "remove", Line():
                    lines.remove(line, by=anna)
                case "split" | "join" as kind, Line():
                    target = choice.choice(current.open_shipments) if kind == "join" else None
                    splits.split(line, choice.randint(1, line.quantity), to=target, by=anna)
                case _ if missing:
                    product = db.session.scalars(db.select(Product).where(Product.sku == "LAST")).one()
                    lines.add(current, product, choice.randint(1, missing), by=anna)
        present = read(order)
        entries = [*(line for line in present.lines if line.sku == "LAST"), *present.removed_units]
        assert (sum(entry.quantity for entry in entries), sum(entry.discount for entry in entries)) == (5, 50_001)
