"""What people type to prove who they are, beyond being signed in: a code, a recovery code or their password."""

from collections.abc import Collection
from typing import Any

from flask import request
from wtforms import Field

from webshop_orders.errors import RuleViolation, TooManyAttempts
from webshop_orders.models import AccessKind, User
from webshop_orders.operations.audit import access_log
from webshop_orders.operations.users import accounts, second_factor
from webshop_orders.operations.users.second_factor import Proof
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import throttle


def reauthenticate(user: User, field: Field, *, by: Collection[Proof], otherwise: Any) -> None:
    """See that what was typed into a field proves that it is this user.

    Raises Refused with `otherwise` where it does not, which is counted and noted as a failed sign-in, and TooManyTries.
    """
    address = request.remote_addr or ""
    try:
        second_factor.check_attempts(user, by=by, address=address)  # without the lock that others write under
        weighed = second_factor.prepare(user, field.data, by=by)
        with writing():
            held = accounts.lock(user.id)
            proof = second_factor.verify(held, weighed, by=by, address=address)
            _note(held, proof, otherwise, address=address)
    except TooManyAttempts as error:
        throttle.note_refusal(user.email or "", error, address=address)
        raise
    if proof is None:
        raise RuleViolation(otherwise, field=field.name)


def _note(user: User, proof: Proof | None, otherwise: Any, *, address: str) -> None:
    if proof is None:
        access_log.record(AccessKind.SIGN_IN_REFUSED, user.name, address=address, user=user, reason=str(otherwise))
    elif proof is Proof.RECOVERY_CODE:
        facts = {"what": "recovery_code_used", "left": len(user.recovery_codes)}
        access_log.record(AccessKind.USER_CHANGED, user.name, address=address, user=user, **facts)
