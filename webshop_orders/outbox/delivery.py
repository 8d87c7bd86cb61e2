"""Sending a batch of claimed messages; no transaction is open while a mail server is spoken to."""

import logging
from collections import deque
from contextlib import ExitStack
from threading import Event

from flask import current_app

from webshop_orders.extensions import mail
from webshop_orders.models import MessageState
from webshop_orders.outbox import account_mails, claims, outcomes
from webshop_orders.outbox.claims import Claim, Queue
from webshop_orders.outbox.letters import Letter
from webshop_orders.outbox.outcomes import Outcome
from webshop_orders.smtp import Connection

logger = logging.getLogger(__name__)


def deliver_batch(stop: Event) -> int:
    """Claim and send the mails due longest, to customers and to users; gives how many were tried.

    Without a mail server in the configuration nothing is.
    """
    if not current_app.config.get("MAIL_SERVER"):
        return 0
    return sum(_deliver(queue, stop) for queue in (claims.MAILS, claims.ACCOUNT_MAILS))


def _deliver(queue: Queue, stop: Event) -> int:
    claimed = claims.take(queue)
    waiting = deque(claimed)
    while _goes_on(waiting, stop):
        _send_over_one_connection(waiting, stop)
    for claim in waiting:
        claims.release(claim)
    return len(claimed) - len(waiting)


def _goes_on(waiting: deque[Claim], stop: Event) -> bool:
    return bool(waiting) and not stop.is_set() and waiting[0].has_time


def _send_over_one_connection(waiting: deque[Claim], stop: Event) -> None:
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


def _send(claim: Claim, connection: Connection) -> Outcome:
    try:
        connection.send(_letter(claim))
    except outcomes.FAILURES as error:
        return outcomes.failed(error)
    return outcomes.sent(connection.answer)


def _letter(claim: Claim) -> Letter:
    if claim.queue is claims.ACCOUNT_MAILS:
        return Letter(account_mails.write(claim.message, claim.along))
    return Letter(claim.message, claim.along)


def _record(claim: Claim, outcome: Outcome) -> None:
    claims.record(claim, outcome)
    message = claim.message
    level = logging.INFO if outcome.state is MessageState.SENT else logging.WARNING
    about = claim.along.id if claim.queue is claims.ACCOUNT_MAILS else claim.along
    logger.log(level, "%s of %s %s: %s", message.kind, about, outcome.state, outcome.answer)
