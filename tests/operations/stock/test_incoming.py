"""Incoming deliveries: expected, changed, received once, and what a receipt covers."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import last_event, read, read_product, shape, stock_of
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound, RuleViolation, StaleVersion
from webshop_orders.models import Actor, ActorKind, EventKind, IncomingDelivery, OrderStatus
from webshop_orders.operations.stock import incoming
from webshop_orders.operations.stock.incoming import Receipt, State
from webshop_orders.transactions.unit_of_work import writing

BO = Actor(ActorKind.STAFF, "Bo", user_id=77)
MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def in_days(days: int) -> date:
    return shop_settings.today() + timedelta(days=days)


def expect(sku: str, quantity: int, day: date | None = None, note: str | None = None, by: Actor = BO) -> int:
    with writing():
        return incoming.expect(sku, quantity, day, note=note, by=by).id


def receive(delivery_id: int, quantity: int, version: int = 1, **values: Any) -> Receipt:
    with writing():
        return incoming.receive(delivery_id, quantity, version=version, **{"by": BO, **values})


def change(delivery_id: int, version: int = 1, **values: Any) -> IncomingDelivery:
    now = incoming.get(delivery_id)
    filled = {"quantity": now.quantity, "expected_on": now.day, "note": now.note, **values}
    with writing():
        return incoming.change(delivery_id, **filled, version=version, by=BO)


def cancel(delivery_id: int, version: int = 1) -> IncomingDelivery:
    with writing():
        return incoming.cancel(delivery_id, version=version, by=BO)


def stored(delivery_id: int) -> IncomingDelivery:
    db.session.rollback()
    db.session.expire_all()
    return incoming.get(delivery_id)


@pytest.mark.parametrize("quantity", [0, -1, 1_000_000, 10**9])
def test_so_many_units_are_never_expected(app: Flask, quantity: int) -> None:
    make_product("CANDLE", stock=0)

    with pytest.raises(RuleViolation) as refusal:
        expect("CANDLE", quantity)

    assert refusal.value.field == "quantity"


@pytest.mark.parametrize("days", [-400, 6 * 366])
def test_a_day_that_nobody_can_mean_is_refused(app: Flask, days: int) -> None:
    make_product("CANDLE", stock=0)

    with pytest.raises(RuleViolation) as refusal:
        expect("CANDLE", 1, in_days(days))

    assert refusal.value.field == "expected_on"


def test_nothing_is_expected_of_an_unknown_product_or_one_whose_stock_is_not_tracked(app: Flask) -> None:
    make_product("GIFT-CARD", stock=None)

    with pytest.raises(RuleViolation, match="följs inte"):
        expect("GIFT-CARD", 5)
    with pytest.raises(NotFound):
        expect("CANDLE", 5)


def test_a_note_is_short(app: Flask) -> None:
    make_product("CANDLE", stock=0)

    with pytest.raises(RuleViolation) as refusal:
        expect("CANDLE", 5, note="x" * 201)

    assert refusal.value.field == "note"


def test_the_product_says_when_more_of_it_comes_first(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    later, undated = expect("CANDLE", 5, in_days(9)), expect("CANDLE", 5)
    assert read_product("CANDLE").next_delivery_on == in_days(9).isoformat()

    sooner = expect("CANDLE", 5, in_days(3))
    assert read_product("CANDLE").next_delivery_on == in_days(3).isoformat()

    change(sooner, expected_on=in_days(12))
    assert read_product("CANDLE").next_delivery_on == in_days(9).isoformat()

    cancel(later)
    assert read_product("CANDLE").next_delivery_on == in_days(12).isoformat()

    receive(sooner, 5, version=2)
    assert read_product("CANDLE").next_delivery_on is None
    assert [delivery.id for delivery in incoming.of_product(read_product("CANDLE"))] == [undated]


def test_what_is_expected_can_be_changed_but_not_to_what_has_come(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10, in_days(3), note="Pallet")
    receive(delivery, 4, closes=False)

    with pytest.raises(RuleViolation) as refusal:
        change(delivery, version=2, quantity=4)
    assert refusal.value.field == "quantity"

    change(delivery, version=2, quantity=12, note=" Two pallets ")
    found = stored(delivery)
    assert (found.quantity, found.received, found.remaining, found.note, found.version) == (12, 4, 8, "Two pallets", 3)


def test_a_change_of_nothing_leaves_the_version(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10, in_days(3))

    change(delivery)

    assert stored(delivery).version == 1


def test_a_late_delivery_can_be_changed_where_its_day_stays(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10, in_days(-3))

    change(delivery, note="They have no lorry")

    assert incoming.is_late(stored(delivery))


def test_a_delivery_is_not_late_on_its_day(app: Flask) -> None:
    make_product("CANDLE", stock=0)

    assert not incoming.is_late(stored(expect("CANDLE", 10, in_days(0))))
    assert not incoming.is_late(stored(expect("CANDLE", 10)))


def test_a_form_that_is_older_than_the_delivery_is_refused(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10)
    change(delivery, quantity=20)

    for step in (lambda: change(delivery, quantity=30), lambda: cancel(delivery), lambda: receive(delivery, 10)):
        with pytest.raises(StaleVersion, match="0 av 20"):
            step()

    assert stored(delivery).quantity == 20
    assert stock_of("CANDLE")[0] == 0


def test_nothing_is_done_with_a_delivery_that_there_is_not(app: Flask) -> None:
    for step in (lambda: cancel(99), lambda: receive(99, 1)):
        with pytest.raises(NotFound):
            step()


def test_a_receipt_puts_units_into_stock_and_covers_the_oldest_order_first(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    from_june, from_may = (make_order(("CANDLE", 3), placed_at=placed) for placed in (JUNE, MAY))
    delivery = expect("CANDLE", 4)

    receipt = receive(delivery, 4)

    assert (receipt.units, receipt.ready, receipt.waiting_left) == (4, [from_may.number], 2)
    assert shape(from_may) == {1: [("CANDLE", 3, 3)]}
    assert shape(from_june) == {1: [("CANDLE", 3, 1)]}
    assert read(from_may).status is OrderStatus.READY
    assert last_event(from_may).kind is EventKind.BACKORDER_COVERED
    assert last_event(from_may).actor_name == "Bo"
    assert stock_of("CANDLE") == (4, 4, 2)
    found = stored(delivery)
    assert (found.received, found.remaining, found.closed_by, found.version) == (4, 0, "Bo", 2)


def test_orders_that_were_picked_by_hand_are_covered_first(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    oldest, picked = make_order(("CANDLE", 3), placed_at=MAY), make_order(("CANDLE", 3), placed_at=JUNE)
    delivery = expect("CANDLE", 4)

    receipt = receive(delivery, 4, first=[picked.number])

    assert receipt.ready == [picked.number]
    assert shape(oldest) == {1: [("CANDLE", 3, 1)]}


def test_a_picked_order_that_waits_no_longer_is_passed_over(app: Flask) -> None:
    make_product("CANDLE", stock=3)
    has_all, waiting = make_order(("CANDLE", 3)), make_order(("CANDLE", 3))
    delivery = expect("CANDLE", 3)

    receipt = receive(delivery, 3, first=[has_all.number, "WS-0"])

    assert receipt.ready == [waiting.number]


def test_too_many_orders_are_picked(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 3)

    with pytest.raises(RuleViolation) as refusal:
        receive(delivery, 3, first=["WS-1"] * 51)

    assert refusal.value.field == "first"


def test_an_order_that_waits_for_something_else_as_well_is_not_ready(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    make_product("WICK", stock=0)
    make_order(("CANDLE", 1), ("WICK", 1))

    assert receive(expect("CANDLE", 1), 1).ready == []


def test_the_rest_of_what_came_in_part_stays_expected_or_is_closed(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10, in_days(3))

    receive(delivery, 4, closes=False)
    found = stored(delivery)
    assert (found.received, found.remaining, found.closed_at) == (4, 6, None)
    assert read_product("CANDLE").next_delivery_on == in_days(3).isoformat()

    receive(delivery, 3, version=2, closes=True)
    found = stored(delivery)
    assert (found.received, found.remaining, found.closed_by) == (7, 0, "Bo")
    assert stock_of("CANDLE")[0] == 7


def test_more_can_come_than_was_expected(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10)

    receive(delivery, 12, closes=False)

    found = stored(delivery)
    assert (found.received, found.remaining) == (12, 0)
    assert found.closed_at is not None
    assert stock_of("CANDLE")[0] == 12


@pytest.mark.parametrize("quantity", [0, -3, 1_000_000, 10**9])
def test_so_many_units_are_never_received(app: Flask, quantity: int) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10)

    with pytest.raises(RuleViolation) as refusal:
        receive(delivery, quantity)

    assert refusal.value.field == "quantity"
    assert stock_of("CANDLE")[0] == 0


def test_a_receipt_that_is_sent_twice_is_made_once_and_the_second_one_says_so(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10)
    receive(delivery, 10)

    with pytest.raises(StaleVersion, match="Bo har redan avslutat inleveransen, med 10 st mottagna"):
        receive(delivery, 10)
    with pytest.raises(RuleViolation, match="Bo har redan"):
        receive(delivery, 10, version=2)

    assert stock_of("CANDLE")[0] == 10


def test_a_receipt_in_part_that_is_sent_twice_is_made_once(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10)
    receive(delivery, 4, closes=False)

    with pytest.raises(StaleVersion, match="4 av 10"):
        receive(delivery, 4, closes=False)

    assert stock_of("CANDLE")[0] == 4


def test_a_cancelled_delivery_is_not_received_and_keeps_what_has_come(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    delivery = expect("CANDLE", 10)
    receive(delivery, 4, closes=False)
    cancel(delivery, version=2)

    for step in (lambda: receive(delivery, 6, version=3), lambda: cancel(delivery, version=3)):
        with pytest.raises(RuleViolation, match="Bo har redan avslutat inleveransen, med 4 st mottagna"):
            step()

    assert stock_of("CANDLE")[0] == 4


def test_at_most_so_many_orders_are_covered_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "COVERED_AT_ONCE", 2)
    make_product("CANDLE", stock=0)
    for _each in range(4):
        make_order(("CANDLE", 1))

    receipt = receive(expect("CANDLE", 4), 4)

    assert (len(receipt.ready), receipt.waiting_left) == (2, 2)
    assert stock_of("CANDLE") == (4, 2, 2)  # the worker covers the others


def test_open_deliveries_are_listed_by_day_and_closed_ones_latest_first(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    undated, late, soon = (expect("CANDLE", 1, day) for day in (None, in_days(-2), in_days(2)))
    another, same_day = expect("CANDLE", 1), expect("CANDLE", 1, in_days(2))
    closed = [expect("CANDLE", 1) for _each in range(3)]
    for delivery in closed:
        cancel(delivery)

    assert walk(State.OPEN) == [late, soon, same_day, undated, another]
    assert walk(State.CLOSED) == closed[::-1]
    assert [row.id for row in incoming.of_product(read_product("CANDLE"))] == [late, soon, same_day, undated, another]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "2026~",
        "~9999999999999999999",
        "nonsense~5",
        "~٣",
        "2026-01-01~5",
        "2026-01-01T00:00:00~5",
        "9999-12-31T23:59:59-14:00~5",
    ],
)
def test_a_cursor_of_nobody_is_no_error(app: Flask, cursor: str) -> None:
    for state in State:
        incoming.page(state, cursor)


def walk(state: State) -> list[int]:
    """The ids of all pages of two."""
    page = incoming.page(state, limit=2)
    found = [delivery.id for delivery in page.deliveries]
    while page.after is not None:
        page = incoming.page(state, page.after, limit=2)
        found += [delivery.id for delivery in page.deliveries]
    return found
