"""The sentences of batches that depend on an action and on a number of orders."""

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from webshop_orders.models import BatchAction
from webshop_orders.operations.batches.outcomes import Outcome
from webshop_orders.text.languages import lazy_gettext as _l

ACTIONS = {
    BatchAction.SHIP: _l("Mark the orders as shipped"),
    BatchAction.SEND_CONFIRMATION: _l("Send the order confirmations"),
    BatchAction.SEND_BACKORDER_NOTICE: _l("Tell customers when products are expected"),
    BatchAction.SET_STATUS: _l("Set the delivery status"),
    BatchAction.CANCEL: _l("Cancel the orders"),
    BatchAction.ADD_TRACKING: _l("Add the tracking codes"),
    BatchAction.UNDO: _l("Take back what was done"),
}
RUNNING = {
    BatchAction.SHIP: _l("The orders are being marked as shipped."),
    BatchAction.SEND_CONFIRMATION: _l("The order confirmations are being written."),
    BatchAction.SEND_BACKORDER_NOTICE: _l("The backorder notices are being written."),
    BatchAction.SET_STATUS: _l("The delivery statuses are being set."),
    BatchAction.CANCEL: _l("The orders are being cancelled."),
    BatchAction.ADD_TRACKING: _l("The tracking codes are being added."),
    BatchAction.UNDO: _l("What was done is being taken back."),
}


def start(action: BatchAction, count: int) -> str:
    """The button that starts the action for so many orders."""
    n = format_decimal(count)
    match action:
        case BatchAction.SHIP:
            return ngettext("Ship %(n)s order", "Ship %(n)s orders", count, n=n)
        case BatchAction.SEND_CONFIRMATION:
            return ngettext("Send %(n)s order confirmation", "Send %(n)s order confirmations", count, n=n)
        case BatchAction.SEND_BACKORDER_NOTICE:
            return ngettext("Send %(n)s backorder notice", "Send %(n)s backorder notices", count, n=n)
        case BatchAction.SET_STATUS:
            return ngettext("Set the status of %(n)s order", "Set the status of %(n)s orders", count, n=n)
        case BatchAction.CANCEL:
            return ngettext("Cancel %(n)s order", "Cancel %(n)s orders", count, n=n)
        case _:
            return ngettext("Start with %(n)s order", "Start with %(n)s orders", count, n=n)


def only(count: int) -> str:
    """The button that starts an action for so many orders of a group, and for no others."""
    n = format_decimal(count)
    return ngettext("Only this %(n)s", "Only these %(n)s", count, n=n)


def finished(action: BatchAction, done: int, refused: int) -> str:
    """What became of the orders once the action has come to its end."""
    if not refused:
        return _results(action, done)
    n = format_decimal(refused)
    return ngettext(
        "%(done)s, %(n)s refused.", "%(done)s, %(n)s refused.", refused, done=_results(action, done)[:-1], n=n
    )


def _results(action: BatchAction, count: int) -> str:
    n = format_decimal(count)
    match action:
        case BatchAction.SHIP:
            return ngettext("%(n)s order is shipped.", "%(n)s orders are shipped.", count, n=n)
        case BatchAction.SEND_CONFIRMATION:
            return ngettext(
                "%(n)s order confirmation is in the outbox.",
                "%(n)s order confirmations are in the outbox.",
                count,
                n=n,
            )
        case BatchAction.SEND_BACKORDER_NOTICE:
            return ngettext(
                "%(n)s backorder notice is in the outbox.",
                "%(n)s backorder notices are in the outbox.",
                count,
                n=n,
            )
        case BatchAction.SET_STATUS:
            return ngettext("%(n)s order has the status.", "%(n)s orders have the status.", count, n=n)
        case BatchAction.CANCEL:
            return ngettext("%(n)s order is cancelled.", "%(n)s orders are cancelled.", count, n=n)
        case BatchAction.ADD_TRACKING:
            return ngettext(
                "%(n)s order has its tracking codes.", "%(n)s orders have their tracking codes.", count, n=n
            )
        case BatchAction.UNDO:
            return ngettext("%(n)s order is as it was.", "%(n)s orders are as they were.", count, n=n)


def takes_part(action: BatchAction, count: int) -> str:
    """How many orders there is nothing to say of."""
    n = format_decimal(count)
    match action:
        case BatchAction.SHIP:
            return ngettext("%(n)s order is shipped", "%(n)s orders are shipped", count, n=n)
        case BatchAction.SEND_CONFIRMATION:
            return ngettext("%(n)s order confirmation is sent", "%(n)s order confirmations are sent", count, n=n)
        case BatchAction.SEND_BACKORDER_NOTICE:
            return ngettext(
                "%(n)s customer is told, unless they know the same days or none is known",
                "%(n)s customers are told, unless they know the same days or none is known",
                count,
                n=n,
            )
        case BatchAction.SET_STATUS:
            return ngettext("%(n)s order gets the status", "%(n)s orders get the status", count, n=n)
        case _:
            return ngettext("%(n)s order is cancelled", "%(n)s orders are cancelled", count, n=n)


def stopped(count: int) -> str:
    n = format_decimal(count)
    return ngettext(
        "Stopped: %(n)s order was left as it is.", "Stopped: %(n)s orders were left as they are.", count, n=n
    )


def outcome(action: BatchAction, found: Outcome, count: int, *, ships_all: bool = False) -> str:
    """What is so of that many orders; `ships_all` if shipments that wait for stock leave too."""
    n = format_decimal(count)
    match found:
        case Outcome.ERASED:
            return ngettext(
                "%(n)s has had its personal data erased", "%(n)s have had their personal data erased", count, n=n
            )
        case Outcome.CANCELLED if action is BatchAction.CANCEL:
            return ngettext("%(n)s is cancelled already", "%(n)s are cancelled already", count, n=n)
        case Outcome.CANCELLED:
            return ngettext("%(n)s is cancelled", "%(n)s are cancelled", count, n=n)
        case Outcome.SHIPPED:
            return ngettext("%(n)s is shipped already", "%(n)s are shipped already", count, n=n)
        case Outcome.HELD:
            return ngettext("%(n)s is paused", "%(n)s are paused", count, n=n)
        case Outcome.PARTLY_SHIPPED:
            return ngettext("%(n)s is shipped in part", "%(n)s are shipped in part", count, n=n)
        case Outcome.UNCHANGED:
            return ngettext("%(n)s has that status already", "%(n)s have that status already", count, n=n)
        case Outcome.TEST:
            return ngettext(
                "%(n)s is a test order, about which nobody is mailed",
                "%(n)s are test orders, about which nobody is mailed",
                count,
                n=n,
            )
        case Outcome.BACKORDERED:
            return ngettext("%(n)s is backordered", "%(n)s are backordered", count, n=n)
        case Outcome.PARTLY_BACKORDERED:
            return ngettext("%(n)s is backordered in part", "%(n)s are backordered in part", count, n=n)
        case Outcome.NO_CODE:
            return ngettext("%(n)s has no tracking code", "%(n)s have no tracking code", count, n=n)
        case Outcome.NOTHING_WAITS:
            return ngettext("%(n)s waits for nothing", "%(n)s wait for nothing", count, n=n)
        case Outcome.NO_EMAIL | Outcome.NO_ADDRESS:
            return ngettext("%(n)s has no e-mail address", "%(n)s have no e-mail address", count, n=n)
        case Outcome.CODE_NOT_SHOWN:
            return ngettext(
                "%(n)s gets a mail that does not show the tracking code, because of its template",
                "%(n)s get a mail that does not show the tracking code, because of its template",
                count,
                n=n,
            )
        case Outcome.FAILS_CHECKS:
            return ngettext(
                "%(n)s fails the checks before dispatch",
                "%(n)s fail the checks before dispatch",
                count,
                n=n,
            )
        case Outcome.NOT_WHOLE:
            return ngettext(
                "%(n)s is collected for one delivery, and would leave in part",
                "%(n)s are collected for one delivery, and would leave in part",
                count,
                n=n,
            )
        case Outcome.IN_PART if ships_all:
            return ngettext(
                "%(n)s of these leaves whole, though a shipment of it waits for stock",
                "%(n)s of these leave whole, though a shipment of each waits for stock",
                count,
                n=n,
            )
        case Outcome.IN_PART:
            return ngettext(
                "%(n)s of these leaves in part: another shipment waits for stock",
                "%(n)s of these leave in part: another shipment waits for stock",
                count,
                n=n,
            )
        case Outcome.ELSEWHERE:
            return ngettext("%(n)s is in another open batch, too", "%(n)s are in another open batch, too", count, n=n)


def unknown(numbers: list[str], count: int) -> str:
    """Numbers that are those of no orders, of which some are named."""
    named = ", ".join(numbers)
    if count > len(numbers):
        return _("There are no orders %(numbers)s …, so they were left out.", numbers=named)
    return ngettext(
        "There is no order %(numbers)s, so it was left out.",
        "There are no orders %(numbers)s, so they were left out.",
        count,
        numbers=named,
    )
