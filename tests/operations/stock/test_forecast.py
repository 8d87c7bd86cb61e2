"""What would come of more stock, computed for a queue of orders."""

import pytest

from webshop_orders.operations.stock import forecast
from webshop_orders.operations.stock.forecast import WaitingOrder


def order(number: int, units: int, *, whole: bool = False, lacks_more: bool = False) -> WaitingOrder:
    return WaitingOrder(number, units, ships_whole=whole, lacks_more=lacks_more)


@pytest.mark.parametrize(
    ("units", "complete"), [(0, ()), (1, ()), (2, (1,)), (5, (1, 2)), (6, (1, 2, 3)), (99, (1, 2, 3))]
)
def test_units_complete_orders_in_the_sequence_of_the_queue(units: int, complete: tuple[int, ...]) -> None:
    queue = [order(1, 2), order(2, 3), order(3, 1)]
    assert forecast.of_units(queue, units).complete == complete


def test_an_order_that_lacks_something_else_takes_units_and_is_not_complete() -> None:
    queue = [order(1, 2, lacks_more=True), order(2, 1)]
    assert forecast.of_units(queue, 2).complete == ()
    assert forecast.of_units(queue, 3).complete == (2,)


def test_an_order_that_ships_whole_takes_nothing_until_all_of_it_is_there() -> None:
    queue = [order(1, 5, whole=True), order(2, 1, whole=True, lacks_more=True), order(3, 2)]
    assert forecast.of_units(queue, 2).complete == (3,)
    assert forecast.of_units(queue, 5).complete == (1,)
    assert forecast.of_units(queue, 7).complete == (1, 3)


def test_free_units_count_too() -> None:
    queue = [order(1, 5, whole=True)]
    assert forecast.of_units(queue, 2, free=3).complete == (1,)
    assert forecast.of_all(queue, free=3) == forecast.Forecast(2, (1,))


def test_the_fewest_units_complete_all_that_lack_nothing_else_and_one_less_does_not() -> None:
    queue = [order(1, 2), order(2, 4, lacks_more=True), order(3, 1, whole=True, lacks_more=True), order(4, 3)]
    found = forecast.of_all([*queue, order(5, 9, lacks_more=True)])
    assert found == forecast.Forecast(9, (1, 4))
    assert forecast.of_units(queue, 8).complete == (1,)


def test_nothing_is_foreseen_where_all_orders_lack_something_else() -> None:
    assert forecast.of_all([order(1, 2, lacks_more=True), order(2, 1, whole=True, lacks_more=True)]) is None
    assert forecast.of_all([]) is None
