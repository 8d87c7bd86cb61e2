"""What the customer of an order approved, what was taken off it since, and orders that are to be refunded; and the
user who made a change of an order"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TO_REFUND = "paid > case when cancelled_at is null then total else 0 end"
CHANGES = ("line_added", "line_changed", "line_removed")
BATCH = 1_000


def columns() -> list[sa.Column[Any]]:
    """The new columns of orders."""
    return [
        sa.Column("approval", sa.JSON(), nullable=True),
        sa.Column("removed_units", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("vat_country", sa.String(), nullable=True),
    ]


def upgrade() -> None:
    op.add_column("events", sa.Column("user_id", NUMBER, nullable=True))
    for column in columns():
        op.add_column("orders", column)
    _fill_approvals()
    where = sa.text(TO_REFUND)
    op.create_index(
        "ix_orders_to_refund_placed_at_id",
        "orders",
        ["placed_at", "id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_column("events", "user_id")
    op.drop_index("ix_orders_to_refund_placed_at_id", "orders")
    for column in reversed(columns()):
        op.drop_column("orders", column.name)


def _fill_approvals() -> None:
    """The total before the first change of its lines, for each order that has one."""
    bind = op.get_bind()
    events = sa.table("events", *map(sa.column, ("id", "order_id", "kind")), sa.column("facts", sa.JSON()))
    orders = sa.table("orders", sa.column("id"), sa.column("approval", sa.JSON()))
    first = sa.select(sa.func.min(events.c.id)).where(events.c.kind.in_(CHANGES)).group_by(events.c.order_id)
    rows = sa.select(events.c.order_id, events.c.facts).where(events.c.id.in_(first))
    statement = orders.update().where(orders.c.id == sa.bindparam("row")).values(approval=sa.bindparam("new"))
    for batch in bind.execute(rows).partitions(BATCH):
        totals = ((order_id, facts["total"]["before"]) for order_id, facts in batch if "total" in facts)
        values = [{"row": row, "new": {"total": total, "vat_corrections": {}}} for row, total in totals]
        if values:
            bind.execute(statement, values)
