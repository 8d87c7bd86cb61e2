"""Rules 2, 9-12 and 26: a plan moves units N ways in one change, all or nothing."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, last_event, read, shape, stock_of
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, DeliveryStatus, EventKind, Line, Order
from webshop_orders.models.tracking_code import MAX_CODES
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import cancellation, loading, moves, plans, shipments, tracking
from webshop_orders.operations.orders.plans import MAX_OPEN, Plan, PlanRefused
from webshop_orders.transactions.preview import previewing

NEW = None


def plan(
    order: Order,
    wishes: dict[str, list[int]],
    targets: list[int | None],
    by: Actor,
    codes: dict[int, int] | None = None,
) -> None:
    """Share the units of each product, by its SKU, among shipments by their numbers, and new ones."""
    with changing(order, by) as current:
        quantities = {row.id: wishes[row.sku] for row in plans.rows(current) if row.sku in wishes}
        chosen = [shipments.get(current, seq) if seq else None for seq in targets]
        plans.rearrange(current, Plan(chosen, quantities, codes or {}), by=by)


def units(order: Order) -> Counter[str]:
    return sum((Counter({line.sku: line.quantity}) for line in read(order).lines), Counter())


def codes(order: Order) -> dict[int, list[str]]:
    return {shipment.seq: [code.code for code in shipment.tracking_codes] for shipment in read(order).shipments}


def add_code(order: Order, seq: int, code: str, by: Actor) -> None:
    with changing(order, by) as current:
        tracking.add(shipments.get(current, seq), code, "PostNord", None, by=by)


def refused(act: Callable[[], None], order: Order) -> PlanRefused:
    """The refusal of a plan, which changed nothing."""
    before = shape(order), kinds_of(order), read(order).version, read(order).last_seq
    with pytest.raises(PlanRefused) as refusal:
        act()
    assert (shape(order), kinds_of(order), read(order).version, read(order).last_seq) == before
    return refusal.value


def test_rule_26_units_move_several_ways_in_one_change(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7), ("WICK", 4))
    version = read(order).version

    plan(order, {"CANDLE": [3, 2, 2], "WICK": [0, 4, 0]}, [1, NEW, NEW], anna)

    assert shape(order) == {1: [("CANDLE", 3, 3)], 2: [("WICK", 4, 4), ("CANDLE", 2, 2)], 3: [("CANDLE", 2, 2)]}
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.UNITS_REARRANGED]
    assert read(order).version == version + 1


def test_rule_26_the_event_says_what_moved_from_where_to_where(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))

    plan(order, {"CANDLE": [3, 4]}, [1, NEW], anna)

    one, two = f"{order.number}-1", f"{order.number}-2"
    moved = {"product": "CANDLE", "sku": "CANDLE", "quantity": 4, "source": one, "target": two}
    assert last_event(order).facts == {"moves": [moved]} | {"codes": []}


@pytest.mark.parametrize("wish", [[3, 3], [3, 5], [0, 0], [7, 7], [-1, 8], [100_000, 0], [-93, 100]])
def test_rule_26_a_row_that_does_not_add_up_is_refused_with_the_number_it_has(
    app: Flask, anna: Actor, wish: list[int]
) -> None:
    order = make_order(("CANDLE", 7), ("WICK", 4))

    refusal = refused(lambda: plan(order, {"CANDLE": wish, "WICK": [2, 2]}, [1, NEW], anna), order)

    row = plans.rows(read(order))[0]
    assert {row_id for row_id, _place in refusal.cells} == {row.id}
    assert all("7" in sentence or "99" in sentence for sentence in refusal.cells.values())


def test_rule_26_each_wrong_cell_is_named_and_no_other(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7), ("WICK", 4))
    plan(order, {"CANDLE": [3, 4]}, [1, NEW], anna)

    refusal = refused(lambda: plan(order, {"CANDLE": [3, 3, 2], "WICK": [4, 0, 0]}, [1, 2, NEW], anna), order)

    row = plans.rows(read(order))[0]
    assert set(refusal.cells) == {(row.id, 1), (row.id, 2)}


def test_rule_26_a_shipped_target_is_refused(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    plan(order, {"CANDLE": [3, 4]}, [1, NEW], anna)
    with changing(order, anna) as current:
        shipments.ship(shipments.get(current, 2), by=anna)

    with pytest.raises(RuleViolation, match=f"{order.number}-2"):
        plan(order, {"CANDLE": [1, 2]}, [1, 2], anna)

    assert shape(order) == {1: [("CANDLE", 3, 3)], 2: [("CANDLE", 4, 4)]}


def test_rule_26_units_that_have_shipped_are_no_part_of_a_plan(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    plan(order, {"CANDLE": [3, 4]}, [1, NEW], anna)
    with changing(order, anna) as current:
        shipments.ship(shipments.get(current, 2), by=anna)

    plan(order, {"CANDLE": [1, 2]}, [1, NEW], anna)

    assert shape(order) == {1: [("CANDLE", 1, 1)], 2: [("CANDLE", 4, 4)], 3: [("CANDLE", 2, 2)]}


def test_rule_26_a_shipment_or_line_of_another_order_is_refused(app: Flask, anna: Actor) -> None:
    order, other = make_order(("CANDLE", 7)), make_order(("CANDLE", 1))

    def plan_elsewhere() -> None:
        with changing(order, anna) as current:
            elsewhere = loading.get_order(other.number).shipments[0]
            row = plans.rows(current)[0]
            plans.rearrange(current, Plan([current.shipments[0], elsewhere], {row.id: [6, 1]}), by=anna)

    def plan_its_line() -> None:
        with changing(order, anna) as current:
            line = next(iter(loading.get_order(other.number).lines))
            plans.rearrange(current, Plan([current.shipments[0], NEW], {line.id: [0, 1]}), by=anna)

    with pytest.raises(RuleViolation):
        plan_elsewhere()
    with pytest.raises(NotFound):
        plan_its_line()
    assert (shape(order), shape(other)) == ({1: [("CANDLE", 7, 7)]}, {1: [("CANDLE", 1, 1)]})


def test_rule_26_a_cancelled_or_wholly_shipped_order_cannot_be_planned(app: Flask, anna: Actor) -> None:
    cancelled, shipped = make_order(("CANDLE", 7)), make_order(("CANDLE", 7))
    with changing(cancelled, anna) as current:
        cancellation.cancel(current, by=anna)
    with changing(shipped, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    for order in (cancelled, shipped):
        with pytest.raises(RuleViolation):
            plan(order, {}, [NEW], anna)


def test_rule_26_a_plan_that_moves_nothing_is_no_change(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7), ("WICK", 1))

    for wishes, targets in (({"CANDLE": [7, 0]}, [1, NEW]), ({}, [1]), ({"CANDLE": [7], "WICK": [1]}, [NEW])):
        with pytest.raises(NoChange):
            plan(order, wishes, targets, anna)

    assert (kinds_of(order), read(order).last_seq) == ([EventKind.ORDER_PLACED], 1)


def test_rule_26_at_most_20_open_shipments_are_planned(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", MAX_OPEN + 1))

    with pytest.raises(RuleViolation, match=str(MAX_OPEN)):
        plan(order, {"CANDLE": [1] * (MAX_OPEN + 1)}, [1, *[NEW] * MAX_OPEN], anna)
    plan(order, {"CANDLE": [2, *[1] * (MAX_OPEN - 1)]}, [1, *[NEW] * (MAX_OPEN - 1)], anna)
    with pytest.raises(RuleViolation, match=str(MAX_OPEN)):
        plan(order, {"CANDLE": [*[1] * (MAX_OPEN + 1)]}, [*range(1, MAX_OPEN + 1), NEW], anna)

    assert len(read(order).shipments) == MAX_OPEN


def test_rule_09_backordered_units_move_first_and_to_the_last_target(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=4)
    order = make_order(("CANDLE", 6))

    plan(order, {"CANDLE": [2, 2, 2]}, [1, NEW, NEW], anna)

    assert shape(order) == {1: [("CANDLE", 2, 2)], 2: [("CANDLE", 2, 2)], 3: [("CANDLE", 2, 0)]}
    assert [shipment.status for shipment in read(order).shipments] == [
        DeliveryStatus.READY,
        DeliveryStatus.READY,
        DeliveryStatus.BACKORDERED,
    ]
    assert stock_of("CANDLE") == (4, 4, 2)


def test_rule_09_no_more_than_a_line_can_have_joins_in_it(app: Flask, anna: Actor) -> None:
    line = NewLine("CANDLE", "Candle", 60_000, 100, 2500)
    order = make_order(lines=[line, NewLine("CANDLE", "Candle", 50_000, 100, 2500)])

    with changing(order, anna) as current:
        first, second = plans.rows(current)
        here = current.shipments[0]
        plans.rearrange(current, Plan([here, NEW], {first.id: [60_000, 0], second.id: [0, 50_000]}), by=anna)
    assert units(order) == {"CANDLE": 110_000}

    def join() -> None:
        with changing(order, anna) as current:
            (row,) = plans.rows(current)
            plans.rearrange(current, Plan(current.open_shipments, {row.id: [0, 110_000]}), by=anna)

    assert all("99" in sentence for sentence in refused(join, order).cells.values())


def test_rule_10_and_11_units_join_and_a_shipment_left_empty_disappears_for_good(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    plan(order, {"CANDLE": [3, 2, 2]}, [1, NEW, NEW], anna)

    plan(order, {"CANDLE": [7, 0, 0]}, [1, 2, 3], anna)
    assert shape(order) == {1: [("CANDLE", 7, 7)]}
    plan(order, {"CANDLE": [6, 1]}, [1, NEW], anna)

    assert shape(order) == {1: [("CANDLE", 6, 6)], 4: [("CANDLE", 1, 1)]}


@pytest.mark.parametrize("discount", [1, 99, 100, 101, 6_999, 7_000])
def test_rule_12_discounts_add_up_to_the_ore(app: Flask, anna: Actor, discount: int) -> None:
    order = make_order(lines=[NewLine("CANDLE", "Candle", 7, 1_000, 2500, discount=discount)])
    before = compute_totals(read(order))

    plan(order, {"CANDLE": [2, 3, 2]}, [1, NEW, NEW], anna)
    assert sum(line.discount for line in read(order).lines) == discount
    assert compute_totals(read(order)) == before

    with changing(order, anna) as current:
        quantities = {row.id: [0, row.quantity, 0] for row in plans.rows(current)}
        plans.rearrange(current, Plan(current.open_shipments, quantities), by=anna)
    assert sum(line.discount for line in read(order).lines) == discount
    assert compute_totals(read(order)) == before
    assert list(shape(order)) == [2]


def test_a_bundle_moves_whole_with_its_parts(app: Flask, anna: Actor) -> None:
    make_product("PART", stock=3)
    bundle = NewLine("SET", "Set", 3, 30_000, 2500, bundle="7")
    order = make_order(lines=[bundle, NewLine("PART", "Part", 6, 0, 2500, bundle="7", units_per_bundle=2)])
    assert [row.sku for row in plans.rows(read(order))] == ["SET"]

    plan(order, {"SET": [1, 1, 1]}, [1, NEW, NEW], anna)

    assert {seq: {sku: units for sku, units, _covered in lines} for seq, lines in shape(order).items()} == {
        1: {"SET": 1, "PART": 2},
        2: {"SET": 1, "PART": 2},
        3: {"SET": 1, "PART": 2},
    }
    covered = {seq: {sku: held for sku, _count, held in lines}["PART"] for seq, lines in shape(order).items()}
    assert covered == {1: 2, 2: 1, 3: 0}


def test_the_tracking_codes_of_a_shipment_left_empty_are_asked_for(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    plan(order, {"CANDLE": [3, 4]}, [1, NEW], anna)
    add_code(order, 2, "RR123", anna)

    for answer in ({}, {2: 1}, {2: 2}, {2: 99}, {1: 0}):
        refusal = refused(lambda codes=answer: plan(order, {"CANDLE": [7, 0, 0]}, [1, 2, NEW], anna, codes), order)
        assert set(refusal.codes) == {2}
        assert "RR123" in refusal.codes[2]
        assert codes(order) == {1: [], 2: ["RR123"]}

    plan(order, {"CANDLE": [7, 0]}, [1, 2], anna, {2: 0})
    assert codes(order) == {1: ["RR123"]}
    assert last_event(order).facts["codes"] == [{"source": f"{order.number}-2", "target": f"{order.number}-1"}]


def test_tracking_codes_go_to_a_new_shipment_and_each_is_there_once(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    plan(order, {"CANDLE": [3, 2, 2]}, [1, NEW, NEW], anna)
    for seq, code in ((1, "RR123"), (1, "RR 999"), (2, "RR123"), (3, "RR999")):
        add_code(order, seq, code, anna)

    plan(order, {"CANDLE": [0, 0, 3, 4]}, [1, 2, 3, NEW], anna, {1: 2, 2: 3})

    assert {seq: sorted(held) for seq, held in codes(order).items()} == {3: ["RR123", "RR999"], 4: ["RR123"]}


def test_a_shipment_takes_no_more_codes_than_it_can_have(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7))
    plan(order, {"CANDLE": [3, 4]}, [1, NEW], anna)
    with changing(order, anna) as current:
        for turn in range(MAX_CODES):
            tracking.add(current.shipments[0], f"RR{turn}", None, None, by=anna.with_request_key(None))
    add_code(order, 2, "EXTRA", anna)

    with pytest.raises(RuleViolation, match=str(MAX_CODES)):
        plan(order, {"CANDLE": [7, 0]}, [1, 2], anna, {2: 0})
    assert codes(order)[2] == ["EXTRA"]


def test_a_status_set_by_hand_stays_where_nothing_moves(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 7), ("WICK", 2))
    plan(order, {"CANDLE": [5, 2], "WICK": [0, 2]}, [1, NEW], anna)
    with changing(order, anna) as current:
        shipments.set_status(current.shipments[1], DeliveryStatus.BACKORDERED, by=anna)

    plan(order, {"CANDLE": [3, 2, 2]}, [1, 2, NEW], anna)

    assert read(order).shipments[1].status is DeliveryStatus.BACKORDERED


def test_the_preview_of_a_plan_is_what_it_becomes(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=4)
    order = make_order(("CANDLE", 6), ("WICK", 1))
    wishes = {"CANDLE": [2, 2, 2], "WICK": [0, 0, 1]}
    before = shape(order)

    with previewing(order.number) as present:
        quantities = {row.id: wishes[row.sku] for row in plans.rows(present)}
        told = plans.preview(present, Plan([present.shipments[0], NEW, NEW], quantities))

    assert shape(order) == before
    plan(order, wishes, [1, NEW, NEW], anna)
    assert told == [shipment.status for shipment in read(order).shipments]


def test_what_fills_the_board_is_whole(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=4)
    make_product("WICK", stock=0)
    order = make_order(("CANDLE", 6), ("WICK", 3), ("OIL", 1))
    present = read(order)
    named = {row.id: row.sku for row in plans.rows(present)}

    assert {named[key]: value for key, value in plans.without_backordered(present).items()} == {
        "CANDLE": [4, 2],
        "WICK": [0, 3],
        "OIL": [1, 0],
    }
    assert {named[key]: value for key, value in plans.all_together(present).items()} == {
        "CANDLE": [6],
        "WICK": [3],
        "OIL": [1],
    }
    assert {named[key]: value for key, value in plans.one_each(present).items()} == {
        "CANDLE": [1] * 6,
        "WICK": [1, 1, 1, 0, 0, 0],
        "OIL": [1, 0, 0, 0, 0, 0],
    }


_runs = count(1)
SEEDS = range(25)


def random_order(chance: random.Random) -> Order:
    """An order of some products with discounts, of which stock covers a part, and perhaps a bundle."""
    run, lines = next(_runs), []
    for index in range(chance.randint(1, 4)):
        sku, quantity, price = f"{run}-{index}", chance.randint(1, 12), chance.choice([1, 333, 19_900])
        if chance.random() < 0.7:
            make_product(sku, stock=chance.randint(0, 12))
        discount = chance.choice([0, chance.randint(0, quantity * price)])
        lines.append(NewLine(sku, sku, quantity, price, chance.choice([600, 1200, 2500]), discount=discount))
    if chance.random() < 0.5:
        make_product(f"{run}-part", stock=chance.randint(0, 9))
        lines += [
            NewLine(f"{run}-set", "Set", 3, 30_001, 2500, discount=10, bundle="1"),
            NewLine(f"{run}-part", "Part", 6, 0, 2500, bundle="1", units_per_bundle=2),
        ]
    return make_order(lines=lines, prices_include_vat=chance.random() < 0.5)


def random_plan(chance: random.Random, order: Order) -> Plan:
    targets = [*order.open_shipments, *[NEW] * chance.randint(0, 3)]
    quantities = {}
    for row in plans.rows(order):
        if chance.random() < 0.8:
            places = Counter(chance.choices(range(len(targets)), k=row.quantity))
            quantities[row.id] = [places[place] for place in range(len(targets))]
    return Plan(targets, quantities)


def sums(order: Order) -> tuple[object, ...]:
    """What no plan changes: units, cover and discount of each product, and what the order costs."""
    by_sku: dict[str, Counter[str]] = {}
    for line in read(order).lines:
        held = {"units": line.quantity, "covered": line.reserved, "discount": line.discount}
        by_sku.setdefault(line.sku, Counter()).update(held)
    return {sku: +counts for sku, counts in by_sku.items()}, compute_totals(read(order)), read(order).total


def carry_out_random_plans(seed: int, by: Actor) -> None:
    chance = random.Random(seed)
    order = random_order(chance)
    before = sums(order)
    for _turn in range(4):
        with changing(order, by) as current:
            wished = random_plan(chance, current)
            expected: dict[str, Counter[int]] = {}
            for row in plans.rows(current):
                held = wished.quantities.get(row.id) or [row.quantity_in(target) for target in wished.targets]
                expected.setdefault(row.sku, Counter()).update(dict(enumerate(held)))
            try:
                plans.rearrange(current, wished, by=by)
            except NoChange:
                continue
        assert sums(order) == before
        present = read(order)
        assert all(shipment.lines for shipment in present.shipments)
        assert all(shipment.status is shipment.computed_status for shipment in present.shipments)
        for sku, places in expected.items():
            found = [sum(line.quantity for line in s.lines if line.sku == sku) for s in present.shipments]
            assert sorted(filter(None, found)) == sorted(filter(None, places.values()))


@pytest.mark.parametrize("seed", SEEDS)
def test_random_plans_keep_units_cover_and_sums_to_the_ore(app: Flask, anna: Actor, seed: int) -> None:
    carry_out_random_plans(seed, anna)


def _loses_discount(line: Line, quantity: int, covered: int, discount: int) -> None:
    SUBTRACT(line, quantity, covered, max(0, discount - 1))


def _loses_a_unit(line: Line, quantity: int, covered: int, discount: int) -> None:
    SUBTRACT(line, min(line.quantity, quantity + 1), min(line.reserved, covered), discount)


SUBTRACT = moves._subtract


@pytest.mark.parametrize("broken", [_loses_discount, _loses_a_unit])
def test_the_random_plans_notice_a_move_that_is_wrong(
    app: Flask, anna: Actor, broken: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_subtract", broken)

    def run_all() -> None:
        for seed in SEEDS:
            carry_out_random_plans(seed, anna)

    with pytest.raises((AssertionError, IntegrityError)):
        run_all()
    db.session.rollback()
