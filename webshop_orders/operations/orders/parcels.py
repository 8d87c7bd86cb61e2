"""What carriers report of the parcels of a shipment that has left: facts of it, each noted once; nothing is mailed."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Shipment, TrackingCode
from webshop_orders.models.event_facts import ShipmentDelivered, ShipmentSentBack, ShipmentUncollected
from webshop_orders.operations.audit import history


def mark_delivered(
    shipment: Shipment, at: datetime | None = None, parcels: Sequence[TrackingCode] = (), *, by: Actor
) -> None:
    """Note that the carrier delivered a shipment, now or `at` an earlier time; nothing is mailed.

    `parcels` are the codes of those that were delivered, none for all of them: the shipment is delivered when each of
    its parcels is. Another report of the same changes nothing. Raises RuleViolation where the shipment has not shipped.
    """
    _check_shipped(shipment)
    delivered_at = min(at or now(), now())
    for tracking in parcels or shipment.tracking_codes:
        tracking.delivered_at = tracking.delivered_at or delivered_at
    times = [tracking.delivered_at for tracking in shipment.tracking_codes]
    if shipment.delivered_at is not None or None in times:
        return
    shipment.delivered_at = max((time for time in times if time), default=delivered_at)
    facts = ShipmentDelivered(shipment=shipment.reference, delivered_at=shipment.delivered_at.isoformat())
    history.record(shipment.order, facts, by=by)


def mark_uncollected(shipment: Shipment, at: datetime | None = None, *, by: Actor) -> None:
    """Note that nobody collected a parcel of a shipment, now or `at` an earlier time; the first report stays.

    Reports come in any sequence, so that of a shipment which was delivered is noted too. Raises RuleViolation where the
    shipment has not shipped.
    """
    _check_shipped(shipment)
    if shipment.uncollected_at is None:
        shipment.uncollected_at = min(at or now(), now())
        facts = ShipmentUncollected(shipment=shipment.reference, at=shipment.uncollected_at.isoformat())
        history.record(shipment.order, facts, by=by)


def mark_sent_back(shipment: Shipment, at: datetime | None = None, *, by: Actor) -> None:
    """Note that the carrier sent a parcel of a shipment back, as `mark_uncollected` does what nobody collected."""
    _check_shipped(shipment)
    if shipment.sent_back_at is None:
        shipment.sent_back_at = min(at or now(), now())
        facts = ShipmentSentBack(shipment=shipment.reference, at=shipment.sent_back_at.isoformat())
        history.record(shipment.order, facts, by=by)


def _check_shipped(shipment: Shipment) -> None:
    shipment.order.check_not_cancelled()
    if not shipment.is_shipped:
        raise RuleViolation(_("%(shipment)s is not shipped.", shipment=shipment.reference))
