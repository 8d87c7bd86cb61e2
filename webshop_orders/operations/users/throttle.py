"""Throttling of sign-ins: failed attempts are counted by e-mail and by network, over a window of 15 minutes."""

from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, func, select, text

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import lock_tables
from webshop_orders.errors import TooManyAttempts
from webshop_orders.models import FailedLogin

WINDOW = timedelta(minutes=15)
MAX_ATTEMPTS_PER_EMAIL = 5
MAX_ATTEMPTS_PER_ADDRESS = 30
LOCK_ATTEMPTS = text("LOCK TABLE failed_logins IN SHARE ROW EXCLUSIVE MODE")


def count_attempt(email: str, *, address: str) -> FailedLogin:
    """Count an attempt as failed before it is examined, so that concurrent attempts cannot exceed the limit.

    A successful one is taken back with `discard_attempt`. Raises TooManyAttempts.
    """
    lock_tables(LOCK_ATTEMPTS)
    check_attempts(email, address=address)
    return record_failure(email, address=address)


def check_attempts(email: str, *, address: str) -> None:
    """Raise TooManyAttempts if too many sign-ins have failed in the window, of this e-mail or from this address."""
    recent = select(func.count()).where(FailedLogin.at > now() - WINDOW)
    is_of_email, is_of_address = FailedLogin.email == email.casefold(), FailedLogin.address == _network_of(address)
    by_email = db.session.scalar(recent.where(is_of_email)) or 0
    by_address = db.session.scalar(recent.where(is_of_address)) or 0
    if by_email >= MAX_ATTEMPTS_PER_EMAIL or by_address >= MAX_ATTEMPTS_PER_ADDRESS:
        wait_for_email = _wait_seconds(is_of_email, MAX_ATTEMPTS_PER_EMAIL)
        wait_for_address = _wait_seconds(is_of_address, MAX_ATTEMPTS_PER_ADDRESS)
        sentence = _("Too many tries. Wait a quarter of an hour and try again.")
        raise TooManyAttempts(sentence, wait_seconds=max(wait_for_email, wait_for_address))


def _wait_seconds(is_counted: ColumnElement[bool], max_attempts: int) -> int:
    """The seconds until fewer than `max_attempts` of the attempts are in the window."""
    attempts = select(FailedLogin.at).where(is_counted).order_by(FailedLogin.at.desc())
    deciding = db.session.scalar(attempts.offset(max_attempts - 1).limit(1))
    return max(1, ceil((deciding + WINDOW - now()).total_seconds())) if deciding is not None else 1


def record_failure(email: str, *, address: str) -> FailedLogin:
    """Count a failed attempt, and delete those that are older than the window."""
    db.session.execute(delete(FailedLogin).where(FailedLogin.at <= now() - WINDOW))
    attempt = FailedLogin(email=email.casefold(), address=_network_of(address))
    db.session.add(attempt)
    return attempt


def lock() -> None:
    """Have everything that is throttled wait until the transaction ends."""
    lock_tables(LOCK_ATTEMPTS)


def count_request(what: str, *, address: str, most: int) -> None:
    """Count a request that no user makes, by its network alone and apart from sign-ins.

    At most `most` of them in the window; raises TooManyAttempts.
    """
    lock()
    check_requests(what, address=address, most=most)
    db.session.execute(delete(FailedLogin).where(FailedLogin.at <= now() - WINDOW))
    db.session.add(FailedLogin(email=f"{what} {_network_of(address)}", address=""))


def check_requests(what: str, *, address: str, most: int) -> None:
    """Raise TooManyAttempts if there were too many of these requests in the window from this network."""
    is_counted = FailedLogin.email == f"{what} {_network_of(address)}"
    recent = select(func.count()).where(FailedLogin.at > now() - WINDOW, is_counted)
    if (db.session.scalar(recent) or 0) >= most:
        raise TooManyAttempts(
            _("Too many tries. Wait a quarter of an hour and try again."), wait_seconds=_wait_seconds(is_counted, most)
        )


def discard_attempt(attempt: FailedLogin) -> None:
    """Take back the count of an attempt that succeeded."""
    db.session.execute(delete(FailedLogin).where(FailedLogin.id == attempt.id))


def _network_of(address: str) -> str:
    """The network that attempts are counted by: an IPv4 address itself, the /64 of an IPv6 address.

    One subscriber has a whole /64, and could otherwise use a new address for each attempt.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((int(parsed) >> 64 << 64, 64)))
