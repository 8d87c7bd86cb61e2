"""A change as it would be, carried out on the order in memory alone: no lock is taken, and nothing is written."""

from collections.abc import Iterator
from contextlib import contextmanager

from webshop_orders.db.extensions import PREVIEWS, db
from webshop_orders.models import Order
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import loading


@contextmanager
def previewing(number: str) -> Iterator[Order]:
    """The order with this number as it is now, for operations to change; it is as before at the end.

    It waits for nobody and holds nobody up. What is to be shown of the changed order is read within. Raises NotFound,
    and RuleViolation once its personal data are erased.
    """
    db.session.rollback()
    db.session.expire_all()  # what was read before may be outdated
    db.session.info[PREVIEWS] = True
    try:
        order = loading.load_order(number)
        loading.check_not_erased(order)
        yield order
    finally:
        db.session.rollback()  # forgets what was added, and reads again what was changed
        history.pop_changes()
        del db.session.info[PREVIEWS]
