"""Credit notes: what a refund credits, as a mail to the customer and as a PDF file."""

from flask_babel import gettext as _

from webshop_orders import mailing
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Message, Order, Refund
from webshop_orders.models.event_facts import ConfirmationSent
from webshop_orders.operations.audit import history


def check_can_be_mailed(order: Order) -> None:
    """Raise RuleViolation where the customer has no address that a credit note goes to."""
    if not order.customer.email:
        raise RuleViolation(_("The customer has no e-mail address. Add one under Customer."), field="mails_customer")


def check_stands(order: Order, refund: Refund) -> None:
    """Raise RuleViolation where a refund was cancelled, which credits nothing."""
    if not refund.stands:
        number = refund.number_in(order.number)
        raise RuleViolation(_("%(reference)s was cancelled, so there is no credit note of it.", reference=number))


def send(order: Order, refund: Refund, *, by: Actor) -> Message | None:
    """Queue the credit note of a refund that has just been done, where the customer is to have it.

    Returns the mail. There is none about a test order, or where the customer's address is gone meanwhile.
    """
    if not refund.mails_customer or order.is_test or not order.customer.email:
        return None
    return mailing.queue_credit_note(order, refund, order.customer.email, by=by, automatic=True)


def send_by_hand(order: Order, refund: Refund, recipient: str, *, by: Actor) -> Message:
    """Queue the credit note of a refund as it is now, to the customer or another address.

    Raises RuleViolation where the refund was cancelled.
    """
    check_stands(order, refund)
    message = mailing.queue_credit_note(order, refund, recipient, by=by, automatic=False)
    facts = ConfirmationSent(mailed_to=recipient, refund=refund.number_in(order.number), held=message.held_because)
    history.record(order, facts, by=by)
    return message
