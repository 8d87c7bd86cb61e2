"""What mends each kind of the inbox: with one click here, by the operations of the pages that it is mended on else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask_babel import gettext as _

from webshop_orders.connectors.incoming import retries
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import CallOutcome, InboxKind, Order, Shipment
from webshop_orders.operations.inbox import attention, listing
from webshop_orders.operations.inbox.listing import ListedItem
from webshop_orders.operations.orders import comments, messages, source_updates
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.text.languages import Sentence
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.transactions.unit_of_work import editing, writing
from webshop_orders.web.auth import audit
from webshop_orders.web.inbox.forms import MendForm
from webshop_orders.web.labels import CALL_OUTCOMES
from webshop_orders.web.orders import shipments
from webshop_orders.web.orders.editing import check_form
from webshop_orders.web.orders.mail_sentences import goes_or_is_held

DONE_ALREADY = _l("That needs nothing any more: it has been dealt with.")


@dataclass(frozen=True)
class Mend:
    """A button: its label and icon, and what it does, which says what was done; `takes_code` if a field is beside."""

    label: Sentence
    icon: str
    carry_out: Callable[[ListedItem, MendForm], str]
    takes_code: bool = False
    ships: bool = False


def carry_out(item: ListedItem, form: MendForm) -> str:
    """Mend what a row is about, and say so.

    Raises NoChange where that was done already, and DomainError where it cannot be done.
    """
    mend = MENDS.get(item.kind)
    if mend is None:
        raise RuleViolation(_("That is not mended with one click: open it."))
    form.ships, form.code.required = mend.ships, mend.takes_code
    check_form(form)
    return mend.carry_out(item, form)


@contextmanager
def _editing(item: ListedItem, form: MendForm) -> Iterator[Order]:
    """A transaction that changes the order of a row; raises NoChange where the row was dealt with before."""
    if item.order_number is None:
        raise NoChange(DONE_ALREADY)
    in_the_way = form.in_the_way if form.ships else None
    with editing(item.order_number, form.form_version, by=form.actor, in_the_way=in_the_way) as order:
        # The order itself knows of most rows, and has just been read; others are looked for.
        if not attention.needs(order, item.kind, item.subject) and listing.find(item.id) is None:
            raise NoChange(DONE_ALREADY)
        yield order


def _shipment(order: Order, item: ListedItem) -> Shipment:
    for shipment in order.shipments:
        if shipment.reference == item.facts["shipment"]:
            return shipment
    raise NoChange(DONE_ALREADY)


def _send_again(item: ListedItem, form: MendForm) -> str:
    message_id = item.facts["message"]
    if item.order_number is None:
        with writing():
            message = messages.get(message_id, for_update=True)
            messages.queue_again(message, by=form.actor)
    else:
        with _editing(item, form) as order:
            message = messages.get(message_id, order, for_update=True)
            messages.queue_again(message, by=form.actor)
    return goes_or_is_held(_("The mail goes to %(recipient)s.", recipient=message.recipient), message)


def _add_code(item: ListedItem, form: MendForm) -> str:
    with _editing(item, form) as order:
        return shipments.add_codes(_shipment(order, item), form)


def _ship(item: ListedItem, form: MendForm) -> str:
    with _editing(item, form) as order:
        shipment = _shipment(order, item)
        form.key = shipment.seq
        return shipments.ship(shipment, form)


def _lay_differences_aside(item: ListedItem, form: MendForm) -> str:
    with _editing(item, form) as order:
        source_updates.dismiss(order, by=form.actor)
    return _("What the shop says otherwise is laid aside.")


def _mark_as_read(item: ListedItem, form: MendForm) -> str:
    with _editing(item, form) as order:
        comments.set_read(order, is_read=True, by=form.actor)
    return _("The comment is marked as read.")


def _mark_as_done(item: ListedItem, form: MendForm) -> str:
    with _editing(item, form) as order:
        attention.settle(order, item.kind, item.subject)
    return _("Done.")


def _retry_call(item: ListedItem, form: MendForm) -> str:
    call = retries.retry(item.facts["call"], by=form.actor)
    if call.outcome is CallOutcome.NOT_TAKEN:
        raise RuleViolation(_("It could not be taken this time either: %(reason)s", reason=call.reason))
    return _("The call was taken: %(outcome)s.", outcome=str(CALL_OUTCOMES[call.outcome]).lower())


def _switch_on(item: ListedItem, form: MendForm) -> str:
    with audit.changing_settings():
        subscriptions.enable(subscriptions.lock(item.facts["webhook"]))
    return _("The webhook is switched on.")


MENDS: dict[InboxKind, Mend] = {
    InboxKind.FAILED_MAIL: Mend(_l("Send again"), "mail", _send_again),
    InboxKind.SENT_WITHOUT_CODE: Mend(_l("Save the code"), "check", _add_code, takes_code=True),
    InboxKind.CODE_WITHOUT_SHIPPING: Mend(_l("Mark as shipped"), "truck", _ship, ships=True),
    InboxKind.SOURCE_DIFFERS: Mend(_l("Keep it as it is here"), "check", _lay_differences_aside),
    InboxKind.CUSTOMER_COMMENT: Mend(_l("Mark as read"), "check", _mark_as_read),
    InboxKind.HOLD_ENDED: Mend(_l("Done with"), "check", _mark_as_done),
    InboxKind.DELIVERY_REFUSED: Mend(_l("Done with"), "check", _mark_as_done),
    InboxKind.INCOMING_CALL: Mend(_l("Try again"), "history", _retry_call),
    InboxKind.WEBHOOK_OFF: Mend(_l("Switch on"), "check", _switch_on),
}
