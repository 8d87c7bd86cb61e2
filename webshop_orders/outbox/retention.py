"""Retention: deletes what is older than its retention period."""

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
from webshop_orders.models.answered_request import ANSWERED_REQUEST_RETENTION
from webshop_orders.operations.audit import personal_data
from webshop_orders.transactions.unit_of_work import writing

# Source shops retry a webhook delivery for several days.
RECEIVED_DELIVERY_RETENTION = timedelta(days=30)
SENT_MESSAGE_RETENTION = timedelta(days=30)
# An expired token is rejected anyway; the day is a margin for a clock that is set back.
USED_TOKEN_RETENTION = timedelta(days=1)
ACCESS_LOG_RETENTION = timedelta(days=400)
ERASURE_BATCH_SIZE = 200


def erase_personal_data(stop: Event) -> None:
    """Erase customers' personal data whose retention period is over, one batch of orders per transaction."""
    while not stop.is_set() and (ids := personal_data.due(shop_settings.current(), limit=ERASURE_BATCH_SIZE)):
        with writing():
            personal_data.erase_due(ids, by=SYSTEM)
    db.session.rollback()


def delete_expired() -> None:
    """Delete stored API responses, used tokens, delivered messages and access log entries past their retention."""
    expired = select(WebhookMessage.id).where(
        WebhookMessage.state == MessageState.SENT, WebhookMessage.sent_at < now() - SENT_MESSAGE_RETENTION
    )
    with writing():
        db.session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(expired)))
        db.session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(expired)))
        db.session.execute(
            delete(AccountMail).where(
                AccountMail.due_at.is_(None), AccountMail.queued_at < now() - SENT_MESSAGE_RETENTION
            )
        )
        db.session.execute(delete(AnsweredRequest).where(AnsweredRequest.began_at < now() - ANSWERED_REQUEST_RETENTION))
        db.session.execute(delete(ReceivedDelivery).where(ReceivedDelivery.at < now() - RECEIVED_DELIVERY_RETENTION))
        db.session.execute(delete(UsedToken).where(UsedToken.until < now() - USED_TOKEN_RETENTION))
        db.session.execute(delete(AccessEntry).where(AccessEntry.at < now() - ACCESS_LOG_RETENTION))
