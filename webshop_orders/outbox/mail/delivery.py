"""Sending a batch of claimed messages; no transaction is open while a mail server is spoken to."""

import logging
from collections import deque
from contextlib import ExitStack
from threading import Event

from flask import current_app

from webshop_orders.models import MessageState
from webshop_orders.outbox import outcomes
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox.mail import account_mails
from webshop_orders.outbox.mail.mime import MimeMail
from webshop_orders.outbox.mail.smtp import Connection, mail
from webshop_orders.outbox.outcomes import Outcome
from webshop_orders.outbox.queue import Lease, Queue

logger = logging.getLogger(__name__)


def deliver_batch(stop: Event) -> int:
    """Claim and send the mails due longest, to customers and to users; gives how many were tried.

    Without a mail server in the configuration nothing is.
    """
    if not current_app.config.get("MAIL_SERVER"):
        return 0
    return sum(_deliver(queue, stop) for queue in (outbox_queue.MAILS, outbox_queue.ACCOUNT_MAILS))


def _deliver(queue: Queue, stop: Event) -> int:
    claimed = outbox_queue.acquire(queue)
    waiting = deque(claimed)
    while _goes_on(waiting, stop):
        _send_over_one_connection(waiting, stop)
    for claim in waiting:
        outbox_queue.release(claim)
    return len(claimed) - len(waiting)


def _goes_on(waiting: deque[Lease], stop: Event) -> bool:
    return bool(waiting) and not stop.is_set() and waiting[0].has_time


def _send_over_one_connection(waiting: deque[Lease], stop: Event) -> None:
    """Send what waits until the connection breaks; where there is none to be had, all of it is tried later."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(mail.connect())
        except outcomes.FAILURES as error:
            while waiting:
                _record(waiting.popleft(), outcomes.failed(error))
            return
        while connection.is_open and _goes_on(waiting, stop):
            claim = waiting.popleft()
            _record(claim, _send(claim, connection))


def _send(claim: Lease, connection: Connection) -> Outcome:
    try:
        connection.send(_letter(claim))
    except outcomes.FAILURES as error:
        return outcomes.failed(error)
    return outcomes.sent(connection.answer)


def _letter(claim: Lease) -> MimeMail:
    if claim.queue is outbox_queue.ACCOUNT_MAILS:
        return MimeMail(account_mails.write(claim.message, claim.along))
    return MimeMail(claim.message, claim.along)


def _record(claim: Lease, outcome: Outcome) -> None:
    outbox_queue.record_outcome(claim, outcome)
    message = claim.message
    level = logging.INFO if outcome.state is MessageState.SENT else logging.WARNING
    about = claim.along.id if claim.queue is outbox_queue.ACCOUNT_MAILS else claim.along
    logger.log(level, "%s of %s %s: %s", message.kind, about, outcome.state, outcome.answer)
