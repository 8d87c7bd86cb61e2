"""Checks of statements of withdrawal (rule 33): each has one receipt."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import func, select

from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageKind, Withdrawal, WithdrawalSource
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification.check import Check, Progress, Violation

STATEMENTS, MESSAGES = Withdrawal.__table__.c, Message.__table__.c
RULE = 33


def _receipts(_progress: Progress) -> Iterator[Violation]:
    """Each statement by the form has a receipt of its own; one over the API may have had its receipt elsewhere."""
    joined = Withdrawal.__table__.outerjoin(Message.__table__, MESSAGES.id == STATEMENTS.receipt_id)
    of_one = func.count().over(partition_by=STATEMENTS.receipt_id)
    own = (STATEMENTS.id, STATEMENTS.received_at, STATEMENTS.source, STATEMENTS.receipt_id)
    found = select(*own, MESSAGES.kind, of_one.label("statements")).select_from(joined).subquery()
    is_missing = found.c.receipt_id.is_(None) & (found.c.source == WithdrawalSource.FORM)
    is_other = found.c.receipt_id.is_not(None) & found.c.kind.is_distinct_from(MessageKind.WITHDRAWAL_RECEIPT)
    is_wrong = is_missing | is_other | (found.c.receipt_id.is_not(None) & (found.c.statements > 1))
    for statement in db.session.execute(select(found).where(is_wrong).order_by(found.c.id)):
        yield Violation(
            _(
                "The statement of withdrawal %(id)s of %(day)s has no receipt of its own.",
                id=statement.id,
                day=statement.received_at.date().isoformat(),
            ),
            _("Answer its customer by hand, from Withdrawals, and mark it as handled there."),
            rule=RULE,
        )


CHECKS = (Check(_l("withdrawals: receipts"), _receipts, RULE),)
