"""The personal data in statements of withdrawal: those of an order, of an address, and those that match no order."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from webshop_orders.db.extensions import db
from webshop_orders.models import Message, Withdrawal
from webshop_orders.models.order import email_key
from webshop_orders.operations.audit.erased import ERASED, erase_mails
from webshop_orders.operations.inbox import derived


def find(email: str, order_ids: Iterable[int] = ()) -> Sequence[Withdrawal]:
    """The statements with an e-mail address, and those about some orders, oldest first."""
    of_customer = or_(is_of(email), Withdrawal.order_id.in_(list(order_ids)))
    return db.session.scalars(select(Withdrawal).where(of_customer).order_by(Withdrawal.id)).all()


def is_of(email: str) -> ColumnElement[bool]:
    return Withdrawal.email_key == email_key(email)


def erase(are_erased: ColumnElement[bool]) -> int:
    """Erase who made these statements and what they wrote, in their receipts too; returns how many they were."""
    rows = db.session.execute(select(Withdrawal.id, Withdrawal.receipt_id).where(are_erased)).all()
    ids = [row.id for row in rows]
    if ids:
        erase_mails(Message.id.in_([row.receipt_id for row in rows if row.receipt_id]))
        values: dict[str, Any] = {"name": ERASED, "email": ERASED, "number": ERASED}
        values |= {"email_key": "", "lines": [], "request_key": None}
        unhandled = update(Withdrawal).where(Withdrawal.id.in_(ids)).values(values).returning(Withdrawal)
        for withdrawal in db.session.scalars(unhandled, execution_options={"populate_existing": True}).all():
            if not withdrawal.is_handled:
                derived.withdrawal(withdrawal)
    return len(ids)


def erase_unmatched(received_before: datetime) -> None:
    """Erase the statements that match no order and came before this time; the others are erased with their orders."""
    erase(Withdrawal.order_id.is_(None) & (Withdrawal.received_at < received_before) & (Withdrawal.email_key != ""))
