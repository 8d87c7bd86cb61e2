"""A cancellation is taken back: stock is held again as far as it goes, and Historik says so."""

import pytest

from tests.factories import make_order, make_product
from tests.operations.steps import changing, events_of, last_event, read, set_stock, stock_of
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Difference, EventKind, Order, OrderStatus
from webshop_orders.operations.orders import cancellation, lines, shipments


def cancelled_order(by: Actor, quantity: int = 3) -> Order:
    make_product("A", stock=5)
    order = make_order(("A", quantity))
    with changing(order, by) as current:
        cancellation.cancel(current, by=by)
    return order


def restore(order: Order, by: Actor) -> Order:
    with changing(order, by) as current:
        cancellation.restore(current, by=by)
    return read(order)


@pytest.mark.usefixtures("app")
def test_a_restored_order_holds_its_stock_again_and_can_be_changed_and_shipped(anna: Actor) -> None:
    order = restore(cancelled_order(anna), anna)

    assert (order.status, order.cancelled_at) == (OrderStatus.READY, None)
    assert stock_of("A") == (5, 3, 0)
    event = last_event(order)
    assert (event.kind, event.actor_name) == (EventKind.ORDER_RESTORED, anna.name)
    with changing(order, anna) as current:
        lines.change(next(current.lines), quantity=2, by=anna)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    assert stock_of("A") == (3, 0, 0)


@pytest.mark.usefixtures("app")
def test_what_was_sold_meanwhile_is_backordered(anna: Actor) -> None:
    order = cancelled_order(anna)
    set_stock("A", 1)
    assert restore(order, anna).status is OrderStatus.BACKORDERED
    assert stock_of("A") == (1, 1, 2)


@pytest.mark.usefixtures("app")
def test_an_order_without_tracked_stock_is_ready_again(anna: Actor) -> None:
    order = make_order(("UNKNOWN", 2))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    order = restore(order, anna)
    assert order.status is OrderStatus.READY
    assert [line.reserved for line in order.lines] == [2]


@pytest.mark.usefixtures("app")
def test_an_open_order_cannot_be_restored(anna: Actor) -> None:
    order = make_order(("A", 1))
    with pytest.raises(NoChange):
        restore(order, anna)
    assert len(events_of(order)) == 1


@pytest.mark.usefixtures("app")
def test_the_difference_that_it_settles_is_shown_no_longer(anna: Actor) -> None:
    order = cancelled_order(anna)
    phone = Difference("customer.phone", "1", "2")
    with changing(order, anna) as current:
        current.shop_differences = [Difference("cancelled", "true", "false"), phone]
    assert restore(order, anna).shop_differences == [phone]


@pytest.mark.usefixtures("app")
def test_an_order_can_be_cancelled_and_restored_again_and_again(anna: Actor) -> None:
    order = cancelled_order(anna)
    for _turn in range(2):
        restore(order, anna)
        with changing(order, anna) as current:
            cancellation.cancel(current, by=anna)
    assert stock_of("A") == (5, 0, 0)
    with pytest.raises(RuleViolation), changing(order, anna) as current:
        lines.change(next(current.lines), quantity=2, by=anna)
