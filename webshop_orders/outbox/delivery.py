"""Sending a batch of claimed messages; no transaction is open while a mail server is spoken to."""

import logging
from collections import deque
from contextlib import ExitStack
from threading import Event

from flask import current_app

from webshop_orders.extensions import mail
from webshop_orders.models import MessageState
from webshop_orders.outbox import claims, outcomes
from webshop_orders.outbox.claims import Claim
from webshop_orders.outbox.letters import Letter
from webshop_orders.outbox.outcomes import Outcome
from webshop_orders.smtp import Connection

logger = logging.getLogger(__name__)


def deliver_batch(stop: Event) -> int:
    """Claim and send the messages due longest; gives how many were tried.

    Without a mail server in the configuration nothing is.
    """
    if not current_app.config.get("MAIL_SERVER"):
        return 0
    claimed = claims.take(claims.MAILS)
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
        connection.send(Letter(claim.message, claim.along))
    except outcomes.FAILURES as error:
        return outcomes.failed(error)
    return outcomes.sent(connection.answer)


def _record(claim: Claim, outcome: Outcome) -> None:
    claims.record(claim, outcome)
    message = claim.message
    level = logging.INFO if outcome.state is MessageState.SENT else logging.WARNING
    logger.log(level, "%s of %s %s: %s", message.kind, claim.along, outcome.state, outcome.answer)
