"""Throttled sign-in: an attempt is counted before the password is compared, so that parallel attempts gain nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, request

from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.models import AccessKind
from webshop_orders.operations.users import throttle
from webshop_orders.transactions import refused_access
from webshop_orders.transactions.unit_of_work import writing


@contextmanager
def throttled(email: str) -> Iterator[None]:
    """An attempt to authenticate by password, which counts as failed unless the block ends without an error.

    The password is compared within the block, outside any transaction that others wait for. A refusal is recorded in
    the access log. Raises TooManyAttempts.
    """
    address = request.remote_addr or ""
    try:
        throttle.check_attempts(email, address=address)  # before the write lock, which others wait for
        with writing():
            attempt = throttle.count_attempt(email, address=address)
        yield
    except DomainError as error:
        record_refused_attempt(email, error, address=address)
        raise
    with writing():
        throttle.discard_attempt(attempt)


def record_refused_attempt(email: str, error: DomainError, *, address: str) -> None:
    """Record a refused attempt under the e-mail address that it was for."""
    reason = "password" if isinstance(error, RuleViolation) else "too_many"
    refused_access.record(AccessKind.SIGN_IN_REFUSED, email, address=address, user=g.user, reason=reason)
