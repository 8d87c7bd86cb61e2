"""Checks of the outbox: the states of mails and webhook messages, and their attempts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from webshop_orders.db.extensions import db
from webshop_orders.models import (
    AccountMail,
    Message,
    MessageAttempt,
    MessageState,
    WebhookAttempt,
    WebhookMessage,
)
from webshop_orders.models.queued_delivery import PENDING_STATES
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification import mends, sentences
from webshop_orders.verification.check import Check, Progress, Violation

QUEUES: tuple[tuple[Any, Any], ...] = (
    (Message, MessageAttempt),
    (WebhookMessage, WebhookAttempt),
    (AccountMail, None),
)


def _states(_progress: Progress) -> Iterator[Violation]:
    """What is pending is due at some time, what was sent says when, and only what was given up needs attention."""
    for model, _attempts in QUEUES:
        rows = model.__table__.c
        wrong = [
            rows.state.in_(PENDING_STATES) & rows.due_at.is_(None),
            rows.state.not_in(PENDING_STATES) & rows.due_at.is_not(None),
            (rows.state == MessageState.SENT) & rows.sent_at.is_(None),
        ]
        if model is Message:
            wrong.append(rows.needs_attention & (rows.state != MessageState.GIVEN_UP))
        for row in db.session.execute(select(rows.id, rows.state).where(or_(*wrong)).order_by(rows.id)):
            yield Violation(
                _(
                    "%(table)s, id %(id)s: the state «%(state)s» contradicts its times or that it needs attention.",
                    table=model.__tablename__,
                    id=row.id,
                    state=row.state.value,
                ),
                _("Send it again, or dismiss it, under Messages or among the webhooks in Configuration."),
            )


def _attempts(_progress: Progress) -> Iterator[Violation]:
    """There is no attempt of a higher number than attempts were made."""
    for model, attempts in QUEUES:
        if attempts is None:
            continue
        rows, of_rows = model.__table__.c, attempts.__table__.c
        last = select(func.max(of_rows.number)).where(of_rows.message_id == rows.id).scalar_subquery()
        found = select(rows.id, rows.attempts, last.label("last")).where(rows.attempts < last).order_by(rows.id)
        for row in db.session.execute(found):
            yield Violation(
                sentences.differs(f"{model.__tablename__} {row.id}", "attempts", row.attempts, row.last),
                mends.update(model.__tablename__, {"attempts": row.last}, {"id": row.id}),
            )


CHECKS = (
    Check(_l("outbox: states"), _states),
    Check(_l("outbox: attempts"), _attempts),
)
