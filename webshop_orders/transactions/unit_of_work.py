"""One change, one transaction: begin, lock, compare versions, carry out, recalculate, notify, commit once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from time import perf_counter

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError, OperationalError

from webshop_orders import metrics, shop_settings
from webshop_orders.db.extensions import LOCK_WAIT, WRITES, db
from webshop_orders.db.failures import is_lock_failure
from webshop_orders.errors import AlreadyDone, Busy, StaleVersion
from webshop_orders.models import Actor, Event, Order, Product
from webshop_orders.operations.audit import history
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import loading, touched_parts
from webshop_orders.operations.stock import backorders, whole_orders
from webshop_orders.operations.undo import order_state, steps
from webshop_orders.operations.users import read_your_writes
from webshop_orders.operations.webhooks import notifications

# Those of the changes of an order since a form was rendered that are in its way.
InTheWay = Callable[[Order, list[Event]], list[Event]]
ALREADY_DONE = _l("This was done already.")


@contextmanager
def writing(*, lock_wait: int | None = None) -> Iterator[None]:
    """A transaction that may write: committed at the end, rolled back on any error.

    On SQLite it excludes other writers from its beginning. Raises Busy if a lock was not available in time, which
    `lock_wait` limits further, in milliseconds.
    """
    db.session.rollback()
    history.pop_changes()  # left by a transaction that was rolled back
    db.session.expire_all()  # what was read before the locks may be outdated, and a commit does not expire it
    with _transaction(lock_wait):
        yield


@contextmanager
def editing(
    number: str, version: int | None, by: Actor, *, in_the_way: InTheWay | None = None, is_step: bool = True
) -> Iterator[Order]:
    """The order with this number, locked and read again, to be changed in one transaction.

    `version` is the one that the form was rendered from; None for changes that make no form stale. `in_the_way`
    chooses, of the changes since then, those that the form cannot be carried out after; without it, these are all that
    others made. What a user changes is recorded as a step that they can take back, unless the change itself takes back
    such a step (`is_step` false).
    Raises NotFound, StaleVersion if changes are in the way, AlreadyDone if the same request was carried out before, and
    Busy.
    """
    with _duplicates_as_already_done(), writing():
        began = perf_counter()
        order = loading.lock_order(number)
        metrics.record_database_wait("order", perf_counter() - began)
        _check_version(order, version, by, in_the_way)
        with _recording_step(order, by) if is_step else nullcontext():
            yield order
            whole_orders.settle(order)
            attention.refresh(order)
            db.session.flush()
        to_cover = _products_to_cover()
    _cover_backorders(to_cover)


@contextmanager
def _recording_step(order: Order, by: Actor) -> Iterator[None]:
    before, version = order_state.take(order), order.version
    yield
    steps.record(order, before, version, by)


@contextmanager
def _transaction(lock_wait: int | None = None) -> Iterator[None]:
    began = perf_counter()
    try:
        db.session.connection(execution_options={WRITES: True, LOCK_WAIT: lock_wait})
        metrics.record_database_wait("begin", perf_counter() - began)
        yield
        notifications.queue_changes()
        read_your_writes.count_change()  # last, since it locks the user's row until the commit
        db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        if is_lock_failure(error):
            if lock_wait is None:  # otherwise it is nothing that anyone waits for
                metrics.record_busy()
            raise Busy(_("Someone else is changing the same thing. Try again in a moment.")) from error
        raise
    except BaseException:
        db.session.rollback()
        raise


def _check_version(order: Order, version: int | None, by: Actor, in_the_way: InTheWay | None) -> None:
    if version is None or version == order.version:
        return
    if loading.is_duplicate_request(order, by.request_key):
        raise AlreadyDone(ALREADY_DONE)
    changes = loading.changes_since(order, version)
    missed = in_the_way(order, changes) if in_the_way else touched_parts.by_others(changes, by)
    was_never_had = version < 1 or len(changes) != order.version - version
    if missed or was_never_had:
        raise StaleVersion(
            _("The order was changed while you were working on it."), form_version=version, missed_events=missed
        )


@contextmanager
def _duplicates_as_already_done() -> Iterator[None]:
    """Raise AlreadyDone if two copies of a request run at once, which the request key's unique index detects."""
    try:
        yield
    except IntegrityError as error:
        if "request_key" in str(error.orig):
            raise AlreadyDone(ALREADY_DONE) from error
        raise


def _products_to_cover() -> list[int]:
    """Products that the transaction left with free units while open lines wait for them."""
    margin = shop_settings.current().stock_safety_margin
    products = (entity for entity in db.session.identity_map.values() if isinstance(entity, Product))
    return [product.id for product in products if product.backordered and product.available(margin)]


def _cover_backorders(product_ids: list[int]) -> None:
    """Cover the oldest backorders with the stock that a change released, in a transaction of its own.

    It locks other orders. The change itself is committed: where a lock is not available now, the worker covers later.
    """
    if product_ids:
        with suppress(Busy), _transaction():
            backorders.cover(product_ids)
