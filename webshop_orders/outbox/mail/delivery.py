"""Sends a batch of leased mails; no transaction is open during the SMTP dialogue."""

import logging
from collections import deque
from contextlib import ExitStack
from threading import Event

from flask import current_app

from webshop_orders import request_ids
from webshop_orders.models import MessageState
from webshop_orders.outbox import failing, outcomes
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox.mail import account_mails
from webshop_orders.outbox.mail.mime import MimeMail
from webshop_orders.outbox.mail.smtp import SmtpConnection, mail
from webshop_orders.outbox.outcomes import Outcome
from webshop_orders.outbox.queue import Lease, Queue

logger = logging.getLogger(__name__)


def deliver_batch(stop: Event) -> int:
    """Lease and send the mails due longest, to customers and to users; returns how many attempts were made.

    Does nothing if no mail server is configured.
    """
    if not current_app.config.get("MAIL_SERVER"):
        return 0
    return sum(_deliver(queue, stop) for queue in (outbox_queue.MAILS, outbox_queue.ACCOUNT_MAILS))


def _deliver(queue: Queue, stop: Event) -> int:
    leases = outbox_queue.acquire(queue)
    unsent = deque(leases)
    while _can_send_next(unsent, stop):
        _send_over_one_connection(unsent, stop)
    for lease in unsent:
        outbox_queue.release(lease)
    return len(leases) - len(unsent)


def _can_send_next(unsent: deque[Lease], stop: Event) -> bool:
    return bool(unsent) and not stop.is_set() and unsent[0].has_time


def _send_over_one_connection(unsent: deque[Lease], stop: Event) -> None:
    """Send until the connection breaks; if none can be opened, record a failed attempt for every mail."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(mail.connect())
        except outcomes.FAILURES as error:
            failing.note(failing.MAIL_SERVER, failed=True)
            while unsent:
                _record(unsent.popleft(), outcomes.failed(error))
            return
        failing.note(failing.MAIL_SERVER, failed=False)
        while connection.is_open and _can_send_next(unsent, stop):
            lease = unsent.popleft()
            _record(lease, _send(lease, connection))


def _send(lease: Lease, connection: SmtpConnection) -> Outcome:
    try:
        connection.send(_mime_mail(lease))
    except outcomes.FAILURES as error:
        return outcomes.failed(error)
    return outcomes.sent(connection.answer)


def _mime_mail(lease: Lease) -> MimeMail:
    if lease.queue is outbox_queue.ACCOUNT_MAILS:
        return MimeMail(account_mails.write(lease.message, lease.related))
    return MimeMail(lease.message, lease.related)


def _record(lease: Lease, outcome: Outcome) -> None:
    message = lease.message
    with request_ids.resumed(message.request_id):
        state = outbox_queue.record_outcome(lease, outcome)
        about = {"user": lease.related.id} if lease.queue is outbox_queue.ACCOUNT_MAILS else {"order": lease.related}
        facts = {"kind": message.kind.value, "state": state.value, "mail": message.id, **about}
        level = logging.INFO if state is MessageState.SENT else logging.WARNING
        logger.log(level, "mail", extra={**facts, "attempt": message.attempts, "answer": outcome.answer})
