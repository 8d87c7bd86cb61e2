"""The delivery status of a shipment."""

from collections.abc import Collection
from datetime import datetime

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from webshop_orders import mailing, shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import ConfirmationWarning, NoChange, NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    BeforeAfter,
    DeliveryStatus,
    Message,
    MessageKind,
    Order,
    Shipment,
)
from webshop_orders.models.event_facts import ShipmentReopened, ShipmentShipped, StatusSet
from webshop_orders.money import captures
from webshop_orders.operations import dispatch_checks
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import withdrawn_mails
from webshop_orders.operations.stock import reservations

UNCOVERED = "uncovered"
NOT_WHOLE = "not_whole"


def get(order: Order, seq: int) -> Shipment:
    """A shipment of this order; raises NotFound where there is none with that number."""
    shipment = order.find_shipment(seq)
    if shipment is None and 1 <= seq <= order.last_seq:
        references = ", ".join(remaining.reference for remaining in order.shipments)
        raise NotFound(
            _(
                "%(number)s-%(seq)s is no more: what was in it was moved or removed. There is %(left)s.",
                number=order.number,
                seq=seq,
                left=references,
            )
        )
    if shipment is None:
        raise NotFound(_("Order %(number)s has no shipment %(seq)s.", number=order.number, seq=seq))
    return shipment


def by_reference(order: Order, reference: str) -> Shipment:
    """A shipment of this order by its public reference; raises NotFound."""
    shipment = next((shipment for shipment in order.shipments if shipment.reference == reference), None)
    if shipment is None:
        raise NotFound(_("There is no shipment %(reference)s in this order.", reference=reference))
    return shipment


def warn_of_uncovered(shipment: Shipment, *, can_split: bool) -> list[ConfirmationWarning]:
    """What staff confirm before units leave that stock does not cover, whether or not anyone is mailed.

    `can_split` is whether these can be split off instead.
    """
    if not shipment.backordered:
        return []
    counts = {"waiting": format_decimal(shipment.backordered), "all": format_decimal(shipment.quantity)}
    if can_split:
        sentence = ngettext(
            "%(waiting)s of %(all)s pcs waits for stock. Ship everything anyway, or split off what is backordered?",
            "%(waiting)s of %(all)s pcs wait for stock. Ship everything anyway, or split off what is backordered?",
            shipment.backordered,
            **counts,
        )
    else:
        sentence = ngettext(
            "%(waiting)s of %(all)s pcs waits for stock. Ship everything anyway?",
            "%(waiting)s of %(all)s pcs wait for stock. Ship everything anyway?",
            shipment.backordered,
            **counts,
        )
    return [ConfirmationWarning(UNCOVERED, sentence)]


def warn_before_leaving(
    shipment: Shipment, *, can_split: bool, along: Collection[Shipment] = ()
) -> list[ConfirmationWarning]:
    """What staff confirm before they ship a shipment that is still here: units that wait, and checks that it fails.

    Shipments that leave `along` with it are not waited for.
    """
    failed = dispatch_checks.warn_of_failed(shipment, shop_settings.current())
    return [*warn_of_uncovered(shipment, can_split=can_split), *_warn_of_part(shipment, along), *failed]


def _warn_of_part(shipment: Shipment, along: Collection[Shipment]) -> list[ConfirmationWarning]:
    """What staff confirm before a part leaves of an order that is to leave whole (rule 34)."""
    order = shipment.order
    staying = (other for other in order.open_shipments if other is not shipment and other not in along)
    others = [other.reference for other in staying if other.backordered]
    if not (order.ships_whole and others):
        return []
    sentence = ngettext(
        "%(number)s is collected for one delivery, and %(shipments)s still waits for stock. Ship this part anyway?",
        "%(number)s is collected for one delivery, and %(shipments)s still wait for stock. Ship this part anyway?",
        len(others),
        number=order.number,
        shipments=", ".join(others),
    )
    return [ConfirmationWarning(NOT_WHOLE, sentence)]


def ship(shipment: Shipment, *, by: Actor, mails: bool = True, at: datetime | None = None) -> Message | None:
    """Set a shipment shipped, now or `at` an earlier time: its goods leave stock, a delivery confirmation is queued.

    What is to be charged for it is settled. Returns the confirmation, if there is one.
    The confirmation is held in the outbox where the shop sends them by hand. It is not written where `mails` is false,
    since the customer was notified elsewhere, nor for a test order. Raises Held where a hold keeps it from leaving, and
    NoChange where it is shipped already, so that nothing is mailed twice.
    """
    order = shipment.order
    order.check_not_cancelled()
    if shipment.is_shipped:
        raise NoChange(_("%(shipment)s already is shipped.", shipment=shipment.reference))
    shipment.check_not_held()
    reservations.lock((line.product for line in shipment.lines), of=shipment.order)
    for line in shipment.lines:
        reservations.deduct(line, by=by)
    status = BeforeAfter(shipment.status, DeliveryStatus.SHIPPED)
    shipment.status, shipment.shipped_at = DeliveryStatus.SHIPPED, at or now()
    shipment.capture = captures.of_leaving(shipment)
    mail_to = order.customer.email if mails and not order.is_test else None
    is_automatic = shop_settings.current().mails_delivery_confirmations
    facts = ShipmentShipped(
        shipment=shipment.reference,
        status=status,
        mailed_to=mail_to if is_automatic else None,
        held=mailing.hold_reason(MessageKind.DELIVERY_CONFIRMATION, automatic=True) if mail_to else None,
    )
    history.record(order, facts, by=by)
    if not mail_to:
        return None
    return mailing.queue_delivery_confirmation(shipment, mail_to, by=by, automatic=True)


def reopen(shipment: Shipment, *, by: Actor) -> Message | None:
    """Undo Skickad: the goods return to stock and are reserved for the shipment; nothing is mailed.

    Returns its delivery confirmation if there is one, which is withdrawn unless it has left. Raises RuleViolation where
    some of it was returned or refunded, NoChange where it is not shipped.
    """
    shipment.order.check_not_cancelled()
    if not shipment.is_shipped:
        raise NoChange(_("%(shipment)s is not shipped.", shipment=shipment.reference))
    shipment.check_can_reopen()
    reservations.lock((line.product for line in shipment.lines), of=shipment.order)
    for line in shipment.lines:
        reservations.restock(line, by=by)
    shipped_at, shipment.shipped_at, shipment.delivered_at = shipment.shipped_at, None, None
    shipment.uncollected_at = shipment.sent_back_at = shipment.capture = None
    for tracking in shipment.tracking_codes:
        tracking.delivered_at, tracking.is_unmailed = None, False
    shipment.status = DeliveryStatus.READY
    shipment.status = shipment.computed_status
    with db.session.no_autoflush:  # all is written at once
        confirmation = withdrawn_mails.lock_confirmation(shipment)
    withdrawn = withdrawn_mails.withdraw([confirmation] if confirmation else [], by=by)
    facts = ShipmentReopened(
        shipment=shipment.reference,
        status=BeforeAfter(DeliveryStatus.SHIPPED, shipment.status),
        shipped_at=shipped_at.isoformat() if shipped_at else None,
        mail_withdrawn=bool(withdrawn),
        mailed_to=confirmation.recipient if confirmation and confirmation.has_left else None,
    )
    history.record(shipment.order, facts, by=by)
    return confirmation


def set_status(shipment: Shipment, status: DeliveryStatus, *, by: Actor) -> None:
    """Set Redo or Restnoterad by hand, until the next change of its lines or stock recomputes the status.

    Raises RuleViolation for a shipped shipment, NoChange where it has the status already.
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
    facts = StatusSet(shipment=shipment.reference, status=BeforeAfter(shipment.status, status))
    shipment.status = status
    history.record(shipment.order, facts, by=by)
