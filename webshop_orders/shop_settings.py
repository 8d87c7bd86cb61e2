"""The shop's settings, edited in Konfiguration, and the series of order numbers."""

from flask import g
from sqlalchemy import select, update

from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update, lock_rows
from webshop_orders.models import Shop

ID = 1  # of the only row


def current() -> Shop:
    """The shop's settings, to be read only, loaded once a request."""
    if "shop" not in g:
        cache(db.session.get_one(Shop, ID))
    shop: Shop = g.shop
    return shop


def cache(shop: Shop) -> None:
    """Cache settings for the rest of the request, detached, so that the end of a transaction does not expire them."""
    db.session.expunge(shop)
    g.shop = shop


def for_update() -> Shop:
    """The settings, locked to be changed until the transaction ends."""
    g.pop("shop", None)
    shop = get_for_update(Shop, ID)
    assert shop is not None, "commands create the settings before anything else (cli/database.py)"
    return shop


def lock_number_series() -> None:
    """Keep other transactions from taking order numbers until this one ends.

    A transaction that places many orders does so first. Placing one order locks the number series and then stock; in
    the opposite sequence, the two could deadlock.
    """
    lock_rows(select(Shop.id))


def next_numbers(count: int) -> list[str]:
    """The next order numbers of the series, such as WS-100234; concurrent transactions never get the same."""
    taken = db.session.execute(
        update(Shop)
        .values(next_number=Shop.next_number + count)
        .returning(Shop.number_prefix, Shop.number_digits, Shop.next_number)
        .execution_options(synchronize_session=False)
    ).one()
    numbers = range(taken.next_number - count, taken.next_number)
    return [f"{taken.number_prefix}{number:0{taken.number_digits}d}" for number in numbers]
