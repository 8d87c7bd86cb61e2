"""What other shops tell of an order besides its lines, and a log of their calls"""

from typing import Any
from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
STRICT: dict[str, Any] = {"sqlite_strict": True}
OUTCOMES = ("placed", "updated", "unchanged", "ignored", "not_taken")

EVENTS = (
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
    "payment_changed",
    "shop_differs",
    "shop_settled",
    "personal_data_erased",
)
NEW_EVENTS = ("order_restored", "shipment_delivered")


def columns() -> dict[str, list[sa.Column[Any]]]:
    """The new columns of each table."""
    return {
        "orders": [
            sa.Column("shop_number", SORTED, nullable=True),
            sa.Column("is_test", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("customer_unusable_email", sa.String(), nullable=True),
            sa.Column("refunded", NUMBER, nullable=False, server_default="0"),
            sa.Column("written_off", NUMBER, nullable=False, server_default="0"),
            sa.Column("payments", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("charges", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("vat_corrections", sa.JSON(), nullable=False, server_default="{}"),
            sa.Column("attributes", sa.JSON(), nullable=False, server_default="[]"),
        ],
        "lines": [
            sa.Column("properties", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("bundle", sa.String(), nullable=True),
            sa.Column("units_per_bundle", NUMBER, nullable=True),
        ],
        "products": [sa.Column("sku_key", sa.String(), nullable=False, server_default="")],
        "shipments": [sa.Column("delivered_at", MOMENT, nullable=True)],
        "tracking_codes": [sa.Column("delivered_at", MOMENT, nullable=True)],
        "connections": [
            sa.Column("time_zone", sa.String(), nullable=True),
            sa.Column("status_map", sa.JSON(), nullable=False, server_default="{}"),
            sa.Column("mail_max_age_days", NUMBER, nullable=False, server_default="30"),
            sa.Column("uses_shop_number", sa.Boolean(), nullable=False, server_default=sa.false()),
        ],
        "shop": [
            sa.Column("incoming_call_days", NUMBER, nullable=False, server_default="30"),
            sa.Column("nordic_mail_language", sa.String(), nullable=False, server_default="sv"),
            sa.Column("other_mail_language", sa.String(), nullable=False, server_default="en"),
        ],
    }


def upgrade() -> None:
    # Not in batch mode: SQLite would have to drop tables that others refer to.
    for table, added in columns().items():
        for column in added:
            op.add_column(table, column)
    _fill_sku_keys()
    op.create_index("ix_products_sku_key", "products", ["sku_key"])
    _constrain_events(EVENTS + NEW_EVENTS)
    op.create_table(
        "incoming_calls",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("connection_id", NUMBER, nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("order_id", NUMBER, nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(*OUTCOMES, name="calloutcome", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("retried_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_calls")),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_incoming_calls_connection_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_incoming_calls_order_id")),
        **STRICT,
    )
    op.create_index("ix_orders_shop_number", "orders", ["shop_number"])
    op.create_index("ix_incoming_calls_received_at_id", "incoming_calls", ["received_at", "id"])
    op.create_index("ix_incoming_calls_order_id", "incoming_calls", ["order_id"])
    op.create_index("ix_incoming_calls_outcome_id", "incoming_calls", ["outcome", "id"])


def downgrade() -> None:
    op.drop_table("incoming_calls")
    op.drop_index("ix_orders_shop_number", "orders")
    op.drop_index("ix_products_sku_key", "products")
    op.execute(f"delete from events where kind in {NEW_EVENTS}")  # noqa: S608
    _constrain_events(EVENTS)
    for table, added in columns().items():
        for column in reversed(added):
            op.drop_column(table, column.name)


def _fill_sku_keys() -> None:
    products = sa.table("products", sa.column("id", sa.Integer()), sa.column("sku", sa.String()), sa.column("sku_key"))
    rows = op.get_bind().execute(sa.select(products.c.id, products.c.sku)).all()
    if rows:
        statement = products.update().where(products.c.id == sa.bindparam("row")).values(sku_key=sa.bindparam("key"))
        keys = [{"row": row.id, "key": "".join(normalize("NFKC", row.sku).casefold().split())} for row in rows]
        op.get_bind().execute(statement, keys)


def _constrain_events(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("events", table_kwargs=STRICT) as events:
        events.drop_constraint(op.f("ck_events_eventkind"), type_="check")
        events.create_check_constraint(op.f("ck_events_eventkind"), f"kind in {kinds}")
