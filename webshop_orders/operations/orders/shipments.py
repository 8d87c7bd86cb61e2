"""The delivery status of a shipment."""

from datetime import datetime

from flask_babel import gettext as _

from webshop_orders import mailing, shop_settings
from webshop_orders.clock import now
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, DeliveryStatus, EventKind, Order, Shipment
from webshop_orders.operations.audit import history
from webshop_orders.operations.stock import reservations


def get(order: Order, seq: int) -> Shipment:
    """A shipment of this order; raises NotFound where there is none with that number."""
    shipment = order.find_shipment(seq)
    if shipment is None and 1 <= seq <= order.last_seq:
        left = ", ".join(one.reference for one in order.shipments)
        raise NotFound(
            _(
                "%(number)s-%(seq)s is no more: what was in it was moved or removed. There is %(left)s.",
                number=order.number,
                seq=seq,
                left=left,
            )
        )
    if shipment is None:
        raise NotFound(_("Order %(number)s has no shipment %(seq)s.", number=order.number, seq=seq))
    return shipment


def ship(shipment: Shipment, *, by: Actor, mails: bool = True, at: datetime | None = None) -> None:
    """The goods leave, now or `at` a moment before: stock goes down, and a delivery confirmation is queued.

    It is held in the outbox where the shop sends them by hand, and not even written where `mails` is false, since
    the customer has heard of it elsewhere. Raises NothingToChange where it is shipped already, so that nothing is
    mailed twice.
    """
    order = shipment.order
    order.check_not_cancelled()
    if shipment.is_shipped:
        raise NoChange(_("%(shipment)s already is shipped.", shipment=shipment.reference))
    reservations.lock(line.product for line in shipment.lines)
    for line in shipment.lines:
        reservations.deduct(line)
    before = shipment.status
    shipment.status, shipment.shipped_at = DeliveryStatus.SHIPPED, at or now()
    mail_to = order.customer.email if mails else None
    goes_out = shop_settings.current().mails_delivery_confirmations
    history.record(
        order,
        EventKind.SHIPMENT_SHIPPED,
        by=by,
        shipment=shipment.reference,
        status={"before": before.value, "after": shipment.status.value},
        mailed_to=mail_to if goes_out else None,
    )
    if mail_to:
        mailing.queue_delivery_confirmation(shipment, mail_to, by=by, automatic=True)


def reopen(shipment: Shipment, *, by: Actor) -> None:
    """Take back Skickad: the goods are in stock again and held for the shipment; nothing is mailed.

    Raises NothingToChange where it is not shipped.
    """
    shipment.order.check_not_cancelled()
    if not shipment.is_shipped:
        raise NoChange(_("%(shipment)s is not shipped.", shipment=shipment.reference))
    reservations.lock(line.product for line in shipment.lines)
    for line in shipment.lines:
        reservations.restock(line)
    shipped_at, shipment.shipped_at = shipment.shipped_at, None
    shipment.status = DeliveryStatus.READY
    shipment.status = shipment.computed_status
    history.record(
        shipment.order,
        EventKind.SHIPMENT_REOPENED,
        by=by,
        shipment=shipment.reference,
        status={"before": DeliveryStatus.SHIPPED.value, "after": shipment.status.value},
        shipped_at=shipped_at.isoformat() if shipped_at else None,
    )


def set_status(shipment: Shipment, status: DeliveryStatus, *, by: Actor) -> None:
    """Set Redo or Restnoterad by hand, until the next change of its lines or stock decides again.

    Raises Refused for a shipped shipment, NothingToChange where it stands so already.
    """
    if status is DeliveryStatus.SHIPPED:
        ship(shipment, by=by)
        return
    shipment.order.check_not_cancelled()
    if shipment.is_shipped:
        raise RuleViolation(
            _("%(shipment)s is shipped. Take that back first.", shipment=shipment.reference),
            field="status",
        )
    if shipment.status is status:
        raise NoChange(_("%(shipment)s already stands so.", shipment=shipment.reference))
    before, shipment.status = shipment.status, status
    history.record(
        shipment.order,
        EventKind.STATUS_SET,
        by=by,
        shipment=shipment.reference,
        status={"before": before.value, "after": status.value},
    )
