"""What the customer of an order approved, what was taken off it since, and orders that are to be refunded; and the
user who made a change of an order; what the customer wrote, and the mail of a comment and its reply address"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TO_REFUND = "paid > case when cancelled_at is null then total else 0 end"
TO_REFUND_INDEXES = {
    "ix_orders_to_refund_placed_at_id": "placed_at",
    "ix_orders_to_refund_updated_at_id": "updated_at",
}
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
    op.add_column("messages", sa.Column("reply_to", sa.String(), nullable=True))
    op.add_column("comments", sa.Column("from_customer", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("comments", sa.Column("message_id", NUMBER, nullable=True))
    op.add_column("tracking_codes", sa.Column("is_unmailed", sa.Boolean(), nullable=False, server_default=sa.false()))
    for column in columns():
        op.add_column("orders", column)
    _fill_approvals()
    _find_comments_of_customers()
    _find_mails_of_comments()
    where = sa.text(TO_REFUND)
    for name, key in TO_REFUND_INDEXES.items():
        op.create_index(name, "orders", [key, "id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_column("tracking_codes", "is_unmailed")
    op.drop_column("comments", "message_id")
    op.drop_column("comments", "from_customer")
    op.drop_column("messages", "reply_to")
    op.drop_column("events", "user_id")
    for name in TO_REFUND_INDEXES:
        op.drop_index(name, "orders")
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


def _find_comments_of_customers() -> None:
    """The customer's own comment came with the order, before all others and without an event."""
    op.execute(
        """
        update comments set from_customer = true
        where kind = 'customer'
          and id in (select min(id) from comments group by order_id)
          and (select count(*) from comments as counted where counted.order_id = comments.order_id)
            > (select count(*) from events where events.order_id = comments.order_id and events.kind = 'comment_added')
        """
    )


def _find_mails_of_comments() -> None:
    """A comment and its mail were written in one transaction, the mail after the comment."""
    op.execute(
        """
        update comments set message_id = (
            select min(messages.id) from messages
            where messages.order_id = comments.order_id and messages.kind = 'comment' and messages.is_test = false
              and messages.queued_at >= comments.written_at
        )
        where mailed
        """
    )
