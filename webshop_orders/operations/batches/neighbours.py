"""The orders before and after one in a batch."""

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import BatchOrder, Order


def find(order: Order, batch_id: int, *, backwards: bool = False) -> str | None:
    """The number of the order that comes after one in a batch, or before it; None at its end, or outside of it."""
    of_batch = select(BatchOrder.position).where(BatchOrder.batch_id == batch_id)
    position = of_batch.where(BatchOrder.order_id == order.id).scalar_subquery()
    rows = select(Order.number).join(BatchOrder, BatchOrder.order_id == Order.id).where(BatchOrder.batch_id == batch_id)
    if backwards:
        return db.session.scalar(
            rows.where(BatchOrder.position < position).order_by(BatchOrder.position.desc()).limit(1)
        )
    return db.session.scalar(rows.where(BatchOrder.position > position).order_by(BatchOrder.position).limit(1))
