"""The shipments of an order: tracking codes, delivery status, splitting off backordered units."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders import mailing, shop_settings
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import DeliveryStatus, MessageKind, Order, Shipment
from webshop_orders.operations.orders import confirmations, shipments, splits, tracking
from webshop_orders.web.labels import delivery_status
from webshop_orders.web.orders.editing import edit_order, require_confirmation
from webshop_orders.web.orders.forms.shipments import (
    BackorderSplitForm,
    DeliveryConfirmationForm,
    StatusForm,
    TrackingForm,
    TrackingRemovalForm,
)
from webshop_orders.web.orders.mail_sentences import goes_or_is_held
from webshop_orders.web.orders.page import render_change

blueprint = Blueprint("shipments", __name__, url_prefix="/orders/<number:number>/shipments/<id:seq>")


@blueprint.post("/tracking")
def add_tracking(number: str, seq: int) -> Response:
    form = TrackingForm(seq)
    with edit_order(number, form) as order:
        shipment = shipments.get(order, seq)
        codes = tracking.parse_input(form.code.data, form.carrier.data, shop_settings.current().carriers)
        for index, new in enumerate(codes):
            by = form.actor.with_request_key(None) if index else form.actor  # one event of a request has its key
            tracking.add(shipment, new.code, new.carrier, new.url, by=by)
    return render_change(order, "shipping", _added_sentence(codes, shipment))


def _added_sentence(codes: list[NewTrackingCode], shipment: Shipment) -> str:
    added = ", ".join(new.code for new in codes)
    if len(codes) > 1:
        return _("%(codes)s were added to %(shipment)s.", codes=added, shipment=shipment.reference)
    return _("%(code)s added to %(shipment)s.", code=added, shipment=shipment.reference)


@blueprint.post("/tracking/<id:tracking_id>/removal")
def remove_tracking(number: str, seq: int, tracking_id: int) -> Response:
    form = TrackingRemovalForm(seq)
    with edit_order(number, form) as order:
        shipment = shipments.get(order, seq)
        tracking.remove(shipment, tracking_id, by=form.actor)
    return render_change(
        order, "shipping", _("A tracking code was removed from %(shipment)s.", shipment=shipment.reference)
    )


@blueprint.post("/status")
def set_status(number: str, seq: int) -> Response:
    form = StatusForm(seq)
    with edit_order(number, form) as order:
        shipment = shipments.get(order, seq)
        if form.status.data == "reopened":
            shipments.reopen(shipment, by=form.actor)
        else:
            status = DeliveryStatus(form.status.data)
            if status is DeliveryStatus.SHIPPED:
                require_confirmation(order, send_warnings.before_shipping(shipment), form)
            shipments.set_status(shipment, status, by=form.actor)
    return render_change(order, "shipping", _status_sentence(order, shipment))


@blueprint.post("/backorder-split")
def split_backordered(number: str, seq: int) -> Response:
    form = BackorderSplitForm(seq)
    with edit_order(number, form) as order:
        source = shipments.get(order, seq)
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
            require_confirmation(order, send_warnings.before_delivery_confirmation(shipment), form)
        message = confirmations.send_delivery_confirmation(shipment, form.recipient.data, by=form.actor)
    sentence = _(
        "The delivery confirmation of %(shipment)s goes to %(recipient)s.",
        shipment=shipment.reference,
        recipient=message.recipient,
    )
    return render_change(order, "messages", goes_or_is_held(sentence, message))


def _status_sentence(order: Order, shipment: Shipment) -> str:
    if not shipment.is_shipped:
        return _("%(shipment)s: %(status)s", shipment=shipment.reference, status=delivery_status(shipment.status))
    if not shop_settings.current().mails_delivery_confirmations:
        return _(
            "%(shipment)s is shipped. Its delivery confirmation waits under Messages until someone sends it.",
            shipment=shipment.reference,
        )
    if order.customer.email is None:
        return _(
            "%(shipment)s is shipped. The customer has no e-mail address, so no delivery confirmation goes out.",
            shipment=shipment.reference,
        )
    if mailing.hold_reason(MessageKind.DELIVERY_CONFIRMATION, automatic=True):
        return _(
            "%(shipment)s is shipped. Its delivery confirmation is held: no mail server is set up.",
            shipment=shipment.reference,
        )
    return _(
        "%(shipment)s is shipped, and a delivery confirmation goes to %(recipient)s.",
        shipment=shipment.reference,
        recipient=order.customer.email,
    )
