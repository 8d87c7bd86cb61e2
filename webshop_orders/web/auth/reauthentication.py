"""Reauthentication: a code, a recovery code or the password, typed by a user who is already identified."""

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


def reauthenticate(user: User, field: Field, *, accepts: Collection[Proof], error_message: Any) -> None:
    """Require that the value of a field proves the user's identity by one of the accepted proofs.

    Raises RuleViolation with `error_message` where it does not, which counts and is recorded as a failed sign-in, and
    TooManyAttempts.
    """
    address = request.remote_addr or ""
    try:
        second_factor.check_attempts(user, by=accepts, address=address)  # before the write lock, which others wait for
        prepared = second_factor.prepare(user, field.data, by=accepts)
        with writing():
            locked_user = accounts.lock(user.id)
            proof = second_factor.verify(locked_user, prepared, by=accepts, address=address)
            _record(locked_user, proof, error_message, address=address)
    except TooManyAttempts as error:
        throttle.record_refused_attempt(user.email or "", error, address=address)
        raise
    if proof is None:
        raise RuleViolation(error_message, field=field.name)


def _record(user: User, proof: Proof | None, error_message: Any, *, address: str) -> None:
    if proof is None:
        access_log.record(AccessKind.SIGN_IN_REFUSED, user.name, address=address, user=user, reason=str(error_message))
    elif proof is Proof.RECOVERY_CODE:
        facts = {"what": "recovery_code_used", "left": len(user.recovery_codes)}
        access_log.record(AccessKind.USER_CHANGED, user.name, address=address, user=user, **facts)
