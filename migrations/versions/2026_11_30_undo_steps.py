"""Changes that can be taken back, and the kinds of events of what is new in an order"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRICT: dict[str, Any] = {"sqlite_strict": True}

EVENTS = (
    "order_placed",
    "order_imported",
    "order_cancelled",
    "order_restored",
    "customer_changed",
    "line_added",
    "line_changed",
    "line_removed",
    "line_split",
    "backordered_split",
    "shipment_shipped",
    "shipment_reopened",
    "shipment_delivered",
    "status_set",
    "tracking_added",
    "tracking_removed",
    "comment_added",
    "confirmation_sent",
    "message_queued_again",
    "message_resent",
    "message_settled",
    "backorder_covered",
    "cover_withdrawn",
    "payment_changed",
    "shop_differs",
    "shop_settled",
    "personal_data_erased",
)
NEW_EVENTS = ("units_rearranged", "shipping_changed", "changes_undone", "changes_redone")


def upgrade() -> None:
    _constrain_events(EVENTS + NEW_EVENTS)
    op.create_table(
        "undo_steps",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_version", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("undone_version", NUMBER, nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undo_steps")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_undo_steps_order_id")),
        sqlite_autoincrement=True,
        **STRICT,
    )
    op.create_index("ix_undo_steps_order_id_id", "undo_steps", ["order_id", "id"])
    op.create_index("ix_undo_steps_at", "undo_steps", ["at"])


def downgrade() -> None:
    op.drop_table("undo_steps")
    _constrain_events(EVENTS)


def _constrain_events(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("events", table_kwargs=STRICT) as events:
        events.drop_constraint(op.f("ck_events_eventkind"), type_="check")
        events.create_check_constraint(op.f("ck_events_eventkind"), f"kind in {kinds}")
