"""Holds, returns, refunds, registered payments, withdrawals, and what is to be charged for a shipment"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STRICT: dict[str, Any] = {"sqlite_strict": True}
IDS_USED_ONCE = {"webhook_messages"}  # and so after they are recreated

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
    "tracking_corrected",
    "document_printed",
    "shipment_packed",
)
NEW_EVENTS = (
    "order_held",
    "hold_released",
    "return_registered",
    "return_received",
    "return_closed",
    "refund_requested",
    "refund_done",
    "refund_cancelled",
    "payment_registered",
    "withdrawal_received",
    "withdrawal_handled",
    "shipment_uncollected",
    "shipment_sent_back",
)
WEBHOOK_EVENTS = (
    "order.placed",
    "order.changed",
    "order.cancelled",
    "shipment.ready",
    "shipment.shipped",
    "shipment.tracking_changed",
    "product.backorders_covered",
)
NEW_WEBHOOK_EVENTS = (
    "order.held",
    "order.released",
    "return.registered",
    "return.received",
    "refund.requested",
    "refund.done",
    "withdrawal.received",
)
MAILS = ("order_confirmation", "delivery_confirmation", "order_changed", "comment", "shop_notification")
NEW_MAILS = ("return_registered", "credit_note", "withdrawal_receipt")
MAIL_TABLES = ("messages", "mail_templates")
TO_REFUND_BEFORE = "paid > case when cancelled_at is null then total else 0 end"
TO_REFUND = "paid > case when cancelled_at is null then total - credited else 0 end"
TO_REFUND_INDEXES = {
    "ix_orders_to_refund_placed_at_id": "placed_at",
    "ix_orders_to_refund_updated_at_id": "updated_at",
}
LISTS = ("holds", "returns", "refunds", "registered_payments")


def upgrade() -> None:
    _constrain("events", "kind", "eventkind", EVENTS + NEW_EVENTS)
    _constrain("webhook_messages", "event", "webhookevent", WEBHOOK_EVENTS + NEW_WEBHOOK_EVENTS)
    for table in MAIL_TABLES:
        _constrain(table, "kind", "messagekind", MAILS + NEW_MAILS)
    for name in LISTS:
        op.add_column("orders", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("orders", sa.Column("last_ids", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("orders", sa.Column("credited", NUMBER, nullable=False, server_default="0"))
    op.add_column("orders", sa.Column("is_held", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("orders", sa.Column("hold_ends_on", sa.String(), nullable=True))
    op.add_column("shipments", sa.Column("uncollected_at", MOMENT, nullable=True))
    op.add_column("shipments", sa.Column("sent_back_at", MOMENT, nullable=True))
    op.add_column("shipments", sa.Column("capture", sa.JSON(), nullable=True))
    op.add_column("shipments", sa.Column("gives_stock", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.add_column(sa.Column("hold_rules", sa.JSON(), nullable=False, server_default="{}"))
        shop.add_column(sa.Column("withdrawal_days", NUMBER, nullable=False, server_default="14"))
        shop.add_column(sa.Column("organisation_number", sa.String(), nullable=True))
        shop.add_column(sa.Column("vat_number", sa.String(), nullable=True))
        shop.create_check_constraint(op.f("ck_shop_withdrawal_days"), "withdrawal_days between 14 and 365")
    _index_to_refund(TO_REFUND)
    op.create_index(
        "ix_orders_held_placed_at_id",
        "orders",
        ["placed_at", "id"],
        sqlite_where=sa.text("is_held = 1"),
        postgresql_where=sa.text("is_held"),
    )
    ends = sa.text("hold_ends_on is not null")
    op.create_index("ix_orders_hold_ends_on", "orders", ["hold_ends_on"], sqlite_where=ends, postgresql_where=ends)
    op.create_table(
        "withdrawals",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=True),
        sa.Column("source", _enum(("form", "api"), "withdrawalsource"), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("receipt_id", NUMBER, nullable=True),
        sa.Column("sought_at", MOMENT, nullable=True),
        sa.Column("carried_out_at", MOMENT, nullable=True),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.Column("handled_by", sa.String(), nullable=True),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("request_key", name=op.f("uq_withdrawals_request_key")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_withdrawals_order_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["messages.id"], name=op.f("fk_withdrawals_receipt_id")),
        sqlite_autoincrement=True,
        **STRICT,
    )
    op.create_index("ix_withdrawals_order_id", "withdrawals", ["order_id"])
    op.create_index("ix_withdrawals_handled_at_id", "withdrawals", ["handled_at", "id"])
    op.create_index("ix_withdrawals_received_at", "withdrawals", ["received_at"])
    op.create_index("ix_withdrawals_email_key", "withdrawals", ["email_key"])
    unsought = sa.text("sought_at is null")
    op.create_index("ix_withdrawals_unsought", "withdrawals", ["id"], sqlite_where=unsought, postgresql_where=unsought)


def downgrade() -> None:
    """Lose what the older order desk does not know of."""
    op.drop_table("withdrawals")
    op.drop_index("ix_orders_hold_ends_on", "orders")
    op.drop_index("ix_orders_held_placed_at_id", "orders")
    _index_to_refund(TO_REFUND_BEFORE)
    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.drop_constraint(op.f("ck_shop_withdrawal_days"), type_="check")
        shop.drop_column("vat_number")
        shop.drop_column("organisation_number")
        shop.drop_column("withdrawal_days")
        shop.drop_column("hold_rules")
    for name in ("gives_stock", "capture", "sent_back_at", "uncollected_at"):
        op.drop_column("shipments", name)
    for name in ("hold_ends_on", "is_held", "credited", "last_ids", *reversed(LISTS)):
        op.drop_column("orders", name)
    _forget_tried("attempts", "messages", "kind", NEW_MAILS)
    _forget_tried("webhook_attempts", "webhook_messages", "event", NEW_WEBHOOK_EVENTS)
    _forget("mail_templates", "kind", NEW_MAILS)
    _forget("events", "kind", NEW_EVENTS)
    for table in MAIL_TABLES:
        _constrain(table, "kind", "messagekind", MAILS)
    _constrain("webhook_messages", "event", "webhookevent", WEBHOOK_EVENTS)
    _constrain("events", "kind", "eventkind", EVENTS)


def _index_to_refund(condition: str) -> None:
    where = sa.text(condition)
    for name, key in TO_REFUND_INDEXES.items():
        op.drop_index(name, "orders")
        op.create_index(name, "orders", [key, "id"], sqlite_where=where, postgresql_where=where)


def _enum(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def _constrain(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    kwargs = STRICT | {"sqlite_autoincrement": table in IDS_USED_ONCE}
    with op.batch_alter_table(table, table_kwargs=kwargs) as constrained:
        constrained.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        constrained.create_check_constraint(op.f(f"ck_{table}_{name}"), f"{column} in {values}")


def _forget_tried(attempts: str, table: str, column: str, values: tuple[str, ...]) -> None:
    tried = f"select id from {table} where {column} in {values}"  # noqa: S608 - all are written above
    op.execute(f"delete from {attempts} where message_id in ({tried})")  # noqa: S608
    _forget(table, column, values)


def _forget(table: str, column: str, values: tuple[str, ...]) -> None:
    op.execute(f"delete from {table} where {column} in {values}")  # noqa: S608
