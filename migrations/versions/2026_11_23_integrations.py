"""API keys, webhooks, connected shops, and reported deliveries"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STRICT: dict[str, Any] = {"sqlite_strict": True}
DUE = "(state in ('queued', 'sending', 'retrying')) = (due_at is not null)"

SHOPS = ["woocommerce", "shopify"]
REASONS = ["by_hand", "gone", "unreachable"]
STATES = ["queued", "sending", "sent", "retrying", "given_up", "held"]
TOLD = [
    "order.placed",
    "order.changed",
    "order.cancelled",
    "shipment.ready",
    "shipment.shipped",
    "shipment.tracking_changed",
    "product.backorders_covered",
]
EVENTS = [
    "order_placed",
    "order_imported",
    "order_cancelled",
    "customer_changed",
    "line_added",
    "line_changed",
    "line_removed",
    "line_split",
    "backordered_split",
    "shipment_shipped",
    "shipment_reopened",
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
]
NEW_EVENTS = ["payment_changed", "shop_differs", "shop_settled"]
TABLES = [
    "webhook_attempts",
    "webhook_messages",
    "told_orders",
    "received_deliveries",
    "deliveries",
    "answered_requests",
    "webhooks",
    "connections",
    "api_keys",
]


def _one_of(column: str, words: list[str]) -> str:
    return f"{column} in ({', '.join(repr(word) for word in words)})"


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("window_at", MOMENT, nullable=True),
        sa.Column("used_in_window", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
        **STRICT,
    )
    op.create_table(
        "connections",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(_one_of("kind", SHOPS), name=op.f("ck_connections_connectionkind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("prefix", name=op.f("uq_connections_prefix")),
        **STRICT,
    )
    op.create_table(
        "webhooks",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("previous_secret", sa.String(), nullable=True),
        sa.Column("previous_secret_until", MOMENT, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("disabled_because", sa.String(30), nullable=True),
        sa.CheckConstraint("(disabled_at is null) = (disabled_because is null)", name=op.f("ck_webhooks_disabled")),
        sa.CheckConstraint(_one_of("disabled_because", REASONS), name=op.f("ck_webhooks_disabledbecause")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        **STRICT,
    )
    op.create_table(
        "answered_requests",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("api_key_id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("status", NUMBER, nullable=True),
        sa.Column("headers", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.CheckConstraint("(status is null) = (body is null)", name=op.f("ck_answered_requests_answered")),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], name=op.f("fk_answered_requests_api_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answered_requests")),
        sa.UniqueConstraint("api_key_id", "key", name=op.f("uq_answered_requests_api_key_id_key")),
        **STRICT,
    )
    op.create_index(op.f("ix_answered_requests_began_at"), "answered_requests", ["began_at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("shipment_seq", NUMBER, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_deliveries_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("order_id", "reference", name=op.f("uq_deliveries_order_id_reference")),
        **STRICT,
    )
    op.create_table(
        "received_deliveries",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("connection_id", NUMBER, nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_received_deliveries_connection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_deliveries")),
        sa.UniqueConstraint(
            "connection_id", "delivery_id", name=op.f("uq_received_deliveries_connection_id_delivery_id")
        ),
        **STRICT,
    )
    op.create_index(op.f("ix_received_deliveries_at"), "received_deliveries", ["at"], unique=False)
    op.create_table(
        "told_orders",
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("connection_id", NUMBER, nullable=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_told_orders_connection_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_told_orders_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_told_orders")),
        **STRICT,
    )
    op.create_table(
        "webhook_messages",
        sa.Column("webhook_id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=True),
        sa.Column("event", sa.String(30), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("sentinel", NUMBER, nullable=True),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tried_from", MOMENT, nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("last_answer", sa.String(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(30), nullable=False),
        sa.CheckConstraint(DUE, name=op.f("ck_webhook_messages_due_at")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_webhook_messages_order_id")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_messages_webhook_id")),
        sa.CheckConstraint(_one_of("event", TOLD), name=op.f("ck_webhook_messages_webhookevent")),
        sa.CheckConstraint(_one_of("state", STATES), name=op.f("ck_webhook_messages_messagestate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
        sa.UniqueConstraint("message_id", name=op.f("uq_webhook_messages_message_id")),
        **STRICT,
    )
    op.create_index("ix_webhook_messages_due_at_id", "webhook_messages", ["due_at", "id"], unique=False)
    op.create_index(op.f("ix_webhook_messages_order_id"), "webhook_messages", ["order_id"], unique=False)
    op.create_index(
        "ix_webhook_messages_under_way",
        "webhook_messages",
        ["webhook_id", "order_id", "id"],
        unique=False,
        **_where("due_at is not null"),
    )
    op.create_index("ix_webhook_messages_webhook_id_id", "webhook_messages", ["webhook_id", "id"], unique=False)
    op.create_table(
        "webhook_attempts",
        sa.Column("message_id", NUMBER, nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["webhook_messages.id"], name=op.f("fk_webhook_attempts_message_id")),
        sa.CheckConstraint(_one_of("state", STATES), name=op.f("ck_webhook_attempts_messagestate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
        sa.UniqueConstraint("message_id", "number", name=op.f("uq_webhook_attempts_message_id_number")),
        **STRICT,
    )

    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.add_column(sa.Column("webhook_events", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("events", table_kwargs=STRICT) as events:
        events.drop_constraint(op.f("ck_events_eventkind"), type_="check")
        events.create_check_constraint(op.f("ck_events_eventkind"), _one_of("kind", EVENTS + NEW_EVENTS))
    op.create_index("ix_products_backordered", "products", ["id"], **_where("backordered > 0"))

    # Not in batch mode: SQLite would have to drop the table, which others refer to.
    op.add_column("orders", sa.Column("updated_at", MOMENT, nullable=False, server_default="1970-01-01 00:00:00+00"))
    op.add_column("orders", sa.Column("shop_differences", sa.JSON(), nullable=False, server_default="[]"))
    op.execute(
        "update orders set updated_at = "
        "coalesce((select max(events.at) from events where events.order_id = orders.id), placed_at)"
    )
    op.create_index("ix_orders_updated_at_id", "orders", ["updated_at", "id"])
    op.create_index("ix_orders_status_updated_at_id", "orders", ["status", "updated_at", "id"])


def downgrade() -> None:
    """Lose what integrations were told and told us; what they did to orders stays."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_orders_status_updated_at_id", "orders")
    op.drop_index("ix_orders_updated_at_id", "orders")
    op.drop_index("ix_products_backordered", "products")
    op.drop_column("orders", "updated_at")
    op.drop_column("orders", "shop_differences")
    op.execute("delete from events where kind in ('payment_changed', 'shop_differs', 'shop_settled')")
    with op.batch_alter_table("events", table_kwargs=STRICT) as events:
        events.drop_constraint(op.f("ck_events_eventkind"), type_="check")
        events.create_check_constraint(op.f("ck_events_eventkind"), _one_of("kind", EVENTS))
    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.drop_column("webhook_events")
