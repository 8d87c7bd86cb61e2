"""One change, one transaction: lock, compare, carry out, settle, commit once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError, OperationalError

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import WRITES
from webshop_orders.errors import AlreadyDone, Busy, StaleVersion
from webshop_orders.models import Actor, Order, Product
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import loading
from webshop_orders.operations.stock import backorders
from webshop_orders.operations.users import read_your_writes
from webshop_orders.operations.webhooks import notifications as webhook_notifications

ALREADY_DONE = _l("This was done already.")
LOCKED_SQLSTATES = {"55P03", "40P01"}  # lock_not_available, deadlock_detected


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that may write; on SQLite it is alone from its beginning.

    Commits at the end, rolls back on any error. Raises Busy where a lock was not to be had in time.
    """
    db.session.rollback()
    history.pop_changes()  # of a transaction that was given up
    db.session.expire_all()  # what was read before the lock may be old, and a commit before left it as it was
    with _transaction():
        yield


@contextmanager
def _transaction() -> Iterator[None]:
    try:
        db.session.connection(execution_options={WRITES: True})
        yield
        webhook_notifications.queue_changes()
        read_your_writes.count_change()  # last, since the transactions of one user wait for each other from here on
        db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        if _is_lock_wait(error):
            raise Busy(_("Someone else is changing the same thing. Try again in a moment.")) from error
        raise
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def editing(number: str, version: int | None, by: Actor) -> Iterator[Order]:
    """An order to be changed, under its lock and as it is now.

    `version` is the one that the form was drawn from; None where the change makes nobody's form stale. Raises
    NotFound, StaleVersion where others were faster, AlreadyDone where this very request was carried out before,
    and Busy. Stock that the change sets free covers the oldest backorders, in a transaction after this one, since
    it locks other orders.
    """
    try:
        with writing():
            order = loading.lock_order(number)
            if version is not None and version != order.version:
                _refuse_stale(order, version, by)
            yield order
            order.refresh_derived_columns()
            db.session.flush()
            freed = _products_to_cover()
    except IntegrityError as error:
        if "request_key" in str(error.orig):
            raise AlreadyDone(ALREADY_DONE) from error
        raise
    if freed:
        # The change itself is done. What cannot be locked in time now is covered by the worker in a while.
        with suppress(Busy), _transaction():
            backorders.cover(freed)


def _refuse_stale(order: Order, seen: int, by: Actor) -> None:
    if loading.is_duplicate_request(order, by.request_key):
        raise AlreadyDone(ALREADY_DONE)
    raise StaleVersion(_("The order was changed while you were working on it."), seen=seen)


def _products_to_cover() -> list[int]:
    """Products that the transaction left with free units while open lines wait for them."""
    margin = shop_settings.current().stock_safety_margin
    seen = (entity for entity in db.session.identity_map.values() if isinstance(entity, Product))
    return [product.id for product in seen if product.backordered and product.available(margin)]


def _is_lock_wait(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in LOCKED_SQLSTATES or "locked" in str(error.orig)
