"""The changes of an order since its customer was last notified of its state."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from webshop_orders.db.extensions import db
from webshop_orders.models import Event, Message, MessageKind, MessageState, Order
from webshop_orders.models.event_facts import LineAdded, LineChanged, LineRemoved

NOTIFYING = (MessageKind.ORDER_CONFIRMATION, MessageKind.ORDER_CHANGED)
UNSENT = (MessageState.HELD, MessageState.GIVEN_UP, MessageState.WITHDRAWN)
LINE_FACTS = (LineAdded, LineChanged, LineRemoved)


@dataclass(frozen=True)
class LineChange:
    """How many units of a product the order had and has now; 0 before an added product, 0 after a removed one."""

    product: str
    before: int
    after: int


def since_last_notified(order: Order) -> list[LineChange]:
    """What differs from the last order confirmation or mail about a change, or else from the order as placed."""
    notified_at = select(func.max(Message.queued_at)).where(
        Message.order_id == order.id,
        Message.kind.in_(NOTIFYING),
        Message.state.not_in(UNSENT),
        ~Message.is_test,
    )
    since = func.coalesce(notified_at.scalar_subquery(), order.placed_at)
    kinds = [facts.kind for facts in LINE_FACTS]
    events = select(Event).where(Event.order_id == order.id, Event.kind.in_(kinds), Event.at > since)
    return _net_changes(order, db.session.scalars(events.order_by(Event.id)))


def _net_changes(order: Order, events: Iterable[Event]) -> list[LineChange]:
    """One change for each product: the sum of all its changes, and none where they cancel each other out."""
    added: Counter[str] = Counter()
    names: dict[str, str] = {}
    for event in events:
        facts = event.read_facts()
        if isinstance(facts, LINE_FACTS):
            names[facts.sku] = facts.product
            added[facts.sku] += _added_units(facts)
    current: Counter[str] = Counter()
    for line in order.lines:
        current[line.sku] += line.quantity
    return [LineChange(names[sku], current[sku] - units, current[sku]) for sku, units in added.items() if units]


def _added_units(facts: LineAdded | LineChanged | LineRemoved) -> int:
    match facts:
        case LineAdded():
            return facts.quantity
        case LineChanged():
            return facts.quantity.after - facts.quantity.before
        case LineRemoved():
            return -facts.quantity
