"""The shipments of an order: tracking codes, delivery status, splitting off backordered units."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders import mailing, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import ConfirmationWarning
from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import Actor, DeliveryStatus, Message, MessageKind, Order, Shipment
from webshop_orders.operations.orders import confirmations, shipments, splits, tracking, typed_codes
from webshop_orders.operations.orders.typed_codes import TypedCode
from webshop_orders.web.http.responses import ToastAction
from webshop_orders.web.labels import delivery_status
from webshop_orders.web.orders import code_notes
from webshop_orders.web.orders.editing import edit_order, require_confirmation
from webshop_orders.web.orders.forms.shipments import (
    BackorderSplitForm,
    DeliveryConfirmationForm,
    ShipmentForm,
    StatusForm,
    TrackingForm,
    TrackingRemovalForm,
)
from webshop_orders.web.orders.mail_sentences import goes_or_is_held, what_reopening_did
from webshop_orders.web.orders.neighbour_actions import next_order_action
from webshop_orders.web.orders.page import render_change, render_done

blueprint = Blueprint("shipments", __name__, url_prefix="/orders/<number:number>/shipments/<id:seq>")


@blueprint.post("/tracking")
def add_tracking(number: str, seq: int) -> Response:
    form = TrackingForm(seq)
    with edit_order(number, form) as order:
        shipment = shipments.get(order, seq)
        sentence = ship(shipment, form) if form.status.data else add_codes(shipment, form)
    return render_change(order, "shipping", sentence, actions=_next_after_shipping(order, form.status.data))


@blueprint.post("/status")
def set_status(number: str, seq: int) -> Response:
    form = StatusForm(seq)
    with edit_order(number, form) as order:
        shipment = shipments.get(order, seq)
        if form.status.data == DeliveryStatus.SHIPPED.value:
            sentence = ship(shipment, form)
        elif form.status.data == "reopened":
            confirmation = shipments.reopen(shipment, by=form.actor)
            sentence = _reopened_sentence(shipment, confirmation)
        else:
            shipments.set_status(shipment, DeliveryStatus(form.status.data), by=form.actor)
            sentence = _status_sentence(shipment)
    return render_change(order, "shipping", sentence, actions=_next_after_shipping(order, form.status.data))


def _next_after_shipping(order: Order, status: str | None) -> list[ToastAction]:
    return [next_order_action(order, "shipping")] if status == DeliveryStatus.SHIPPED.value else []


def ship(shipment: Shipment, form: ShipmentForm) -> str:
    """Save the codes that were typed, and ship, in one change; a shipment that left meanwhile gets the codes alone."""
    if shipment.is_shipped and form.code.data:
        return add_codes(shipment, form)
    with db.session.no_autoflush:  # all is written at once
        codes = _add_codes(shipment, form, form.actor.with_request_key(None))  # one event of a request has its key
        notes = code_notes.sentences(shipment, codes)
        before = shipments.warn_before_leaving(shipment, can_split=splits.can_split_backordered(shipment))
        message = shipments.ship(shipment, by=form.actor)
        warnings = [*before, *send_warnings.of_shipping(shipment, message)]
        require_confirmation(shipment.order, warnings, form)
    return f"{_shipped_sentence(shipment)} {notes}".strip()


def add_codes(shipment: Shipment, form: ShipmentForm) -> str:
    """Save the codes that were typed, and say so."""
    return _added_sentence(shipment, _add_codes(shipment, form, form.actor))


def _add_codes(shipment: Shipment, form: ShipmentForm, by: Actor) -> list[TypedCode]:
    if not form.code.data:
        return []
    preset = typed_codes.preset_carrier(shipment.order)
    codes = typed_codes.understand(form.code.data, form.carrier.data, shop_settings.current().carriers, preset)
    tracking.add_all(shipment, [typed.new for typed in codes], by=by)
    return codes


def _added_sentence(shipment: Shipment, typed: list[TypedCode]) -> str:
    codes = [each.new for each in typed]
    added = ", ".join(new.code for new in codes)
    if len(codes) > 1:
        sentence = _("%(codes)s were added to %(shipment)s.", codes=added, shipment=shipment.reference)
    else:
        sentence = _("%(code)s added to %(shipment)s.", code=added, shipment=shipment.reference)
    no_link = "" if all(new.carrier or new.url for new in codes) else _("Without a carrier the mail has no link.")
    return " ".join(filter(None, (sentence, no_link, code_notes.sentences(shipment, typed))))


@blueprint.post("/tracking/<id:tracking_id>/removal")
def remove_tracking(number: str, seq: int, tracking_id: int) -> Response:
    form = TrackingRemovalForm(seq)
    with edit_order(number, form) as order:
        shipment = shipments.get(order, seq)
        tracking.remove(shipment, tracking_id, by=form.actor)
    return render_change(
        order, "shipping", _("A tracking code was removed from %(shipment)s.", shipment=shipment.reference)
    )


@blueprint.post("/backorder-split")
def split_backordered(number: str, seq: int) -> Response:
    form = BackorderSplitForm(seq)
    with edit_order(number, form) as order:
        source = shipments.get(order, seq)
        _add_codes(source, form, form.actor.with_request_key(None))
        target = splits.split_backordered(source, by=form.actor)
    return render_change(
        order, "shipping", _("What waits for stock was moved to %(shipment)s.", shipment=target.reference)
    )


@blueprint.post("/confirmation")
def send_confirmation(number: str, seq: int) -> Response:
    form = DeliveryConfirmationForm(seq)
    with edit_order(number, form) as order:
        shipment = shipments.get(order, seq)
        if shipment.is_shipped:
            require_confirmation(order, _warnings_before_confirmation(shipment), form)
        message = confirmations.send_delivery_confirmation(shipment, form.recipient.data, by=form.actor)
    sentence = _(
        "The delivery confirmation of %(shipment)s goes to %(recipient)s.",
        shipment=shipment.reference,
        recipient=message.recipient,
    )
    return render_done(order, form.tab, goes_or_is_held(sentence, message))


def _warnings_before_confirmation(shipment: Shipment) -> list[ConfirmationWarning]:
    """As for any delivery confirmation; with a code that the last one did not have, it is not the same mail again."""
    warnings = send_warnings.before_delivery_confirmation(shipment)
    if confirmations.has_unmailed_codes(shipment):
        return [warning for warning in warnings if warning.code != send_warnings.JUST_SENT]
    return warnings


def _status_sentence(shipment: Shipment) -> str:
    return _("%(shipment)s: %(status)s", shipment=shipment.reference, status=delivery_status(shipment.status))


def _reopened_sentence(shipment: Shipment, confirmation: Message | None) -> str:
    sentence, of_mail = _status_sentence(shipment), what_reopening_did(confirmation)
    return f"{sentence}. {of_mail}" if of_mail else sentence


def _shipped_sentence(shipment: Shipment) -> str:
    email = shipment.order.customer.email
    if not shop_settings.current().mails_delivery_confirmations:
        return _(
            "%(shipment)s is shipped. Its delivery confirmation waits under Messages until someone sends it.",
            shipment=shipment.reference,
        )
    if email is None:
        return _(
            "%(shipment)s is shipped. The customer has no e-mail address, so no delivery confirmation goes out.",
            shipment=shipment.reference,
        )
    if mailing.hold_reason(MessageKind.DELIVERY_CONFIRMATION, automatic=True):
        return _(
            "%(shipment)s is shipped. Its delivery confirmation is held: no mail server is set up.",
            shipment=shipment.reference,
        )
    grace = shop_settings.current().mail_grace_seconds
    if grace:
        return ngettext(
            "%(shipment)s is shipped, and a delivery confirmation goes to %(recipient)s in %(seconds)s second.",
            "%(shipment)s is shipped, and a delivery confirmation goes to %(recipient)s in %(seconds)s seconds.",
            grace,
            shipment=shipment.reference,
            recipient=email,
            seconds=grace,
        )
    return _(
        "%(shipment)s is shipped, and a delivery confirmation goes to %(recipient)s.",
        shipment=shipment.reference,
        recipient=email,
    )
