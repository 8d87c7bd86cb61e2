"""Mails that are withdrawn with the change that caused them, as long as no worker has taken them."""

from collections.abc import Collection, Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import defer

from webshop_orders import mailing
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.models import Actor, Message, MessageKind, MessageState, Order, Shipment

MAILS = select(Message).options(defer(Message.text), defer(Message.html))


def lock_confirmations(order: Order, references: Collection[str]) -> list[Message]:
    """The delivery confirmations of some shipments of an order, oldest first, withdrawn or not.

    They are locked, so that no worker takes them meanwhile.
    """
    if not references:
        return []
    of_shipments = (
        Message.order_id == order.id,
        Message.kind == MessageKind.DELIVERY_CONFIRMATION,
        Message.shipment_reference.in_(references),
    )
    return _lock(MAILS.where(*of_shipments).order_by(Message.id))


def lock_mails_of(order: Order, kind: MessageKind) -> list[Message]:
    """The mails of a kind that went with changes of an order, oldest first, withdrawn or not, locked too."""
    return _lock(
        MAILS.where(Message.order_id == order.id, Message.kind == kind, Message.automatic).order_by(Message.id)
    )


def lock_confirmation(shipment: Shipment) -> Message | None:
    """The delivery confirmation that a shipment got when it was shipped last, locked; None where none goes or went."""
    of_shipment = (
        Message.order_id == shipment.order_id,
        Message.kind == MessageKind.DELIVERY_CONFIRMATION,
        Message.shipment_reference == shipment.reference,
        Message.state.not_in([MessageState.WITHDRAWN, MessageState.GIVEN_UP]),
    )
    found = _lock(MAILS.where(Message.automatic, *of_shipment).order_by(Message.id.desc()).limit(1))
    return found[0] if found else None


def withdraw(messages: Iterable[Message], *, by: Actor) -> list[Message]:
    """Withdraw those of some locked mails that have not left; returns them."""
    withdrawn = [message for message in messages if message.can_be_withdrawn]
    for message in withdrawn:
        message.state, message.due_at, message.held_because = MessageState.WITHDRAWN, None, None
        message.withdrawn_at, message.withdrawn_by = now(), by.name
    return withdrawn


def queue_again(messages: Iterable[Message], *, order_version: int | None = None) -> list[Message]:
    """Queue those of some locked mails that were withdrawn, for a change that was carried out again; returns them.

    They wait once more, and are held where a mail like them would be now. They belong to `order_version` from now on
    where that is given.
    """
    queued = [message for message in messages if message.state is MessageState.WITHDRAWN]
    for message in queued:
        mailing.schedule(message, automatic=True)
        message.withdrawn_at = message.withdrawn_by = None
        message.order_version = order_version or message.order_version
    return queued


def _lock(statement: Select[Message]) -> list[Message]:
    return list(db.session.scalars(for_update(statement).execution_options(populate_existing=True)))
