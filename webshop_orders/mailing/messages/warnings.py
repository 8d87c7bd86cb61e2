"""What may be embarrassing about a mail, told before it goes; staff can mend it, or go ahead all the same."""

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import or_, select

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import ConfirmationWarning
from webshop_orders.mailing import context
from webshop_orders.mailing.messages.writing import render_with_fallback
from webshop_orders.mailing.templates.checking import missing
from webshop_orders.mailing.vocabulary import mail_language
from webshop_orders.models import HoldReason, Message, MessageKind, MessageState, Order, Shipment

JUST_NOW = timedelta(minutes=2)
NOT_ON_THEIR_WAY = or_(
    Message.state == MessageState.GIVEN_UP, Message.held_because.is_not_distinct_from(HoldReason.NOT_AUTOMATIC)
)


def before_shipping(shipment: Shipment) -> list[ConfirmationWarning]:
    """What is doubtful about the mail that goes out by itself once a shipment is shipped (rules 6 and 20)."""
    if shipment.is_shipped or not shop_settings.current().sends_automatically(MessageKind.DELIVERY_CONFIRMATION):
        return []
    if shipment.order.customer.email is None:
        return [
            ConfirmationWarning(
                "no-address", _("The customer has no e-mail address, so no delivery confirmation can go out.")
            )
        ]
    return before_delivery_confirmation(shipment)


def before_delivery_confirmation(shipment: Shipment) -> list[ConfirmationWarning]:
    """What is doubtful about the delivery confirmation of a shipment, as it would be written now."""
    return [
        *_about_codes(shipment),
        *_about_content(shipment),
        *before_sending(shipment.order, MessageKind.DELIVERY_CONFIRMATION, shipment.reference),
    ]


def before_sending(order: Order, kind: MessageKind, shipment_reference: str | None = None) -> list[ConfirmationWarning]:
    """Whether the same kind of mail, for the same shipment where it is about one, went out just before."""
    same = select(Message).where(
        Message.order_id == order.id,
        Message.kind == kind,
        Message.shipment_reference.is_not_distinct_from(shipment_reference),
        Message.queued_at > now() - JUST_NOW,
        ~NOT_ON_THEIR_WAY,
        ~Message.is_test,
    )
    last = db.session.scalar(same.order_by(Message.id.desc()).limit(1))
    if last is None:
        return []
    seconds = max(1, round((now() - last.queued_at).total_seconds()))
    return [
        ConfirmationWarning(
            "just-sent",
            _(
                "The same mail was sent to %(recipient)s %(seconds)s seconds ago.",
                recipient=last.recipient,
                seconds=seconds,
            ),
        )
    ]


def _about_codes(shipment: Shipment) -> list[ConfirmationWarning]:
    if shipment.tracking_codes:
        return []
    sentence = _("%(shipment)s has no tracking code, so the customer cannot track it.", shipment=shipment.reference)
    return [ConfirmationWarning("no-code", sentence)]


def _about_content(shipment: Shipment) -> list[ConfirmationWarning]:
    """Whether the mail, written out, shows each code and each product of this shipment."""
    language = mail_language(shipment.order.language)
    facts = context.about_shipment(shipment, shop_settings.current(), language)
    rendered, _remark = render_with_fallback(MessageKind.DELIVERY_CONFIRMATION, language, facts)
    codes = missing(rendered, (tracking.code for tracking in shipment.tracking_codes))
    names = missing(rendered, (line.name for line in shipment.lines))
    warnings = []
    if codes:
        sentence = _("The mail template shows no tracking code, so the customer cannot track the shipment.")
        warnings.append(ConfirmationWarning("code-not-shown", sentence))
    if names:
        sentence = _("The mail template leaves out products: %(products)s.", products=", ".join(names))
        warnings.append(ConfirmationWarning("rows-not-shown", sentence))
    return warnings
