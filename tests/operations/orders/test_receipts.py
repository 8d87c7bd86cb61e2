"""The receipt of a change, which is previewed and never saved."""

from collections.abc import Callable
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import make_order, make_product
from tests.operations.steps import line_of, read
from webshop_orders.db.extensions import WRITES, Base, db
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import Busy, DomainError, NotFound, RuleViolation
from webshop_orders.models import Actor, BeforeAfter, DeliveryStatus, Order, Product
from webshop_orders.operations.orders import lines, receipts, shipments, splits
from webshop_orders.operations.orders.receipts import Receipt
from webshop_orders.transactions.preview import previewing
from webshop_orders.transactions.unit_of_work import editing, writing

Change = Callable[[Order], object]
EDITS = 25
METHODS = ["invoice", "klarna", "card", "instalments"]


def preview(order: Order, change: Change) -> Receipt:
    with previewing(order.number) as previewed:
        before = receipts.figures(previewed)
        change(previewed)
        return receipts.compare(previewed, before, receipts.figures(previewed))


def save(order: Order, change: Change, by: Actor) -> Receipt:
    """The same of a change that is saved, as it is written before freed units are given to those who wait."""
    with editing(order.number, None, by) as edited:
        before = receipts.figures(edited)
        change(edited)
        edited.refresh_derived_columns()
        db.session.flush()
        stored_total = db.session.execute(select(Order.total).where(Order.id == edited.id)).scalar_one()
        receipt = receipts.compare(edited, before, receipts.figures(edited))
    assert receipt.totals.after.total == stored_total
    return receipt


def database_contents() -> dict[str, object]:
    """Each row of each table."""
    db.session.rollback()
    contents: dict[str, object] = {}
    for table in Base.metadata.sorted_tables:
        rows = db.session.connection().execute(select(table)).all()
        contents[table.name] = sorted(map(repr, rows))
    return contents


@pytest.fixture
def order(app: Flask) -> Order:
    """An order of three candles, and of two candlesticks of which one waits for stock."""
    make_product("LJUS", stock=10, price=19_900)
    make_product("STAKE", stock=1, price=29_900)
    return make_order(("LJUS", 3), ("STAKE", 2))


def test_a_higher_quantity_shows_the_sums_and_what_stock_covers(order: Order, anna: Actor) -> None:
    receipt = preview(order, lambda order: lines.change(line_of(order, "STAKE"), quantity=4, by=anna))
    assert receipt.totals.before.total == 3 * 19_900 + 2 * 29_900
    assert receipt.totals.after.total == 3 * 19_900 + 4 * 29_900
    (pair,) = receipt.lines
    assert pair.after is not None
    assert (pair.after.quantity, pair.after.covered, pair.after.backordered) == (4, 1, 3)
    assert pair.after.sum == 4 * 29_900


def test_a_split_shows_both_shipments_with_their_statuses(order: Order, anna: Actor) -> None:
    receipt = preview(order, lambda order: splits.split(line_of(order, "STAKE"), 1, to=None, by=anna))
    assert [(change.reference[-2:], change.status) for change in receipt.shipments] == [
        ("-1", BeforeAfter(DeliveryStatus.BACKORDERED, DeliveryStatus.READY)),
        ("-2", BeforeAfter(None, DeliveryStatus.BACKORDERED)),
    ]
    assert [pair.after and pair.after.quantity for pair in receipt.lines] == [1, 1]
    assert receipt.totals.before == receipt.totals.after


def test_a_shipment_that_disappears_has_no_status_after(order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as edited:
        splits.split(line_of(edited, "STAKE"), 2, to=None, by=anna)
    receipt = preview(order, lambda order: splits.split(line_of(order, "STAKE"), 2, to=order.shipments[0], by=anna))
    assert BeforeAfter(DeliveryStatus.BACKORDERED, None) in [change.status for change in receipt.shipments]


def test_a_product_that_is_added_has_no_figures_before(order: Order, anna: Actor) -> None:
    product_id = make_product("DUK", stock=1, price=1_000).id
    receipt = preview(order, lambda order: lines.add(order, db.session.get_one(Product, product_id), 2, by=anna))
    (pair,) = receipt.lines
    assert pair.before is None
    assert pair.after is not None
    assert (pair.after.sum, pair.after.covered, pair.after.backordered) == (2_000, 1, 1)


def test_a_preview_writes_nothing_even_if_a_commit_follows(order: Order, anna: Actor) -> None:
    before = database_contents()
    for change in (
        lambda order: lines.change(line_of(order, "STAKE"), quantity=9, by=anna),
        lambda order: lines.remove(line_of(order, "LJUS"), by=anna),
        lambda order: splits.split(line_of(order, "LJUS"), 1, to=None, by=anna),
        lambda order: shipments.set_status(order.shipments[0], DeliveryStatus.READY, by=anna),
    ):
        preview(order, change)
        db.session.commit()
        assert database_contents() == before
    with writing():  # nor does the next change of the same session
        pass
    assert database_contents() == before


def test_what_is_queried_and_flushed_within_a_preview_is_not_written_either(order: Order, anna: Actor) -> None:
    before = database_contents()
    with previewing(order.number) as previewed:
        lines.change(line_of(previewed, "LJUS"), quantity=5, by=anna)
        db.session.scalars(select(Product)).all()
        db.session.flush()
        with pytest.raises(RuntimeError, match="never committed"):
            db.session.commit()
    db.session.commit()
    assert database_contents() == before


def test_a_change_that_fails_in_a_preview_leaves_the_session_as_it_was(order: Order, anna: Actor) -> None:
    before = database_contents()
    with pytest.raises(RuleViolation):
        preview(order, lambda order: lines.change(line_of(order, "LJUS"), quantity=0, by=anna))
    with pytest.raises(NotFound):
        preview(Order(number="WS-0"), lambda order: None)
    db.session.commit()
    assert database_contents() == before
    save(order, lambda order: lines.change(line_of(order, "LJUS"), quantity=5, by=anna), anna)
    assert line_of(read(order), "LJUS").quantity == 5


def test_the_events_of_a_preview_are_told_to_nobody(order: Order, anna: Actor) -> None:
    preview(order, lambda order: lines.change(line_of(order, "LJUS"), quantity=5, by=anna))
    before = database_contents()
    with writing():
        db.session.execute(update(Order).where(Order.id == order.id).values(units=Order.units))
    assert database_contents() == before


def test_a_preview_does_not_wait_for_others_who_are_changing_the_order(order: Order, anna: Actor) -> None:
    number, order_id = order.number, order.id
    db.session.commit()
    with db.engine.connect().execution_options(**{WRITES: True}) as other:
        other.execute(update(Order).where(Order.id == order_id).values(language="en"))
        other.execute(update(Product).values(reserved=Product.reserved))
        with pytest.raises(Busy), writing(lock_wait=50):  # as a change would
            db.session.execute(update(Order).where(Order.id == order_id).values(language="sv"))
        receipt = preview(Order(number=number), lambda order: lines.change(line_of(order, "LJUS"), quantity=4, by=anna))
        assert receipt.totals.after.total - receipt.totals.before.total == 19_900
        other.rollback()


def random_order(dice: Random) -> Order:
    for index in range(4):
        make_product(
            f"P-{index}",
            stock=dice.choice([None, 0, 3, 12]),
            price=dice.randint(0, 30_000),
            vat_rate=dice.choice([600, 1200, 2500]),
            backorderable=dice.choice([True, True, False, None]),
        )
    new_lines = [
        NewLine(
            sku=f"P-{index}",
            name=f"Product {index}",
            quantity=(quantity := dice.randint(1, 6)),
            unit_price=(price := dice.randint(0, 30_000)),
            vat_rate=dice.choice([600, 1200, 2500]),
            discount=dice.randint(0, quantity * price) if dice.random() < 0.5 else 0,
        )
        for index in dice.sample(range(4), 3)
    ]
    return make_order(lines=new_lines, payment_method=dice.choice(METHODS), paid=dice.choice([0, 50_000, 10**7]))


def random_change(dice: Random, by: Actor) -> Change:
    """A change that is the same for each copy of the order: all of its dice are cast before."""
    kind, place, quantity, sku, target, reason = (
        dice.choice(["quantity", "price", "removal", "split", "addition", "shipping"]),
        dice.random(),
        dice.choice([0, 1, 2, 3, 5, 8, 40, 100_000]),
        f"P-{dice.randrange(4)}",
        dice.choice([None, 0, 1, 2]),
        dice.choice([None, "Repad", "Repad"]),
    )

    def change(order: Order) -> None:
        all_lines = sorted(order.lines, key=lambda line: line.id)
        line = all_lines[int(place * len(all_lines))]
        to = None if target is None else order.shipments[target % len(order.shipments)]
        match kind:
            case "quantity":
                lines.change(line, quantity=quantity, by=by)
            case "price":
                discount = int(line.quantity * line.unit_price * place)
                lines.change(line, unit_price=quantity * 777, discount=discount, reason=reason, by=by)
            case "removal":
                lines.remove(line, by=by)
            case "split":
                splits.split(line, quantity, to=to, by=by)
            case "addition":
                product = db.session.scalars(select(Product).where(Product.sku == sku)).one()
                lines.add(order, product, quantity, to=to, by=by)
            case "shipping":
                if len(order.open_shipments) > 1:
                    shipments.ship(order.open_shipments[0], by=by)

    return change


def outcome(run: Callable[[], Receipt]) -> Receipt | tuple[type, str, str | None]:
    try:
        return run()
    except DomainError as refusal:
        return type(refusal), str(refusal), refusal.field


def values_of(result: Receipt | tuple[type, str, str | None]) -> object:
    """A receipt without the order of its lines, which follows ids that a preview does not give."""
    if isinstance(result, Receipt):
        return result.totals, sorted(map(repr, result.lines)), sorted(map(repr, result.shipments))
    return result


@pytest.mark.parametrize("seed", range(8))
def test_the_receipt_is_what_saving_then_gives_or_how_it_is_refused(app: Flask, anna: Actor, seed: int) -> None:
    dice = Random(seed)
    order = random_order(dice)
    results = []
    for _turn in range(EDITS):
        change = random_change(dice, anna)
        before = database_contents()
        previewed = outcome(lambda change=change: preview(order, change))
        assert database_contents() == before
        saved = outcome(lambda change=change: save(order, change, anna))
        assert values_of(previewed) == values_of(saved)
        results.append(saved)
    assert any(isinstance(result, Receipt) for result in results)
    assert any(isinstance(result, tuple) for result in results)
