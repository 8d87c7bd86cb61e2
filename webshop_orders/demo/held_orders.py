"""Some orders of the demo that are paused, each for another reason."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select

from webshop_orders.db.extensions import db
from webshop_orders.demo.backdating import backdating
from webshop_orders.demo.scenario_orders import ANNA, BO
from webshop_orders.demo.scenarios import SWEDEN
from webshop_orders.models import Actor, HoldReason, Order, OrderStatus, Shipment
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import holds
from webshop_orders.operations.orders.loading import lock_orders


@dataclass(frozen=True)
class DemoHold:
    """A hold that was made on the evening before; `days` is after how many it ends by itself, if it does."""

    reason: HoldReason
    by: Actor
    note: str | None = None
    days: int | None = None
    keeps_stock: bool = True


OF_ORDERS = [
    [DemoHold(HoldReason.WRONG_ADDRESS, ANNA, "Gatunumret saknas. Kunden är mejlad.")],
    [DemoHold(HoldReason.AWAITING_PAYMENT, BO, days=7, keeps_stock=False)],
    [DemoHold(HoldReason.CUSTOMER_ASKED, ANNA, "Bortrest, hämtar tidigast nästa vecka.", days=5)],
    [
        DemoHold(HoldReason.SUSPECTED_FRAUD, BO, "Tre beställningar med samma kort på en timme."),
        DemoHold(HoldReason.WRONG_ADDRESS, ANNA),
    ],
    [DemoHold(HoldReason.OTHER, BO, "Väntar på gravyren.", days=2)],
    [DemoHold(HoldReason.CUSTOMER_ASKED, ANNA, "Hemma igen i dag.", days=0)],
]
OF_A_SHIPMENT = DemoHold(HoldReason.CUSTOMER_ASKED, BO, "Vill ha allt på en gång.")
EVENING = time(16, 40)


def hold_some(today: date) -> None:
    """Pause some of the latest orders that are ready, and a shipment of one that is in parts, in this transaction."""
    evening = datetime.combine(today - timedelta(days=1), EVENING, SWEDEN)
    ready = (
        select(Order.id)
        .where(Order.status == OrderStatus.READY, Order.placed_at < evening)
        .order_by(Order.placed_at.desc(), Order.id.desc())
    )
    in_parts = (
        select(Shipment.order_id)
        .join(Order, Order.id == Shipment.order_id)
        .where(Order.status == OrderStatus.BACKORDERED, Order.placed_at < evening)
        .group_by(Shipment.order_id)
        .having(func.count() > 1)
        .order_by(Shipment.order_id.desc())
    )
    wholes = lock_orders(db.session.scalars(ready.limit(len(OF_ORDERS))))
    parts = lock_orders(db.session.scalars(in_parts.limit(1)))
    with backdating() as clock:
        clock.time = evening
        for order, made in zip(wholes, OF_ORDERS, strict=False):
            for each in made:
                _hold(order, each, today, clock.time)
        for order in parts:
            _hold(order, OF_A_SHIPMENT, today, clock.time, order.open_shipments[0].seq)


def _hold(order: Order, made: DemoHold, today: date, at: datetime, shipment: int | None = None) -> None:
    held = holds.hold(order, made.reason, note=made.note, shipment=shipment, keeps_stock=made.keeps_stock, by=made.by)
    # The day is given afterwards: holding asks for one that is still to come, by the clock, which `today` need not be.
    until = (today + timedelta(days=made.days)).isoformat() if made.days is not None else None
    dated = replace(held, at=at.astimezone(UTC).isoformat(), until=until)
    order.holds = [dated if hold.id == held.id else hold for hold in order.holds]
    attention.refresh(order)
