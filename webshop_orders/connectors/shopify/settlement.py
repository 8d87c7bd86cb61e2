"""What a Shopify order costs, and what of it is paid, given back and still asked for. All amounts in minor units.

`current_total_price` reflects edits, returns and refunds, `total_outstanding` is what the customer still owes, below
zero where the shop owes it. https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.shopify.amounts import stated_minor
from webshop_orders.connectors.shopify.charges import cash_rounding
from webshop_orders.connectors.shopify.ledger import Ledger
from webshop_orders.connectors.shopify.payments import Received, method_document, received
from webshop_orders.connectors.shopify.refunds import Refunded, refunded
from webshop_orders.connectors.shopify.units import has_changed
from webshop_orders.connectors.sums import max_rounding
from webshop_orders.models.charge import ChargeKind

SETTLED = {"paid", "partially_refunded"}
PARTLY_PAID = "partially_paid"


def settle(ledger: Ledger, payload: dict[str, Any]) -> dict[str, Any]:
    """The fields `payment` and `totals` of our document; adds what was kept of returns, and roundings, to the rows."""
    given = refunded(payload, ledger.currency)
    paid_in = received(payload, ledger.currency)
    payment = method_document(payload, paid_in) | {"refunded": given.paid_back or (paid_in.paid_back if paid_in else 0)}
    if ledger.is_void:
        paid = _paid_of_void(ledger, payload, given, paid_in)
        return {"payment": payment | {"paid": paid, "written_off": max(0, ledger.total - paid)}, "totals": {}}
    total = _add_adjustments(ledger, payload, given)
    due = ledger.total if total is None else total
    outstanding = _outstanding(ledger, payload, due, given, paid_in)
    paid = paid_in.net if paid_in else due - outstanding - given.goodwill
    # By our rows, so that nobody is asked for what the shop does not ask for even where they cost more than it says.
    written_off = max(0, ledger.total - max(0, paid) - outstanding)
    is_stated = outstanding == stated_minor(payload, "total_outstanding", ledger.currency)
    return {
        "payment": payment | {"paid": max(0, paid), "written_off": written_off},
        "totals": {"total": total, "balance": outstanding if is_stated else None},
    }


def _paid_of_void(ledger: Ledger, payload: dict[str, Any], given: Refunded, paid_in: Received | None) -> int:
    """What the shop still has of an order that is cancelled or wholly refunded."""
    status = parsing.text(payload, "financial_status")
    if paid_in:
        return max(0, paid_in.net)
    if status not in {*SETTLED, PARTLY_PAID}:
        return 0
    paid = stated_minor(payload, "total_price", ledger.currency) or 0
    if status == PARTLY_PAID:
        paid -= max(0, stated_minor(payload, "total_outstanding", ledger.currency) or 0)
    return max(0, paid - given.paid_back)


def _add_adjustments(ledger: Ledger, payload: dict[str, Any], given: Refunded) -> int | None:
    """Add the rows that make our sum the one that the shop states; that sum, None if it states none.

    Shopify may count the rounding of cash, and what a refund gave beyond or below what was returned, in or not.
    """
    stated = stated_minor(payload, "current_total_price", ledger.currency)
    if stated is None and not has_changed(payload):
        stated = stated_minor(payload, "total_price", ledger.currency)
    outstanding = stated_minor(payload, "total_outstanding", ledger.currency) or 0
    cash, kept = cash_rounding(payload, ledger.currency), given.kept if outstanding >= 0 else 0
    if kept:
        ledger.rows.add_charge(ChargeKind.FEE, _("Kept of a refund"), Decimal(kept))
    if cash:
        ledger.rows.add_charge(ChargeKind.ROUNDING, _("Cash rounding"), Decimal(cash))
    if stated is None:
        return None
    beyond = kept or given.goodwill
    candidates = list(dict.fromkeys([stated, stated + cash, stated + beyond, stated + cash + beyond]))
    total = _nearest(candidates, ledger.total)
    if abs(total - ledger.total) > max_rounding(ledger.rounded_amounts):
        return max(0, stated + cash)
    ledger.rows.add_rounding(_("Rounding"), total - ledger.total, ledger.rounded_amounts)
    return max(0, total)


def _nearest(candidates: Iterable[int], ours: int) -> int:
    return min(candidates, key=lambda total: abs(total - ours))


def _outstanding(ledger: Ledger, payload: dict[str, Any], due: int, given: Refunded, paid_in: Received | None) -> int:
    """What the shop still asks for: below zero where it has more than the order costs."""
    status = parsing.text(payload, "financial_status")
    stated = stated_minor(payload, "total_outstanding", ledger.currency)
    if status in SETTLED:
        is_goodwill = stated is not None and 0 < stated <= given.goodwill  # what the shop gave back is not owed
        return 0 if stated is None or is_goodwill else stated
    if status == PARTLY_PAID and stated is not None:
        return stated
    if stated is not None and 0 < stated < due:
        return stated
    return due - paid_in.net if paid_in else due  # also of what is reserved: it is not taken yet
