"""What is done to one order of a batch: the operations that staff use on a single order, and their refusals."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from webshop_orders.errors import Forbidden, RuleViolation
from webshop_orders.models import Actor, Batch, BatchAction, DeliveryStatus

AGREED, SHIP_ALL, STATUS = "agreed", "ship_all", "status"
MAIL_ACTIONS = {BatchAction.SHIP, BatchAction.SEND_CONFIRMATION, BatchAction.ADD_TRACKING}
UNDOABLE = {BatchAction.SHIP, BatchAction.SET_STATUS, BatchAction.CANCEL, BatchAction.ADD_TRACKING}
STATUSES = (DeliveryStatus.READY, DeliveryStatus.BACKORDERED)


def check_options(action: BatchAction, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an action, with nothing else in them; raises RuleViolation where one is missing.

    `agreed` are the codes of the warnings that are confirmed for all orders, `ship_all` is whether shipments leave that
    wait for stock too, and `status` the delivery status to set, Redo or Restnoterad.
    """
    checked: dict[str, Any] = {}
    if action in MAIL_ACTIONS:
        checked[AGREED] = sorted({str(code) for code in options.get(AGREED, ())})
    if action is BatchAction.SHIP:
        checked[SHIP_ALL] = bool(options.get(SHIP_ALL))
    if action is BatchAction.SET_STATUS:
        if options.get(STATUS) not in [status.value for status in STATUSES]:
            raise RuleViolation(_("Choose a delivery status."), field=STATUS)
        checked[STATUS] = DeliveryStatus(options[STATUS]).value
    return checked


def check_undoable(batch: Batch, by: Actor) -> None:
    """Raise RuleViolation unless what a batch did last can be taken back, Forbidden where someone else did it."""
    if batch.action not in UNDOABLE:
        raise RuleViolation(_("There is nothing of this batch to take back."))
    check_own(batch, by)


def check_own(batch: Batch, by: Actor) -> None:
    """Raise Forbidden where someone else started what is to be taken back: everyone takes their own changes back."""
    if batch.user_id is None or batch.user_id != by.user_id:
        raise Forbidden(_("Only %(name)s, who started it, can take it back.", name=batch.actor_name))
