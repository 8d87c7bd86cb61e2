"""Delivers webhooks over HTTP; no transaction is open during a request.

Signed according to Standard Webhooks, https://www.standardwebhooks.com: `webhook-id`, `webhook-timestamp` and
`webhook-signature`, with one signature for each active secret.
"""

import logging
import ssl
from datetime import timedelta
from threading import Event
from time import monotonic
from urllib.parse import urlsplit

import urllib3
from sqlalchemy import update
from standardwebhooks.webhooks import Webhook as Signer

from webshop_orders import request_ids
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.models import DisabledReason, MessageState, Webhook, WebhookMessage
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox.outcomes import Outcome, printable
from webshop_orders.outbox.queue import Lease
from webshop_orders.outbox.webhooks import targets
from webshop_orders.transactions.unit_of_work import writing

CONNECT_SECONDS, READ_SECONDS, MAX_BODY_SECONDS = 5, 10, 15
MAX_BODY_BYTES = 4096
PAUSE = timedelta(seconds=20)
USER_AGENT = "webshop-orders"
ACCEPTED = range(200, 300)
GONE = 410
UNAVAILABLE = {429, *range(500, 600)}
# Every error that can keep a webhook from being delivered, other than a bug of our own.
FAILURES = (OSError, ssl.SSLError, urllib3.exceptions.HTTPError, ValueError, targets.ForbiddenTargetError)
logger = logging.getLogger(__name__)


def deliver_batch(stop: Event) -> int:
    """Lease and send the webhook messages due longest; returns how many attempts were made.

    A webhook whose receiver is unavailable is paused, with all of its pending messages.
    """
    unavailable: set[int] = set()
    attempts = 0
    for lease in outbox_queue.acquire(outbox_queue.WEBHOOKS):
        if stop.is_set() or not lease.has_time or lease.related.id in unavailable:
            outbox_queue.release(lease)
            continue
        attempts += 1
        if not _deliver(lease):
            unavailable.add(lease.related.id)
    return attempts


def _deliver(lease: Lease) -> bool:
    """Send one message and record its outcome; returns whether the receiver is available for the next one."""
    webhook: Webhook = lease.related
    status: int | None = None
    try:
        status, answer = _post(webhook, lease.message)
    except FAILURES as error:
        answer = str(error) or type(error).__name__
    state = MessageState.SENT if status in ACCEPTED else MessageState.RETRYING
    if status == GONE:
        state = MessageState.GIVEN_UP
    with request_ids.resumed(lease.message.request_id):
        state = outbox_queue.record_outcome(lease, Outcome(state, printable(answer)))
        _log(lease, state, status)
    _update_webhook(webhook, lease.message, status, state)
    return status is not None and status not in UNAVAILABLE and status != GONE


def _post(webhook: Webhook, message: WebhookMessage) -> tuple[int, str]:
    """Send the POST request, to the address that the host name resolves to now; returns the status and the answer."""
    target = targets.resolve(webhook.url)
    body = message.body.encode()
    pool = _pool(target)
    try:
        response = pool.request(
            "POST",
            target.path,
            body=body,
            headers={
                "Host": target.authority,
                "Content-Type": "application/json",
                "User-Agent": USER_AGENT,
                **_signature_headers(webhook, message),
            },
            redirect=False,
            retries=False,
            preload_content=False,
        )
        with response:
            return response.status, f"{response.status} {response.reason or ''} {_read_body(response)}"
    finally:
        pool.close()


def _pool(target: targets.Target) -> urllib3.HTTPConnectionPool:
    """A connection to the address that was checked; the certificate is verified for the host name."""
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(target.address, target.port, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        target.address,
        target.port,
        timeout=timeout,
        ssl_context=ssl.create_default_context(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )


def _signature_headers(webhook: Webhook, message: WebhookMessage) -> dict[str, str]:
    at = now()
    signatures = [Signer(secret).sign(message.message_id, at, message.body) for secret in webhook.active_secrets()]
    return {
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _read_body(response: urllib3.BaseHTTPResponse) -> str:
    """The first MAX_BODY_BYTES of the body, read for at most MAX_BODY_SECONDS."""
    deadline, body = monotonic() + MAX_BODY_SECONDS, b""
    try:
        while len(body) < MAX_BODY_BYTES and monotonic() < deadline:
            chunk = response.read1(MAX_BODY_BYTES - len(body))
            if not chunk:
                break
            body += chunk
    except (OSError, urllib3.exceptions.HTTPError):  # the status alone decides
        pass
    return body.decode("utf-8", "replace")


def _update_webhook(webhook: Webhook, message: WebhookMessage, status: int | None, state: MessageState) -> None:
    at = now()
    if status in ACCEPTED:
        if webhook.answered_at is None or at - webhook.answered_at > PAUSE or webhook.paused_until is not None:
            _update(webhook, answered_at=at, paused_until=None)
    elif status == GONE:
        _disable(webhook, DisabledReason.GONE)
    elif state is MessageState.GIVEN_UP:
        never_answered = webhook.answered_at is None or webhook.answered_at < message.tried_from
        if never_answered:
            _disable(webhook, DisabledReason.UNREACHABLE)
    elif status is None or status in UNAVAILABLE:
        _update(webhook, paused_until=at + PAUSE)


def _update(webhook: Webhook, **values: object) -> None:
    with writing():
        db.session.execute(update(Webhook).where(Webhook.id == webhook.id).values(values))


def _disable(webhook: Webhook, reason: DisabledReason) -> None:
    """Disable a webhook, unless a user has disabled or removed it while its receiver answered."""
    with writing():
        current = get_for_update(Webhook, webhook.id)
        if current is not None and current.is_active:
            webhooks.disable(current, reason)


def _log(lease: Lease, state: MessageState, status: int | None) -> None:
    """Log what became of a message, without the address and the answer: secrets and orders may be in them."""
    message, webhook = lease.message, lease.related
    facts = {"about": message.event.value, "state": state.value, "webhook": webhook.id, "delivery": message.message_id}
    facts |= {"host": urlsplit(webhook.url).hostname, "attempt": message.attempts, "status": status}
    logger.log(logging.INFO if state is MessageState.SENT else logging.WARNING, "webhook", extra=facts)
