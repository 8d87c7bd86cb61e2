"""What was kept for a while only, and is over."""

from datetime import timedelta
from threading import Event

from sqlalchemy import delete, select

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    SYSTEM,
    AccessEntry,
    AccountMail,
    AnsweredRequest,
    MessageState,
    ReceivedDelivery,
    UsedToken,
    WebhookAttempt,
    WebhookMessage,
)
from webshop_orders.operations.audit import personal_data
from webshop_orders.transactions.unit_of_work import writing

KEPT_ANSWERS = timedelta(hours=24)
# Shops try a delivery again for some days.
KEPT_DELIVERIES = timedelta(days=30)
KEPT_MESSAGES = timedelta(days=30)
# An expired token is let in by no clock of ours, unless somebody sets it back.
KEPT_TOKENS = timedelta(days=1)
KEPT_ACCESS_LOG = timedelta(days=400)
ORDERS_AT_ONCE = 200


def erase_personal_data(stop: Event) -> None:
    """Erase what the shop keeps of customers no longer, some orders at a time."""
    while not stop.is_set() and (ids := personal_data.due(shop_settings.current(), most=ORDERS_AT_ONCE)):
        with writing():
            personal_data.erase_due(ids, by=SYSTEM)
    db.session.rollback()


def delete_expired() -> None:
    """Forget answers to requests that are not sent again, tokens that expired, and old deliveries and entries."""
    old = select(WebhookMessage.id).where(
        WebhookMessage.state == MessageState.SENT, WebhookMessage.sent_at < now() - KEPT_MESSAGES
    )
    with writing():
        db.session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(old)))
        db.session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(old)))
        db.session.execute(
            delete(AccountMail).where(AccountMail.due_at.is_(None), AccountMail.queued_at < now() - KEPT_MESSAGES)
        )
        db.session.execute(delete(AnsweredRequest).where(AnsweredRequest.began_at < now() - KEPT_ANSWERS))
        db.session.execute(delete(ReceivedDelivery).where(ReceivedDelivery.at < now() - KEPT_DELIVERIES))
        db.session.execute(delete(UsedToken).where(UsedToken.until < now() - KEPT_TOKENS))
        db.session.execute(delete(AccessEntry).where(AccessEntry.at < now() - KEPT_ACCESS_LOG))
