"""Checks of what orders count: their events, versions, mails and steps to take back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func, literal, or_, select, true

from webshop_orders.db.extensions import db
from webshop_orders.models import Event, EventKind, Message, Order, UndoStep
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification import mends, sentences
from webshop_orders.verification.check import Check, Progress, Violation

# Columns of the tables and not of the models, so that rows are read without the ORM.
ORDERS, EVENTS, MESSAGES, STEPS = (model.__table__.c for model in (Order, Event, Message, UndoStep))
VERSION_KINDS = [kind for kind in EventKind if kind.bumps_version]


def _events(_progress: Progress) -> Iterator[Violation]:
    """An order has as many events as it counts, and its version is the number of those that made one."""
    counts = (
        select(
            EVENTS.order_id,
            func.count().label("events"),
            func.sum(case((EVENTS.kind.in_(VERSION_KINDS), 1), else_=0)).label("versions"),
            func.max(EVENTS.version).label("last"),
        )
        .group_by(EVENTS.order_id)
        .subquery()
    )
    events, versions, last = (func.coalesce(counts.c[name], 0) for name in ("events", "versions", "last"))
    joined = Order.__table__.outerjoin(counts, counts.c.order_id == ORDERS.id)
    found = select(ORDERS.number, ORDERS.event_count, ORDERS.version, events, versions, last).select_from(joined)
    wrong = or_(ORDERS.event_count != events, ORDERS.version != versions, ORDERS.version != last)
    for number, event_count, version, counted, made, newest in db.session.execute(found.where(wrong)):
        if event_count != counted:
            mend = _set(number, "event_count", counted) if event_count < counted else mends.restore()
            yield Violation(sentences.differs(number, "event_count", event_count, counted), mend)
        if version != newest or version != made:
            mend = _set(number, "version", newest) if made == newest > version else mends.restore()
            yield Violation(sentences.differs(number, "version", version, newest if version != newest else made), mend)


def _messages(_progress: Progress) -> Iterator[Violation]:
    """An order has as many mails as it counts, without those that only tried a template."""
    counts = (
        select(MESSAGES.order_id, func.count().label("mails"))
        .where(MESSAGES.order_id.is_not(None), ~MESSAGES.is_test)
        .group_by(MESSAGES.order_id)
        .subquery()
    )
    mails = func.coalesce(counts.c.mails, 0)
    joined = Order.__table__.outerjoin(counts, counts.c.order_id == ORDERS.id)
    found = select(ORDERS.number, ORDERS.message_count, mails).select_from(joined)
    for number, stored, counted in db.session.execute(found.where(ORDERS.message_count != mails)):
        yield Violation(
            sentences.differs(number, "message_count", stored, counted),
            _set(number, "message_count", counted),
        )


def _steps(_progress: Progress) -> Iterator[Violation]:
    """A step to take back leads forward, and to no version that the order never had."""
    leads_back = (STEPS.version <= STEPS.from_version) | (STEPS.version > ORDERS.version)
    undone_wrongly = (STEPS.undone_version <= STEPS.version) | (STEPS.undone_version > ORDERS.version)
    is_wrong: Any = leads_back | func.coalesce(undone_wrongly, literal(False))
    joined = UndoStep.__table__.join(Order.__table__, ORDERS.id == STEPS.order_id)
    found = select(ORDERS.number, STEPS.id).select_from(joined).where(is_wrong, true()).order_by(STEPS.id)
    for number, step in db.session.execute(found):
        yield Violation(
            _(
                "Order %(number)s: the step %(step)s to take back is of versions that it never had.",
                number=number,
                step=step,
            ),
            mends.statement(f"delete from undo_steps where id = {step}"),  # noqa: S608 # nosec B608 - to be read
        )


def _set(number: str, column: str, value: int) -> str:
    return mends.update("orders", {column: value}, {"number": number})


CHECKS = (
    Check(_l("orders: events and versions"), _events),
    Check(_l("orders: the number of mails"), _messages),
    Check(_l("orders: steps to take back"), _steps),
)
