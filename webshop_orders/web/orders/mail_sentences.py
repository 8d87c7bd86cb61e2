"""What staff are told of a mail that they had written: that it goes, or why it is held."""

from flask_babel import gettext as _

from webshop_orders import mailing, shop_settings
from webshop_orders.clock import now
from webshop_orders.models import MailHoldReason, Message, MessageKind, MessageState, Shipment
from webshop_orders.web.http.formatting import clock_time


def goes_or_is_held(sentence: str, message: Message) -> str:
    """The sentence, for a mail that is on its way; where it is held, that instead, and why."""
    return _held(message.recipient, message.held_because) if message.held_because else sentence


def comment_goes_or_is_held(recipient: str) -> str:
    """The same of a comment that was just mailed."""
    held_because = mailing.hold_reason(MessageKind.COMMENT, automatic=False)
    return _held(recipient, held_because) if held_because else _("The mail goes to %(recipient)s.", recipient=recipient)


def return_goes_or_is_held(recipient: str) -> str:
    """The same of the mail about a return that was just registered."""
    held_because = mailing.hold_reason(MessageKind.RETURN_REGISTERED, automatic=True)
    return _held(recipient, held_because) if held_because else _("The mail goes to %(recipient)s.", recipient=recipient)


def what_reopening_did(confirmation: Message | None) -> str:
    """What became of the delivery confirmation of a shipment that was just reopened; empty where there is none."""
    if confirmation is None:
        return ""
    if confirmation.state is MessageState.WITHDRAWN:
        return _("The delivery confirmation was withdrawn.")
    recipient = confirmation.recipient
    if confirmation.state is MessageState.SENT:
        return _("The delivery confirmation has gone to %(recipient)s already.", recipient=recipient)
    return _("The delivery confirmation to %(recipient)s is on its way and cannot be withdrawn.", recipient=recipient)


def what_reopening_would_do(shipment: Shipment) -> str:
    """Until when Undo shipped withdraws the delivery confirmation of a shipment; empty where it no longer does."""
    order, kind = shipment.order, MessageKind.DELIVERY_CONFIRMATION
    if shipment.shipped_at is None or order.is_test or order.customer.email is None:
        return ""
    until = shipment.shipped_at + shop_settings.current().mail_grace(kind)
    if until <= now() or mailing.hold_reason(kind, automatic=True):
        return ""
    return _("Until %(time)s, Undo shipped withdraws the delivery confirmation too.", time=clock_time(until))


def _held(recipient: str, held_because: MailHoldReason) -> str:
    if held_because is MailHoldReason.NO_SERVER:
        return _("The mail to %(recipient)s is held: no mail server is set up.", recipient=recipient)
    return _("The mail to %(recipient)s waits under Messages until someone sends it.", recipient=recipient)
