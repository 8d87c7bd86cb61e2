"""Checks of the inbox (rule 36): its rows are what orders, mails, webhooks, calls and withdrawals need."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import or_, select

from webshop_orders.db.extensions import db
from webshop_orders.models import Attention, InboxItem, InboxKind, Order
from webshop_orders.operations.inbox import attention, derived
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification import mends
from webshop_orders.verification.check import Check, Progress, Violation

# Columns of the tables and not of the models, so that rows are read without the ORM.
ITEMS = InboxItem.__table__.c
RULE = 36
SHOWN = {"is_shown": True, "wakes_at": None, "snoozed_until": None, "snoozed_by": None}


def of_orders(orders: list[Order]) -> Iterator[Violation]:
    """The rows of orders are what these say that needs a person, unless the worker is to compute that anew."""
    shown = attention.stored([order.id for order in orders])
    for order in orders:
        items = [item for item in shown.get(order.id, []) if item.kind not in derived.WANTED]
        if order.attention is not None and _sorted(order.attention) != _sorted(items):
            yield Violation(
                _("Order %(number)s: the inbox does not have what it needs.", number=order.number),
                mends.recompute(order.number),
                rule=RULE,
            )


def _sorted(items: list[Attention]) -> list[Attention]:
    return sorted(items, key=lambda item: (item.kind, item.subject))


def _of_others(_progress: Progress) -> Iterator[Violation]:
    """The rows of mails, webhooks, calls and withdrawals are what follows from these.

    Nothing is said where the worker has not made the inbox whole since an upgrade: it makes these rows at its start.
    """
    if attention.count_outdated():
        return
    for kind, find in derived.WANTED.items():
        wanted = {subject: (row.order_id, row.facts) for subject, row in find().items()}
        rows = select(ITEMS.subject, ITEMS.order_id, ITEMS.facts).where(ITEMS.kind == kind)
        there = {subject: (order_id, facts) for subject, order_id, facts in db.session.execute(rows)}
        for subject in sorted({*wanted, *there}):
            if wanted.get(subject) != there.get(subject):
                yield Violation(
                    _about_other(kind, subject, is_missing=subject not in there, is_wanted=subject in wanted),
                    mends.start_worker(),
                    rule=RULE,
                )


def _about_other(kind: InboxKind, subject: str, *, is_missing: bool, is_wanted: bool) -> str:
    shown = {"kind": kind.value, "subject": "" if "@" in subject else subject}
    if is_missing:
        return _("The inbox lacks what needs a person: %(kind)s %(subject)s.", **shown)
    if is_wanted:
        return _("The inbox says other things than are so: %(kind)s %(subject)s.", **shown)
    return _("The inbox shows what needs nobody: %(kind)s %(subject)s.", **shown)


def _shown(_progress: Progress) -> Iterator[Violation]:
    """A row is either shown, or has a time at which it will be; one that was put aside says until when."""
    is_wrong = or_(
        ITEMS.is_shown & ITEMS.wakes_at.is_not(None),
        ITEMS.is_shown & ITEMS.snoozed_until.is_not(None),
        ~ITEMS.is_shown & ITEMS.wakes_at.is_(None),
    )
    for item_id, kind in db.session.execute(select(ITEMS.id, ITEMS.kind).where(is_wrong).order_by(ITEMS.id)):
        yield Violation(
            _(
                "Row %(id)s of the inbox (%(kind)s) is hidden for ever, or shown although it waits.",
                id=item_id,
                kind=kind.value,
            ),
            mends.update("inbox_items", SHOWN, {"id": item_id}),
            rule=RULE,
        )


CHECKS = (
    Check(_l("inbox: mails, webhooks, calls and withdrawals"), _of_others, RULE),
    Check(_l("inbox: what is put aside"), _shown, RULE),
)
