"""Matches the statements of withdrawal that came by the public form to their orders; the form itself never does."""

from threading import Event

from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import SYSTEM
from webshop_orders.operations.orders import withdrawals
from webshop_orders.transactions.unit_of_work import editing, writing


def match_withdrawals(stop: Event) -> int:
    """Look for the order of each new statement; those that match none are left to staff. Returns how many it did."""
    sought = 0
    while not stop.is_set() and (withdrawal := withdrawals.next_unsought()) is not None:
        withdrawal_id, number = withdrawal.id, withdrawals.matching_number(withdrawal)
        db.session.rollback()
        _attach(withdrawal_id, number)
        sought += 1
    db.session.rollback()
    return sought


def _attach(withdrawal_id: int, number: str | None) -> None:
    if number is not None:
        try:
            with editing(number, None, SYSTEM, is_step=False) as order:
                withdrawal = withdrawals.get(withdrawal_id, for_update=True)
                if withdrawal.sought_at is None and withdrawal.order_id is None:
                    withdrawals.attach(withdrawal, order, by=SYSTEM)
            return
        except (NotFound, RuleViolation):  # its personal data were erased meanwhile
            pass
    with writing():
        withdrawals.note_sought(withdrawal_id)
