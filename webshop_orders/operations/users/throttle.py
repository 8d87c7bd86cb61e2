"""TODO operations.users.throttle."""

from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, text

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import lock_tables
from webshop_orders.errors import TooManyAttempts
from webshop_orders.models import FailedLogin

WINDOW = timedelta(minutes=15)


MOST_PER_EMAIL = 5


MOST_PER_ADDRESS = 30


def count_attempt(email: str, *, address: str) -> FailedLogin:
    """Count a try before it is looked at, so that many at once are no more than one after the other.

    It stays a failed one unless it is taken back with `forgive`. Raises TooManyTries.
    """
    _count_alone()
    check_attempts(email, address=address)
    return record_failure(email, address=address)


def check_attempts(email: str, *, address: str) -> None:
    """Raise TooManyTries while too many sign-ins have failed lately, of this e-mail or from this address."""
    recent = select(func.count()).where(FailedLogin.at > now() - WINDOW)
    by_email = db.session.scalar(recent.where(FailedLogin.email == email.casefold())) or 0
    by_address = db.session.scalar(recent.where(FailedLogin.address == _network_of(address))) or 0
    if by_email >= MOST_PER_EMAIL or by_address >= MOST_PER_ADDRESS:
        raise TooManyAttempts(_("Too many tries. Wait a quarter of an hour and try again."))


def record_failure(email: str, *, address: str) -> FailedLogin:
    """Count a failed sign-in, and forget those that no longer count."""
    db.session.execute(delete(FailedLogin).where(FailedLogin.at <= now() - WINDOW))
    failed = FailedLogin(email=email.casefold(), address=_network_of(address))
    db.session.add(failed)
    return failed


def discard_attempt(failed: FailedLogin) -> None:
    """Take back a try that was right."""
    db.session.execute(delete(FailedLogin).where(FailedLogin.id == failed.id))


def _network_of(address: str) -> str:
    """What tries from an address are counted by: IPv6 by its first half, since whoever has one has all of the rest."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return address
    return str(found.ipv4_mapped or ip_network((int(found) >> 64 << 64, 64)))


def _count_alone() -> None:
    """Let no other transaction count tries until this one ends."""
    lock_tables(text("LOCK TABLE failed_logins IN SHARE ROW EXCLUSIVE MODE"))
