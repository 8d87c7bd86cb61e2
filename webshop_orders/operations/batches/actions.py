"""What is done to one order of a batch: the operations that staff use on a single order, and their refusals."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders import expected_days
from webshop_orders.db.extensions import db
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import ConfirmationRequired, ConfirmationWarning, Forbidden, RuleViolation
from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import Actor, Batch, BatchAction, DeliveryStatus, MessageKind, Order, Shipment
from webshop_orders.operations.orders import backorder_notices, cancellation, confirmations, shipments, tracking
from webshop_orders.operations.undo import steps, undoing

AGREED, SHIP_ALL, STATUS = "agreed", "ship_all", "status"
MAIL_ACTIONS = {BatchAction.SHIP, BatchAction.SEND_CONFIRMATION, BatchAction.ADD_TRACKING}
UNDOABLE = {BatchAction.SHIP, BatchAction.SET_STATUS, BatchAction.CANCEL, BatchAction.ADD_TRACKING}
STATUSES = (DeliveryStatus.READY, DeliveryStatus.BACKORDERED)


@dataclass(frozen=True)
class Task:
    """An action with its options, and what it needs of one order: its `data`, and the `version` that it is to undo."""

    action: BatchAction
    options: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] | None = None
    version: int | None = None

    @property
    def agreed(self) -> Collection[str]:
        """The codes of the warnings that are confirmed."""
        agreed: list[str] = self.options.get(AGREED, [])
        return [*agreed, shipments.UNCOVERED] if self.options.get(SHIP_ALL) else agreed


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


def carry_out(order: Order, task: Task, *, by: Actor) -> str | None:
    """Do to a locked order what the task says, as one change; returns what is left to do of it, if anything.

    Raises the refusals of the operations, and ConfirmationRequired for warnings that are not confirmed.
    """
    with db.session.no_autoflush:  # all is written at once
        match task.action:
            case BatchAction.SHIP:
                return _ship(order, task, by)
            case BatchAction.SEND_CONFIRMATION:
                _send_confirmation(order, task, by)
            case BatchAction.SEND_BACKORDER_NOTICE:
                backorder_notices.send(order, expected_days.of_lines([order]), by=by)
            case BatchAction.SET_STATUS:
                _set_status(order, DeliveryStatus(task.options[STATUS]), by)
            case BatchAction.CANCEL:
                cancellation.cancel(order, by=by)
            case BatchAction.ADD_TRACKING:
                _add_tracking(order, task, by)
            case BatchAction.UNDO:
                _take_back(order, task.version, by)
    return None


def _ship(order: Order, task: Task, by: Actor) -> str | None:
    order.check_not_cancelled()
    leaving = [
        shipment
        for shipment in order.open_shipments
        if task.options.get(SHIP_ALL) or shipment.status is DeliveryStatus.READY
    ]
    staying = [shipment.reference for shipment in order.open_shipments if shipment not in leaving]
    if not order.open_shipments:
        raise RuleViolation(_("%(number)s is shipped already.", number=order.number))
    for shipment in order.open_shipments:
        shipment.check_not_held()
    if not leaving:
        raise RuleViolation(_waiting_for_stock(staying))
    _ship_all(leaving, task, by)
    return _waiting_for_stock(staying) if staying else None


def _waiting_for_stock(references: list[str]) -> str:
    return ngettext(
        "%(shipments)s waits for stock and has not been shipped.",
        "%(shipments)s wait for stock and have not been shipped.",
        len(references),
        shipments=", ".join(references),
    )


def _ship_all(leaving: Collection[Shipment], task: Task, by: Actor, *, have_left: bool = False) -> None:
    """Ship what leaves now, or what has left already, as a carrier's file says: then no check can stop it."""
    warnings: list[ConfirmationWarning] = []
    for shipment in leaving:
        if have_left:
            warnings += shipments.warn_of_uncovered(shipment, can_split=False)
        else:
            warnings += shipments.warn_before_leaving(shipment, can_split=False, along=leaving)
        message = shipments.ship(shipment, by=by)
        warnings += send_warnings.of_shipping(shipment, message)
    _require_confirmation(warnings, task)


def _require_confirmation(warnings: Iterable[ConfirmationWarning], task: Task) -> None:
    """Raise ConfirmationRequired with the warnings that were not confirmed for the whole batch, each once."""
    open_warnings = {warning.sentence: warning for warning in warnings if warning.code not in task.agreed}
    if open_warnings:
        raise ConfirmationRequired(list(open_warnings.values()))


def _send_confirmation(order: Order, task: Task, by: Actor) -> None:
    if not order.customer.email:
        raise RuleViolation(_("The customer has no e-mail address. Add one under Customer."))
    _require_confirmation(send_warnings.before_sending(order, MessageKind.ORDER_CONFIRMATION), task)
    confirmations.send_order_confirmation(order, order.customer.email, by=by)


def _set_status(order: Order, status: DeliveryStatus, by: Actor) -> None:
    order.check_not_cancelled()
    if not order.open_shipments:
        raise RuleViolation(_("%(number)s is shipped already.", number=order.number))
    differing = [shipment for shipment in order.open_shipments if shipment.status is not status]
    for shipment in differing or order.open_shipments[:1]:
        shipments.set_status(shipment, status, by=by)


def _add_tracking(order: Order, task: Task, by: Actor) -> None:
    """Add the codes of each shipment that it does not have yet, and ship those that are to leave and have not.

    The data has the `shipments`, each with its `reference`, its `codes`, and whether to `ship` it.
    """
    if not task.data or not task.data["shipments"]:
        raise RuleViolation(_("There is no tracking code for %(number)s.", number=order.number))
    leaving = []
    for entry in task.data["shipments"]:
        shipment = shipments.by_reference(order, entry["reference"])
        codes = [NewTrackingCode(new["code"], new.get("carrier"), new.get("url")) for new in entry["codes"]]
        tracking.add_new(shipment, codes, by=by)
        if entry.get("ship") and not shipment.is_shipped:
            leaving.append(shipment)
    _ship_all(leaving, task, by, have_left=True)


def _take_back(order: Order, version: int | None, by: Actor) -> None:
    """Take the step back that made a version of the order, unless the same user changed the order after it."""
    standing = [step for step in steps.read(order.id, by).steps if step.undone_version is None]
    step = next((step for step in standing if step.from_version < (version or 0) <= step.version), None)
    if step is None:
        raise RuleViolation(_("What was done to %(number)s cannot be taken back any more.", number=order.number))
    if any(later.id > step.id for later in standing):
        raise RuleViolation(_("You have changed the order since. Take that back first."))
    undoing.undo(order, step.id, by=by)
