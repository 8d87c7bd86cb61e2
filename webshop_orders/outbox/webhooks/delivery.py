"""Telling webhooks what happened; no transaction is open while another system is spoken to.

Signed as Standard Webhooks has it, https://www.standardwebhooks.com: `webhook-id`, `webhook-timestamp` and
`webhook-signature`, with one signature for each secret in use.
"""

import logging
import ssl
from datetime import timedelta
from threading import Event
from time import monotonic

import urllib3
from flask_babel import gettext as _
from sqlalchemy import update
from standardwebhooks.webhooks import Webhook as Signer

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import DisabledReason, MessageState, Webhook, WebhookMessage
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox.outcomes import Outcome, printable
from webshop_orders.outbox.queue import Lease
from webshop_orders.outbox.webhooks import targets
from webshop_orders.transactions.unit_of_work import writing

CONNECT_SECONDS, READ_SECONDS, LONGEST_SECONDS = 5, 10, 15
MOST_READ = 4096
PAUSE = timedelta(seconds=20)
AGENT = "webshop-orders"
TAKEN = range(200, 300)
GONE = 410
SILENT = {429, *range(500, 600)}
# Whatever keeps a webhook from being told, short of a mistake of our own.
FAILURES = (OSError, ssl.SSLError, urllib3.exceptions.HTTPError, ValueError, targets.ForbiddenTargetError)
logger = logging.getLogger(__name__)


def deliver_batch(stop: Event) -> int:
    """Claim and tell what has been due longest; gives how many were tried.

    A webhook that does not answer is left alone for a while, with all that it has yet to hear.
    """
    claimed = outbox_queue.acquire(outbox_queue.WEBHOOKS)
    silent: set[int] = set()
    tried = 0
    for claim in claimed:
        if stop.is_set() or not claim.has_time or claim.along.id in silent:
            outbox_queue.release(claim)
            continue
        tried += 1
        if not _deliver(claim):
            silent.add(claim.along.id)
    return tried


def _deliver(claim: Lease) -> bool:
    """Tell a webhook of one thing, and note its answer; gives whether it is there at all."""
    webhook: Webhook = claim.along
    status: int | None = None
    try:
        status, answer = _post(webhook, claim.message)
    except FAILURES as error:
        answer = str(error) or type(error).__name__
    state = MessageState.SENT if status in TAKEN else MessageState.RETRYING
    if status == GONE:
        state = MessageState.GIVEN_UP
    state = outbox_queue.record_outcome(claim, Outcome(state, printable(answer)))
    logger.log(logging.INFO if state is MessageState.SENT else logging.WARNING, "%s to %s: %s", *_told(claim, answer))
    _note_at_webhook(webhook, claim.message, status, state)
    return status is not None and status not in SILENT and status != GONE


def _post(webhook: Webhook, message: WebhookMessage) -> tuple[int, str]:
    """Post a message to its webhook, wherever its name leads now; gives the status and the answer in words."""
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
                "User-Agent": AGENT,
                **_signed(webhook, message),
            },
            redirect=False,
            retries=False,
            preload_content=False,
        )
        with response:
            return response.status, f"{response.status} {response.reason or ''} {_read(response)}"
    finally:
        pool.close()


def _pool(target: targets.Target) -> urllib3.HTTPConnectionPool:
    """A connection to the very address that was allowed, which has to prove the name that it goes by."""
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


def _signed(webhook: Webhook, message: WebhookMessage) -> dict[str, str]:
    at = now()
    signatures = [Signer(secret).sign(message.message_id, at, message.body) for secret in webhook.active_secrets()]
    return {
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _read(response: urllib3.BaseHTTPResponse) -> str:
    """The beginning of an answer; one that trickles in is not waited for."""
    until, read = monotonic() + LONGEST_SECONDS, b""
    try:
        while len(read) < MOST_READ and monotonic() < until:
            piece = response.read1(MOST_READ - len(read))
            if not piece:
                break
            read += piece
    except (OSError, urllib3.exceptions.HTTPError):  # its status is what counts
        pass
    return read.decode("utf-8", "replace")


def _note_at_webhook(webhook: Webhook, message: WebhookMessage, status: int | None, state: MessageState) -> None:
    at = now()
    if status in TAKEN:
        if webhook.answered_at is None or at - webhook.answered_at > PAUSE or webhook.paused_until is not None:
            _change(webhook, answered_at=at, paused_until=None)
    elif status == GONE:
        _disable(webhook, DisabledReason.GONE)
    elif state is MessageState.GIVEN_UP:
        heard_nothing = webhook.answered_at is None or webhook.answered_at < message.tried_from
        if heard_nothing:
            _disable(webhook, DisabledReason.UNREACHABLE)
    elif status is None or status in SILENT:
        _change(webhook, paused_until=at + PAUSE)


def _change(webhook: Webhook, **values: object) -> None:
    with writing():
        db.session.execute(update(Webhook).where(Webhook.id == webhook.id).values(values))


def _disable(webhook: Webhook, reason: DisabledReason) -> None:
    with writing():
        webhooks.disable(webhooks.lock(webhook.id), reason)


def _told(claim: Lease, answer: str) -> tuple[str, str, str]:
    return claim.message.event, claim.along.url, answer or _("no answer")
