"""A packed shipment leaves: with the codes of its labels, and what staff confirm before any mail."""

import json
from collections.abc import Collection

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.db.extensions import db
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import ConfirmationRequired, ConfirmationWarning, RuleViolation
from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import Actor, PackingScan, PackingState, ScanKind, Shipment
from webshop_orders.models.event_facts import ShipmentPacked
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import shipments, tracking
from webshop_orders.operations.packing import differences, sessions
from webshop_orders.operations.packing.sessions import Packing


def ship(packing: Packing, agreed: Collection[str], *, by: Actor) -> Shipment:
    """Ship what is packed; the order is locked. The session ends with it.

    Raises RuleViolation while units or a label are missing, and ConfirmationRequired for warnings that the packer has
    not `agreed` to, by their codes.
    """
    differences.check_none(packing)
    shipment = sessions.check_open(packing)
    check_complete(packing)
    actor = sessions.actor_in(packing, by)
    later = actor.with_request_key(None)  # of several events of a request, one has its key
    codes = [NewTrackingCode(scan.text or "", scan.carrier, scan.url) for scan in packing.codes]
    with db.session.no_autoflush:  # all is written at once
        tracking.add_new(shipment, codes, by=later)
        before = shipments.warn_before_leaving(shipment, can_split=False)
        message = shipments.ship(shipment, by=actor)
        warnings = [*before, *send_warnings.of_shipping(shipment, message)]
        if unconfirmed := [warning for warning in warnings if warning.code not in agreed]:
            raise ConfirmationRequired(unconfirmed)
    history.record(packing.order, ShipmentPacked(shipment=shipment.reference, quantity=packing.packed), by=later)
    packing.session.state = PackingState.SHIPPED
    return shipment


def check_complete(packing: Packing) -> None:
    """Raise RuleViolation where units are not packed yet, or a further parcel has no label."""
    if packing.left:
        raise RuleViolation(
            ngettext(
                "%(left)s unit is not packed yet. Scan it, or say that it is missing.",
                "%(left)s units are not packed yet. Scan them, or say that they are missing.",
                packing.left,
                left=packing.left,
            )
        )
    if packing.expects_label:
        raise RuleViolation(_("The label of the new parcel is not scanned yet."))


def ask(packing: Packing, warnings: list[ConfirmationWarning], *, request_key: str | None) -> None:
    """Note the warnings that the packer is asked about, which the next KLAR confirms."""
    if not packing.was_done(request_key):
        text = json.dumps([[warning.code, warning.sentence] for warning in warnings])
        packing.log(ScanKind.ASKED_TO_SHIP, request_key=request_key, text=text)


def warnings_of(question: PackingScan) -> list[ConfirmationWarning]:
    """The warnings that a packer was asked about; none where the question was another one."""
    if question.kind is not ScanKind.ASKED_TO_SHIP:
        return []
    return [ConfirmationWarning(code, sentence) for code, sentence in json.loads(question.text or "[]")]


def agreed_by_asking(packing: Packing) -> set[str]:
    """The codes of the warnings that the packer was asked about last, and confirms by asking to ship once more."""
    question = packing.question
    return {warning.code for warning in warnings_of(question)} if question else set()
