"""Tries to prove who one is: counted before they are looked at, so that many at once are not more than one by one."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, request

from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.models import AccessKind
from webshop_orders.operations.users import throttle
from webshop_orders.transactions import refusals
from webshop_orders.transactions.unit_of_work import writing


@contextmanager
def throttled(email: str) -> Iterator[None]:
    """A try with a password, which counts as failed unless the block ends without an error.

    Passwords are compared within the block, while no transaction is open that others wait for. What is refused is
    noted in the access log. Raises TooManyTries.
    """
    address = request.remote_addr or ""
    try:
        throttle.check_attempts(email, address=address)  # without the lock that others write under
        with writing():
            failed = throttle.count_attempt(email, address=address)
        yield
    except DomainError as error:
        note_refusal(email, error, address=address)
        raise
    with writing():
        throttle.discard_attempt(failed)


def note_refusal(email: str, error: DomainError, *, address: str) -> None:
    """Note that a try was refused, under the e-mail that was tried."""
    reason = "password" if isinstance(error, RuleViolation) else "too_many"
    refusals.record(AccessKind.SIGN_IN_REFUSED, email, address=address, user=g.user, reason=reason)
