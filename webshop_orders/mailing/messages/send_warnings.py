"""What may be wrong with a mail, shown before it is sent; staff can correct it, or confirm that it is sent as it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Row, String, bindparam, or_, select

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import ConfirmationWarning
from webshop_orders.mailing.context import return_context, shipment_context
from webshop_orders.mailing.credit_notes import credit_note_context
from webshop_orders.mailing.messages.active_templates import render_with_fallback
from webshop_orders.mailing.templates.rendered_mail import RenderedMail
from webshop_orders.mailing.vocabulary import mail_language
from webshop_orders.models import MailHoldReason, Message, MessageKind, MessageState, Order, Refund, Return, Shipment

JUST_SENT = "just-sent"
ROWS_NOT_SHOWN = "rows-not-shown"
RECENT = timedelta(minutes=2)
NOT_SENT = or_(
    Message.state.in_([MessageState.GIVEN_UP, MessageState.WITHDRAWN]),
    Message.held_because.is_not_distinct_from(MailHoldReason.NOT_AUTOMATIC),
)

LAST_SENT = (
    select(Message.recipient, Message.state, Message.queued_at)
    .where(
        Message.order_id == bindparam("order_id"),
        Message.kind == bindparam("kind"),
        Message.shipment_reference.is_not_distinct_from(bindparam("shipment", type_=String)),
        Message.queued_at > bindparam("since"),
        ~NOT_SENT,
        ~Message.is_test,
    )
    .order_by(Message.id.desc())
    .limit(1)
)


def of_shipping(shipment: Shipment, message: Message | None) -> list[ConfirmationWarning]:
    """What may be wrong with the mail that was queued automatically when a shipment was shipped."""
    is_automatic = shop_settings.current().sends_automatically(MessageKind.DELIVERY_CONFIRMATION)
    if shipment.order.is_test or not is_automatic:
        return []
    if message is None:
        return [
            ConfirmationWarning(
                "no-address", _("The customer has no e-mail address, so no delivery confirmation can go out.")
            )
        ]
    with db.session.no_autoflush:  # the mail itself is not one that was written before
        return _of_delivery_confirmation(shipment, RenderedMail(message.subject, message.text, message.html))


def before_delivery_confirmation(shipment: Shipment) -> list[ConfirmationWarning]:
    """What may be wrong with the delivery confirmation of a shipment, if it were rendered now."""
    shop = shop_settings.current()
    language = mail_language(shipment.order.language, shop)
    context = shipment_context(shipment, shop, language)
    rendered, _remark = render_with_fallback(MessageKind.DELIVERY_CONFIRMATION, language, context)
    return _of_delivery_confirmation(shipment, rendered)


def _of_delivery_confirmation(shipment: Shipment, rendered: RenderedMail) -> list[ConfirmationWarning]:
    return [
        *_missing_code(shipment),
        *_missing_content(shipment, rendered),
        *before_sending(shipment.order, MessageKind.DELIVERY_CONFIRMATION, shipment.reference),
    ]


def of_return(order: Order, a_return: Return) -> list[ConfirmationWarning]:
    """What may be wrong with the mail about a return that is registered, as it is rendered now."""
    shop = shop_settings.current()
    language = mail_language(order.language, shop)
    context = return_context(order, a_return, shop, language)
    rendered, _remark = render_with_fallback(MessageKind.RETURN_REGISTERED, language, context)
    warnings = []
    if a_return.expects_goods and not context["addresses"]:
        sentence = _("The mail does not say where the goods are sent: the shop has no address in Configuration.")
        warnings.append(ConfirmationWarning("no-return-address", sentence))
    names = [line.name for line in a_return.lines]
    return [
        *warnings,
        *_missing_products(rendered, names),
        *_missing_reference(rendered, context["return"]["reference"]),
    ]


def of_credit_note(order: Order, refund: Refund) -> list[ConfirmationWarning]:
    """What may be wrong with the credit note of a refund that is sent by hand, as it is rendered now."""
    shop = shop_settings.current()
    language = mail_language(order.language, shop)
    context = credit_note_context(order, refund, shop, language)
    rendered, _remark = render_with_fallback(MessageKind.CREDIT_NOTE, language, context)
    return [
        *_missing_products(rendered, [row["name"] for row in context["rows"]]),
        *_missing_reference(rendered, context["credit_note"]["reference"]),
        *before_sending(order, MessageKind.CREDIT_NOTE),
    ]


def _missing_reference(rendered: RenderedMail, reference: str) -> list[ConfirmationWarning]:
    from webshop_orders.mailing.templates.checking import missing

    if not missing(rendered, [reference]):
        return []
    sentence = _("The mail template does not show %(reference)s.", reference=reference)
    return [ConfirmationWarning("reference-not-shown", sentence)]


def before_sending(order: Order, kind: MessageKind, shipment_reference: str | None = None) -> list[ConfirmationWarning]:
    """Whether the order is cancelled, and whether the same mail, about the same shipment, was written just before."""
    mail = {"order_id": order.id, "kind": kind, "shipment": shipment_reference, "since": now() - RECENT}
    last = db.session.execute(LAST_SENT, mail).first()
    if last is None:
        return _cancelled(order, kind)
    return [*_cancelled(order, kind), ConfirmationWarning(JUST_SENT, _written_before(last))]


def _written_before(last: Row[str, MessageState, datetime]) -> str:
    """What became of the same mail, which was written so many seconds ago."""
    seconds = max(1, round((now() - last.queued_at).total_seconds()))
    values = {"recipient": last.recipient, "seconds": seconds}
    if last.state is MessageState.SENT:
        return ngettext(
            "The same mail was sent to %(recipient)s %(seconds)s second ago.",
            "The same mail was sent to %(recipient)s %(seconds)s seconds ago.",
            seconds,
            **values,
        )
    if last.state is MessageState.HELD:
        return ngettext(
            "The same mail to %(recipient)s was written %(seconds)s second ago. It is held: no mail server is set up.",
            "The same mail to %(recipient)s was written %(seconds)s seconds ago. It is held: no mail server is set up.",
            seconds,
            **values,
        )
    return ngettext(
        "The same mail to %(recipient)s was written %(seconds)s second ago, and is on its way.",
        "The same mail to %(recipient)s was written %(seconds)s seconds ago, and is on its way.",
        seconds,
        **values,
    )


def _cancelled(order: Order, kind: MessageKind) -> list[ConfirmationWarning]:
    """Whether the customer would get the confirmation of an order that is not delivered."""
    if not order.is_cancelled or kind is not MessageKind.ORDER_CONFIRMATION:
        return []
    sentence = _("%(number)s is cancelled, but the customer would get a confirmation of it.", number=order.number)
    return [ConfirmationWarning("cancelled", sentence)]


def _missing_code(shipment: Shipment) -> list[ConfirmationWarning]:
    if shipment.tracking_codes:
        return []
    sentence = _("%(shipment)s has no tracking code, so the customer cannot track it.", shipment=shipment.reference)
    return [ConfirmationWarning("no-code", sentence)]


def _missing_content(shipment: Shipment, rendered: RenderedMail) -> list[ConfirmationWarning]:
    """Whether the rendered mail shows each tracking code and each product of this shipment."""
    from webshop_orders.mailing.templates.checking import missing

    codes = [tracking.code for tracking in shipment.tracking_codes]
    warnings = []
    if missing(rendered, codes):
        sentence = _("The mail template shows no tracking code, so the customer cannot track the shipment.")
        warnings.append(ConfirmationWarning("code-not-shown", sentence))
    return [*warnings, *_missing_products(rendered, [line.name for line in shipment.lines])]


def _missing_products(rendered: RenderedMail, names: Sequence[str]) -> list[ConfirmationWarning]:
    from webshop_orders.mailing.templates.checking import missing

    left_out = missing(rendered, names)
    if not left_out:
        return []
    sentence = _("The mail template leaves out products: %(products)s.", products=", ".join(left_out))
    return [ConfirmationWarning(ROWS_NOT_SHOWN, sentence)]
