"""Batches of orders, where products stand and what their barcodes are"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
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
    "units_rearranged",
    "shipping_changed",
    "changes_undone",
    "changes_redone",
)
NEW_EVENTS = ("tracking_corrected", "document_printed", "shipment_packed")
ACTIONS = ("ship", "send_confirmation", "set_status", "cancel", "add_tracking", "undo")
STATES = ("draft", "running", "finished")
ORDER_STATES = ("listed", "waiting", "done", "refused")
ACTORS = ("staff", "customer", "integration", "system")
WAITING = sa.text("due_at is not null")


def upgrade() -> None:
    _constrain_events(EVENTS + NEW_EVENTS)
    op.add_column("events", sa.Column("batch_id", NUMBER, nullable=True))
    op.add_column("products", sa.Column("shelf_place", sa.String(), nullable=True))
    op.add_column("products", sa.Column("barcode", sa.String(), nullable=True))
    op.create_index("ix_products_barcode", "products", ["barcode"])
    op.create_table(
        "batches",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("action", _enum(ACTIONS, "batchaction"), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", _enum(STATES, "batchstate"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", _enum(ACTORS, "actorkind"), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("user_id", NUMBER, nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("request_key", name=op.f("uq_batches_request_key")),
        sqlite_autoincrement=True,
        **STRICT,
    )
    op.create_index("ix_batches_created_at", "batches", ["created_at"])
    op.create_table(
        "batch_orders",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("batch_id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("state", _enum(ORDER_STATES, "batchorderstate"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=True),
        sa.Column("version", NUMBER, nullable=True),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.Column("printed_version", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_orders")),
        sa.UniqueConstraint("batch_id", "order_id", name=op.f("uq_batch_orders_batch_id_order_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_orders_batch_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_batch_orders_order_id")),
        sqlite_autoincrement=True,
        **STRICT,
    )
    op.create_index("ix_batch_orders_order_id", "batch_orders", ["order_id"])
    op.create_index(
        "ix_batch_orders_waiting",
        "batch_orders",
        ["batch_id", "due_at", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_table("batch_orders")
    op.drop_table("batches")
    op.drop_index("ix_products_barcode", "products")
    op.drop_column("products", "barcode")
    op.drop_column("products", "shelf_place")
    op.drop_column("events", "batch_id")
    _constrain_events(EVENTS)


def _enum(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def _constrain_events(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("events", table_kwargs=STRICT) as events:
        events.drop_constraint(op.f("ck_events_eventkind"), type_="check")
        events.create_check_constraint(op.f("ck_events_eventkind"), f"kind in {kinds}")
