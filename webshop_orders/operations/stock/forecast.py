"""What would come of more stock: which of the orders that wait for a product would lack nothing any longer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class WaitingOrder:
    """An order in the queue of a product: the units that it waits for, and whether it `lacks_more` than these.

    One that `ships_whole` takes nothing as long as it lacks anything.
    """

    order_id: int
    units: int
    ships_whole: bool
    lacks_more: bool


@dataclass(frozen=True)
class Forecast:
    """So many orders lack nothing once so many units have come; `complete` are their ids, in the queue's sequence."""

    units: int
    complete: tuple[int, ...]


def of_units(queue: Iterable[WaitingOrder], units: int, *, free: int = 0) -> Forecast:
    """What becomes of a queue when so many units come besides those that are `free` already."""
    left, complete = units + free, []
    for order in queue:
        if order.ships_whole and (order.lacks_more or order.units > left):
            continue
        covered = min(left, order.units)
        left -= covered
        if covered == order.units and not order.lacks_more:
            complete.append(order.order_id)
    return Forecast(units, tuple(complete))


def of_all(queue: Sequence[WaitingOrder], *, free: int = 0) -> Forecast | None:
    """The fewest units that complete all orders that lack nothing else; None where there are no such orders."""
    needed, taken = 0, 0
    for order in queue:
        if order.ships_whole and order.lacks_more:
            continue
        taken += order.units
        if not order.lacks_more:
            needed = taken
    return of_units(queue, max(0, needed - free), free=free) if needed else None
