"""What people type to prove who they are, beyond being signed in: a code, a recovery code or their password."""

from collections.abc import Collection
from typing import Any

from flask import request
from wtforms import Field

from webshop_orders.errors import Refused, TooManyTries
from webshop_orders.models import AccessKind, User
from webshop_orders.operations import access_log, second_factor, users
from webshop_orders.operations.second_factor import Proof
from webshop_orders.unit_of_work import writing
from webshop_orders.web import tries


def take(user: User, field: Field, *, by: Collection[Proof], otherwise: Any) -> None:
    """See that what was typed into a field proves that it is this user.

    Raises Refused with `otherwise` where it does not, which is counted and noted as a failed sign-in, and TooManyTries.
    """
    address = request.remote_addr or ""
    try:
        second_factor.refuse_too_many(user, by=by, address=address)  # without the lock that others write under
        weighed = second_factor.weigh(user, field.data, by=by)
        with writing():
            held = users.hold(user.id)
            proof = second_factor.prove(held, weighed, by=by, address=address)
            _note(held, proof, otherwise, address=address)
    except TooManyTries as error:
        tries.note_refusal(user.email or "", error, address=address)
        raise
    if proof is None:
        raise Refused(otherwise, field=field.name)


def _note(user: User, proof: Proof | None, otherwise: Any, *, address: str) -> None:
    if proof is None:
        access_log.note(AccessKind.SIGN_IN_REFUSED, user.name, address=address, user=user, reason=str(otherwise))
    elif proof is Proof.RECOVERY_CODE:
        facts = {"what": "recovery_code_used", "left": len(user.recovery_codes)}
        access_log.note(AccessKind.USER_CHANGED, user.name, address=address, user=user, **facts)
