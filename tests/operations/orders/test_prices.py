"""Prices and discounts that staff change: what a line was sold at stays with it, and money stays to the öre."""

from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, last_event, line_of, read
from webshop_orders.db.extensions import db
from webshop_orders.documents.fields import MAX_AMOUNT
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import NO_SKU, Actor, ActorKind, EventKind, Order, Product
from webshop_orders.models.event_facts import BeforeAfter, LineChanged
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import cancellation, lines, shipments, splits
from webshop_orders.transactions.unit_of_work import writing

BO = Actor(ActorKind.STAFF, "Bo Ek")
BOX = "trasig förpackning"
VASE = NewLine("VASE", "Vas", 3, 24_900, 2500, discount=4_800)
WICK = NewLine("WICK", "Veke", 1, 1_000, 2500)
BOOK = NewLine("BOOK", "Bok", 2, 10_000, 600)


def sold(*others: NewLine, line: NewLine = VASE, **values: Any) -> Order:
    make_product("VASE", name="Vas", price=24_900)
    return make_order(lines=[line, *(others or [WICK])], **values)


def change(order: Order, by: Actor, *, sku: str = "VASE", reason: str | None = BOX, **values: Any) -> None:
    with changing(order, by) as current:
        lines.change(line_of(current, sku), reason=reason, by=by, **values)


def add(order: Order, quantity: int, by: Actor) -> None:
    product = db.session.scalars(db.select(Product).where(Product.sku == "VASE")).one()
    with changing(order, by) as current:
        lines.add(current, product, quantity, by=by)


def vases(order: Order) -> list[tuple[int, int, int]]:
    """Quantity, unit price and discount of each line of vases."""
    return [(line.quantity, line.unit_price, line.discount) for line in read(order).lines if line.sku == "VASE"]


def facts_of_last(order: Order) -> LineChanged:
    facts = last_event(order).read_facts()
    assert isinstance(facts, LineChanged)
    return facts


def test_a_new_price_is_one_event_with_its_reason_and_the_total_follows(app: Flask, anna: Actor) -> None:
    order = sold()

    change(order, anna, unit_price=19_900)

    assert vases(order) == [(3, 19_900, 4_800)]
    assert read(order).total == 3 * 19_900 - 4_800 + 1_000
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.LINE_CHANGED]
    facts = facts_of_last(order)
    assert (facts.unit_price, facts.discount, facts.reason) == (BeforeAfter(24_900, 19_900), None, BOX)
    assert facts.quantity == BeforeAfter(3, 3)


def test_the_total_that_was_placed_stays_in_the_history(app: Flask, anna: Actor) -> None:
    order = sold()

    change(order, anna, unit_price=19_900, discount=0)

    placed = db.session.get_one(type(last_event(order)), last_event(order).id - 1)
    assert placed.facts["total"] == 3 * 24_900 - 4_800 + 1_000


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"unit_price": -1}, "unit_price"),
        ({"unit_price": MAX_AMOUNT + 1}, "unit_price"),
        ({"discount": -1}, "discount"),
        ({"discount": 3 * 24_900 + 1}, "discount"),
        ({"unit_price": 1_000}, "discount"),  # which the discount is more than
        ({"quantity": 2, "discount": 2 * 24_900 + 1}, "discount"),
        ({"unit_price": 19_900, "reason": None}, "reason"),
        ({"discount": 0, "reason": ""}, "reason"),
        ({"quantity": 0, "unit_price": 19_900}, "quantity"),
    ],
)
def test_a_price_that_cannot_be_is_refused_at_its_field(
    app: Flask, anna: Actor, values: dict[str, Any], field: str
) -> None:
    order = sold()

    with pytest.raises(RuleViolation) as refusal:
        change(order, anna, **values)

    assert refusal.value.field == field
    assert vases(order) == [(3, 24_900, 4_800)]
    assert kinds_of(order) == [EventKind.ORDER_PLACED]


def test_the_prices_of_what_is_closed_stay(app: Flask, anna: Actor) -> None:
    shipped, cancelled = sold(), make_order(lines=[VASE])
    with changing(shipped, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with changing(cancelled, anna) as current:
        cancellation.cancel(current, by=anna)

    for order in (shipped, cancelled):
        with pytest.raises(RuleViolation):
            change(order, anna, unit_price=1)
        assert vases(order) == [(3, 24_900, 4_800)]


def test_the_price_of_a_part_is_refused_and_its_bundle_s_is_not(app: Flask, anna: Actor) -> None:
    order = make_order(
        lines=[
            NewLine("SET", "Set", 2, 30_000, 2500, bundle="a"),
            NewLine("CUP", "Kopp", 4, 0, 2500, bundle="a", units_per_bundle=2),
        ]
    )

    with pytest.raises(RuleViolation, match="Set"):
        change(order, anna, sku="CUP", unit_price=100)
    change(order, anna, sku="SET", unit_price=20_000, quantity=1)
    change(order, anna, sku="SET", quantity=2)

    after = read(order)
    assert [(line.sku, line.quantity, line.unit_price) for line in after.lines] == [
        ("SET", 2, 20_000),
        ("CUP", 4, 0),
    ]
    assert after.total == 40_000


def test_what_is_as_before_changes_nothing(app: Flask, anna: Actor) -> None:
    order = sold()

    with pytest.raises(NoChange):
        change(order, anna, quantity=3, unit_price=24_900, discount=4_800)

    assert kinds_of(order) == [EventKind.ORDER_PLACED]


@pytest.mark.parametrize(
    ("method", "values", "is_allowed"),
    [
        ("invoice", {"unit_price": 30_000}, True),
        ("klarna", {"unit_price": 30_000}, False),
        ("klarna", {"discount": 0}, False),
        ("card", {"unit_price": 24_000}, True),
        ("klarna", {"discount": 5_000}, True),
        ("instalments", {"unit_price": 24_000}, False),
        ("instalments", {"unit_price": 24_800, "discount": 4_500}, True),  # the same total
    ],
)
def test_rule_17_the_payment_method_says_which_prices_it_allows(
    app: Flask, anna: Actor, method: str, values: dict[str, int], *, is_allowed: bool
) -> None:
    order = sold(payment_method=method)

    if is_allowed:
        change(order, anna, **values)
    else:
        with pytest.raises(RuleViolation):
            change(order, anna, **values)

    assert (len(kinds_of(order)) == 2) is is_allowed


def test_rule_17_a_price_can_be_raised_again_to_what_was_approved_and_no_further(app: Flask, anna: Actor) -> None:
    order = sold(payment_method="klarna")
    change(order, anna, unit_price=10_000)

    change(order, anna, unit_price=24_900)
    with pytest.raises(RuleViolation):
        change(order, anna, unit_price=25_000)

    assert read(order).total == 3 * 24_900 - 4_800 + 1_000


def test_the_price_that_a_line_was_sold_at_stays_with_it_over_several_changes(app: Flask, anna: Actor) -> None:
    order = sold()

    change(order, anna, unit_price=19_900)
    change(order, BO, discount=6_000, reason="repa")

    line = line_of(read(order), "VASE")
    assert line.price_change
    assert (line.price_change.unit_price, line.price_change.discount, line.price_change.quantity) == (24_900, 4_800, 3)
    assert (line.price_change.by, line.price_change.reason) == (BO.name, "repa")


def test_a_price_that_is_put_back_leaves_the_line_as_it_was_sold(app: Flask, anna: Actor) -> None:
    order = sold()
    change(order, anna, unit_price=19_900, discount=0)

    change(order, anna, unit_price=24_900, reason="ångrat")
    assert line_of(read(order), "VASE").price_change
    change(order, anna, discount=4_800, reason="ångrat")

    assert line_of(read(order), "VASE").price_change is None


def test_the_discount_that_a_line_was_sold_at_follows_its_quantity(app: Flask, anna: Actor) -> None:
    order = sold()
    change(order, anna, discount=6_000)

    change(order, anna, quantity=1, reason=None)
    assert vases(order) == [(1, 24_900, 2_000)]
    change(order, anna, discount=1_600)

    assert line_of(read(order), "VASE").price_change is None


def test_lines_that_were_sold_at_different_prices_never_join(app: Flask, anna: Actor) -> None:
    order = sold(line=NewLine("VASE", "Vas", 3, 24_900, 2500))
    with changing(order, anna) as current:
        splits.split(line_of(current, "VASE"), 1, to=None, by=anna)
    with changing(order, anna) as current:
        lines.change(line_of(current, "VASE", 2), unit_price=20_000, reason=BOX, by=anna)
    with changing(order, anna) as current:
        lines.change(line_of(current, "VASE", 1), unit_price=20_000, reason="annan", by=anna)

    with changing(order, anna) as current:
        splits.split(line_of(current, "VASE", 2), 1, to=shipments.get(current, 1), by=anna)

    assert vases(order) == [(2, 20_000, 0), (1, 20_000, 0)]
    assert {line.price_change.reason for line in read(order).lines if line.price_change} == {BOX, "annan"}


def test_parts_of_a_line_keep_what_it_was_sold_at_and_join_again(app: Flask, anna: Actor) -> None:
    order = sold()
    change(order, anna, unit_price=20_000)
    before = line_of(read(order), "VASE").price_change

    with changing(order, anna) as current:
        splits.split(line_of(current, "VASE"), 2, to=None, by=anna)
    assert [line.price_change for line in read(order).lines if line.sku == "VASE"] == [before, before]
    with changing(order, anna) as current:
        splits.split(line_of(current, "VASE", 2), 2, to=shipments.get(current, 1), by=anna)

    assert vases(order) == [(3, 20_000, 4_800)]
    assert line_of(read(order), "VASE").price_change == before


def test_units_taken_off_before_a_new_price_come_back_at_the_one_that_they_had(app: Flask, anna: Actor) -> None:
    order = sold()
    change(order, anna, quantity=1, reason=None)
    change(order, anna, unit_price=19_900, discount=0)

    add(order, 2, anna)

    assert vases(order) == [(1, 19_900, 0), (2, 24_900, 3_200)]


def test_units_taken_off_before_a_new_price_do_not_bring_their_discount_to_it(app: Flask, anna: Actor) -> None:
    order = sold()
    change(order, anna, quantity=1, reason=None)
    change(order, anna, discount=0)

    change(order, anna, quantity=3, reason=None)

    assert vases(order) == [(3, 24_900, 0)]


def test_units_taken_off_are_the_line_s_again_once_its_price_is_put_back(app: Flask, anna: Actor) -> None:
    order = sold()
    change(order, anna, quantity=1, reason=None)
    change(order, anna, unit_price=19_900)
    change(order, anna, unit_price=24_900, reason="ångrat")

    change(order, anna, quantity=3, reason=None)

    assert vases(order) == [(3, 24_900, 4_800)]


def test_a_removed_line_comes_back_with_its_new_price_and_what_it_was_sold_at(app: Flask, anna: Actor) -> None:
    order = sold()
    change(order, anna, unit_price=19_900)
    before = line_of(read(order), "VASE").price_change
    with changing(order, anna) as current:
        lines.remove(line_of(current, "VASE"), by=anna)

    add(order, 3, anna)

    assert vases(order) == [(3, 19_900, 4_800)]
    assert line_of(read(order), "VASE").price_change == before


def test_vat_that_a_shop_rounded_does_not_stay_where_prices_moved_between_rates(app: Flask, anna: Actor) -> None:
    order = sold(BOOK)
    with changing(order, anna) as current:
        current.vat_corrections = {"2500": 1, "600": -1}
    with changing(order, anna) as current:
        lines.change(line_of(current, "VASE"), discount=5_800, reason=BOX, by=anna)
    with changing(order, anna) as current:
        lines.change(line_of(current, "BOOK"), unit_price=10_500, reason=BOX, by=anna)

    after = read(order)
    assert after.total == 3 * 24_900 - 4_800 + 20_000
    assert after.vat_corrections == {}


def test_rule_16_the_vat_of_each_rate_is_computed_anew_to_the_ore(app: Flask, anna: Actor) -> None:
    order = sold(BOOK)

    change(order, anna, unit_price=19_999, discount=1)
    change(order, anna, sku="BOOK", unit_price=9_999)

    totals = compute_totals(read(order))
    assert totals.vat == {600: 1_132, 2500: 11_999}  # 19 998 × 6 / 106, and 59 996 × 25 / 125
    assert totals.total == 80_000  # 79 994, rounded to whole kronor


def test_the_reason_of_a_price_is_erased_with_the_customer_s_personal_data(app: Flask, anna: Actor) -> None:
    order = sold()
    change(order, anna, unit_price=19_900, reason="Åsa Öberg klagade")
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with writing():
        personal_data.erase("asa@example.com", by=anna)

    line = line_of(read(order), "VASE")
    assert line.price_change
    assert (line.price_change.unit_price, line.price_change.reason) == (24_900, personal_data.ERASED)
    facts = [event.facts for event in db.session.scalars(db.select(type(last_event(order))))]
    assert "klagade" not in str(facts)


def test_a_line_without_a_product_is_covered_and_counts_in_the_total(app: Flask, anna: Actor) -> None:
    order = sold(BOOK)

    with changing(order, anna) as current:
        line = lines.add_free(current, "Presentinslagning", 2, unit_price=2_900, vat_rate=2500, by=anna)

    assert (line.sku, line.product_id, line.reserved, line.backordered) == (NO_SKU, None, 2, 0)
    totals = compute_totals(read(order))
    assert totals.total == read(order).total == 3 * 24_900 - 4_800 + 20_000 + 5_800
    assert totals.vat == {600: 1_132, 2500: 15_140}  # 20 000 × 6 / 106, and 75 700 × 25 / 125
    assert last_event(order).kind is EventKind.LINE_ADDED


def test_a_line_without_a_product_is_changed_and_removed_like_any_other(app: Flask, anna: Actor) -> None:
    order = sold()
    with changing(order, anna) as current:
        lines.add_free(current, "Presentinslagning", 2, unit_price=2_900, vat_rate=2500, by=anna)

    change(order, anna, sku=NO_SKU, quantity=3, unit_price=1_900)
    assert read(order).total == 3 * 24_900 - 4_800 + 1_000 + 5_700
    with changing(order, anna) as current:
        lines.remove(line_of(current, NO_SKU), by=anna)

    assert read(order).total == 3 * 24_900 - 4_800 + 1_000


@pytest.mark.parametrize(("quantity", "unit_price"), [(0, 100), (100_000, 100), (1, -1), (1, MAX_AMOUNT + 1)])
def test_a_line_without_a_product_that_cannot_be_is_refused(
    app: Flask, anna: Actor, quantity: int, unit_price: int
) -> None:
    order = sold()

    with pytest.raises(RuleViolation), changing(order, anna) as current:
        lines.add_free(current, "Kort", quantity, unit_price=unit_price, vat_rate=2500, by=anna)

    assert kinds_of(order) == [EventKind.ORDER_PLACED]


def test_rule_17_klarna_refuses_a_line_that_makes_the_order_dearer(app: Flask, anna: Actor) -> None:
    order = sold(payment_method="klarna")

    with pytest.raises(RuleViolation), changing(order, anna) as current:
        lines.add_free(current, "Kort", 1, unit_price=100_000, vat_rate=2500, by=anna)

    assert kinds_of(order) == [EventKind.ORDER_PLACED]
