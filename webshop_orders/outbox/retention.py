"""Retention: deletes what is older than its retention period."""

from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import Select, delete, func, select

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    SYSTEM,
    AccessEntry,
    AccountMail,
    AnsweredRequest,
    Batch,
    BatchOrder,
    IncomingCall,
    MessageState,
    ReceivedDelivery,
    UsedToken,
    Webhook,
    WebhookAttempt,
    WebhookMessage,
)
from webshop_orders.models.answered_request import ANSWERED_REQUEST_RETENTION
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.tracking_files import files as tracking_files
from webshop_orders.operations.undo import steps
from webshop_orders.transactions.unit_of_work import writing

# Source shops retry a webhook delivery for several days.
RECEIVED_DELIVERY_RETENTION = timedelta(days=30)
# After a message was sent or given up, or after its webhook was disabled.
MESSAGE_RETENTION = timedelta(days=30)
# An expired token is rejected anyway; the day is a margin for a clock that is set back.
USED_TOKEN_RETENTION = timedelta(days=1)
ACCESS_LOG_RETENTION = timedelta(days=400)
# After it was closed.
BATCH_RETENTION = timedelta(days=365)
ERASURE_BATCH_SIZE = 200


def erase_personal_data(stop: Event) -> None:
    """Erase customers' personal data whose retention period is over, one batch of orders per transaction."""
    while not stop.is_set() and (ids := personal_data.due(shop_settings.current(), limit=ERASURE_BATCH_SIZE)):
        with writing():
            personal_data.erase_due(ids, by=SYSTEM)
    with writing():
        personal_data.erase_unmatched_withdrawals(shop_settings.current())


def delete_expired() -> None:
    """Delete API responses, calls, tokens, messages, undo steps, files, batches and log entries past retention."""
    with writing():
        for expired in _expired_webhook_messages(now() - MESSAGE_RETENTION):
            db.session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(expired)))
            db.session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(expired)))
        db.session.execute(
            delete(AccountMail).where(AccountMail.due_at.is_(None), AccountMail.queued_at < now() - MESSAGE_RETENTION)
        )
        db.session.execute(delete(AnsweredRequest).where(AnsweredRequest.began_at < now() - ANSWERED_REQUEST_RETENTION))
        db.session.execute(delete(ReceivedDelivery).where(ReceivedDelivery.at < now() - RECEIVED_DELIVERY_RETENTION))
        kept_since = now() - timedelta(days=shop_settings.current().incoming_call_days)
        db.session.execute(delete(IncomingCall).where(IncomingCall.received_at < kept_since))
        db.session.execute(delete(UsedToken).where(UsedToken.until < now() - USED_TOKEN_RETENTION))
        steps.delete_expired()
        tracking_files.delete_expired()
        expired_batches = select(Batch.id).where(Batch.closed_at < now() - BATCH_RETENTION)
        db.session.execute(delete(BatchOrder).where(BatchOrder.batch_id.in_(expired_batches)))
        db.session.execute(delete(Batch).where(Batch.closed_at < now() - BATCH_RETENTION))
        db.session.execute(delete(AccessEntry).where(AccessEntry.at < now() - ACCESS_LOG_RETENTION))


def _expired_webhook_messages(cutoff: datetime) -> tuple[Select[int], ...]:
    """The ids of the webhook messages that were sent or given up, or whose webhook was disabled, before the cutoff.

    A message that a user queued again for a disabled webhook is kept as long from then on.
    """
    # No message is finished before `queued_at`, which the index has; it has neither `sent_at` nor the last attempt.
    finished = select(WebhookMessage.id).where(WebhookMessage.queued_at < cutoff)
    last_attempt = select(func.max(WebhookAttempt.at)).where(WebhookAttempt.message_id == WebhookMessage.id)
    given_up_at = func.coalesce(last_attempt.scalar_subquery(), WebhookMessage.queued_at)
    disabled = select(Webhook.id).where(Webhook.disabled_at < cutoff)
    return (
        finished.where(WebhookMessage.state == MessageState.SENT, WebhookMessage.sent_at < cutoff),
        finished.where(WebhookMessage.state == MessageState.GIVEN_UP, given_up_at < cutoff),
        select(WebhookMessage.id).where(
            WebhookMessage.due_at.is_not(None),
            WebhookMessage.webhook_id.in_(disabled),
            WebhookMessage.tried_from < cutoff,
        ),
    )
