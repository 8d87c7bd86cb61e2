"""What has become different in an order since its customer was last told how it stands."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from webshop_orders.db.extensions import db
from webshop_orders.models import Event, EventKind, Message, MessageKind, MessageState, Order

TELLING = (MessageKind.ORDER_CONFIRMATION, MessageKind.ORDER_CHANGED)
UNTOLD = (MessageState.HELD, MessageState.GIVEN_UP)
OF_LINES = (EventKind.LINE_ADDED, EventKind.LINE_CHANGED, EventKind.LINE_REMOVED)


@dataclass(frozen=True)
class LineChange:
    """How many units of a product the order had and has; 0 before is a product added, 0 after one removed."""

    product: str
    before: int
    after: int


def since_last_notified(order: Order) -> list[LineChange]:
    """What differs from the last order confirmation or word of a change, or else from the order as it was placed."""
    told = select(func.max(Message.queued_at)).where(
        Message.order_id == order.id,
        Message.kind.in_(TELLING),
        Message.state.not_in(UNTOLD),
        ~Message.is_test,
    )
    last = func.coalesce(told.scalar_subquery(), order.placed_at)
    of_order = select(Event).where(Event.order_id == order.id, Event.kind.in_(OF_LINES))
    events = of_order.where(Event.at > last).order_by(Event.id)
    return _sum_up(order, db.session.scalars(events))


def _sum_up(order: Order, events: Iterable[Event]) -> list[LineChange]:
    """One change for each product, whatever went to and fro in between."""
    moved: Counter[str] = Counter()
    names: dict[str, str] = {}
    for event in events:
        names[event.facts["sku"]] = event.facts["product"]
        moved[event.facts["sku"]] += _difference(event)
    present: Counter[str] = Counter()
    for line in order.lines:
        present[line.sku] += line.quantity
    return [LineChange(names[sku], present[sku] - by, present[sku]) for sku, by in moved.items() if by]


def _difference(event: Event) -> int:
    quantity = event.facts["quantity"]
    if event.kind is EventKind.LINE_CHANGED:
        return int(quantity["after"] - quantity["before"])
    return int(-quantity if event.kind is EventKind.LINE_REMOVED else quantity)
