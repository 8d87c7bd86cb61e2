"""What erasing leaves of mails, and what stands for erased text."""

from typing import Any

from sqlalchemy import ColumnElement, select, update

from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageAttempt, MessageState
from webshop_orders.operations.inbox import derived

ERASED = "–"


def erase_mails(are_erased: ColumnElement[bool]) -> None:
    """Keep of each of these mails only its kind, times and state; mails that are still queued are given up."""
    mails = select(Message.id).where(are_erased)
    in_inbox = select(Message.order_id, Message.recipient).where(are_erased, Message.needs_attention).distinct()
    failed = db.session.execute(in_inbox).all()
    db.session.execute(update(MessageAttempt).where(MessageAttempt.message_id.in_(mails)).values(answer=ERASED))
    erased: dict[str, Any] = {"recipient": ERASED, "subject": ERASED, "text": ERASED, "html": ERASED, "search_text": ""}
    erased |= {"reply_to": None, "last_answer": None, "remark": None, "needs_attention": False}
    db.session.execute(update(Message).where(are_erased).values(erased))
    goes_nowhere = Message.state.in_([MessageState.SENT, MessageState.WITHDRAWN])
    queued = update(Message).where(are_erased, ~goes_nowhere)
    db.session.execute(queued.values(state=MessageState.GIVEN_UP, due_at=None, held_because=None))
    for order_id, recipient in failed:
        derived.failed_mail(order_id, recipient)
