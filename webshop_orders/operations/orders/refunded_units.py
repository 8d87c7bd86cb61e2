"""Units that were refunded stay with the line that they were refunded of, or follow it into another."""

from dataclasses import replace

from flask_babel import ngettext

from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, Order
from webshop_orders.money import crediting


def check_can_leave(line: Line, quantity: int) -> None:
    """Raise RuleViolation where so many units of a line cannot go elsewhere, since others of it are refunded."""
    order = line.shipment.order
    refunded = crediting.credited(order).units[line.id] if order.refunds else 0
    if quantity < line.quantity < refunded + quantity:
        raise RuleViolation(
            ngettext(
                "%(count)s pc of %(name)s is refunded and stays where it is, or goes along with the whole row.",
                "%(count)s pcs of %(name)s are refunded and stay where they are, or go along with the whole row.",
                refunded,
                count=refunded,
                name=line.name,
            ),
            field="quantity",
        )


def follow(order: Order, line_id: int, successor: Line) -> None:
    """Let what was refunded of a line that joins another be refunded of that."""
    if not any(row.line_id == line_id for refund in order.refunds for row in refund.rows):
        return
    db.session.flush()  # a new line has no id before
    order.refunds = [
        replace(
            refund,
            rows=[replace(row, line_id=successor.id) if row.line_id == line_id else row for row in refund.rows],
        )
        for refund in order.refunds
    ]
