"""What the demo's shop expects from suppliers, and what came of that before."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.demo.backdating import Clock
from webshop_orders.demo.scenario_orders import ANNA, BO
from webshop_orders.demo.scenarios import SWEDEN
from webshop_orders.models import Actor, ActorKind, IncomingDelivery, Product
from webshop_orders.operations.stock import incoming

LARS = Actor(ActorKind.STAFF, "Lars Ek")
MADE_AGO = timedelta(days=12)


@dataclass(frozen=True)
class DemoDelivery:
    """A share of what orders wait for of a product, in so many days; None where nobody knows the day."""

    share: float
    days: int | None
    note: str | None = None


# Of the products that most units are waited for of, the first one first.
EXPECTED = [
    [DemoDelivery(0.6, 3, "Inköp 2204"), DemoDelivery(2, 17)],
    [DemoDelivery(1.5, -2, "Leverantören har lovat att höra av sig")],
    [DemoDelivery(2, 8, "Inköp 2207")],
    [DemoDelivery(1, None)],
    [],
    [DemoDelivery(3, 1, "Pall, kommer före tio")],
]
RECEIVED = [(24, 6), (60, 4), (12, 2)]  # units, and how many days ago they came


def make_deliveries(clock: Clock, today: date) -> None:
    """Expect more of some products that orders wait for, and receive some of others, in this transaction."""
    waited_for = select(Product).where(Product.backordered > 0).order_by(Product.backordered.desc(), Product.id)
    for product, deliveries in zip(db.session.scalars(waited_for.limit(len(EXPECTED))).all(), EXPECTED, strict=False):
        for expected in deliveries:
            day = None if expected.days is None else today + timedelta(days=expected.days)
            units = max(2, round(expected.share * product.backordered))
            delivery = incoming.expect(product.sku, units, day, note=expected.note, by=ANNA)
            delivery.made_at = _at(today, -MADE_AGO.days)
    in_stock = select(Product).where(Product.backordered == 0, Product.stock > 0, Product.active).order_by(Product.id)
    for product, (units, days) in zip(db.session.scalars(in_stock.limit(len(RECEIVED))).all(), RECEIVED, strict=False):
        clock.time = _at(today, -days)
        delivery = incoming.expect(product.sku, units, clock.time.date(), by=BO)
        _receive(delivery, units, clock)


def _receive(delivery: IncomingDelivery, units: int, clock: Clock) -> None:
    db.session.flush()
    delivery.made_at = clock.time - MADE_AGO
    incoming.receive(delivery.id, units, version=delivery.version, by=LARS)
    delivery.closed_at = clock.time


def _at(today: date, days: int) -> datetime:
    return datetime.combine(today + timedelta(days=days), time(9, 40), SWEDEN)
