"""What the shop decides in Konfiguration."""

from flask import g
from sqlalchemy import select, update

from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update, lock_rows
from webshop_orders.models import Shop

ID = 1  # of the only row


def current() -> Shop:
    """The shop's settings, read once a request; to change them, load them with `for_change`."""
    if "shop" not in g:
        cache(db.session.get_one(Shop, ID))
    shop: Shop = g.shop
    return shop


def cache(shop: Shop) -> None:
    """Keep settings that were read for the rest of the request, whatever becomes of the transaction."""
    db.session.expunge(shop)
    g.shop = shop


def for_update() -> Shop:
    """The settings, to be changed in the present transaction and by nobody else until it ends."""
    g.pop("shop", None)
    shop = get_for_update(Shop, ID)
    assert shop is not None, "commands create the settings before anything else (cli/database.py)"
    return shop


def lock_number_series() -> None:
    """Keep other transactions from taking order numbers until this one ends.

    A transaction that places many orders does so first: it would otherwise lock numbers after stock, where
    placing one order locks stock after numbers.
    """
    lock_rows(select(Shop.id))


def next_numbers(count: int) -> list[str]:
    """The next order numbers of the series, such as WS-100234; no other order gets them, even at once."""
    taken = db.session.execute(
        update(Shop)
        .values(next_number=Shop.next_number + count)
        .returning(Shop.number_prefix, Shop.number_digits, Shop.next_number)
        .execution_options(synchronize_session=False)
    ).one()
    numbers = range(taken.next_number - count, taken.next_number)
    return [f"{taken.number_prefix}{number:0{taken.number_digits}d}" for number in numbers]
