"""first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "failed_logins",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_logins")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("failed_logins", schema=None) as batch_op:
        batch_op.create_index("ix_failed_logins_email_at", ["email", "at"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("external_reference", sa.String(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("prices_include_vat", sa.Boolean(), nullable=False),
        sa.Column("rounds_to_whole_kronor", sa.Boolean(), nullable=False),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("customer_company", sa.String(), nullable=True),
        sa.Column("customer_email", sa.String(), nullable=True),
        sa.Column("customer_phone", sa.String(), nullable=True),
        sa.Column("customer_organisation_number", sa.String(), nullable=True),
        sa.Column("billing_address", sa.JSON(), nullable=False),
        sa.Column("shipping_address", sa.JSON(), nullable=False),
        sa.Column("payment_method", sa.String(), nullable=True),
        sa.Column("paid", NUMBER, nullable=False),
        sa.Column("shipping_method", sa.String(), nullable=True),
        sa.Column("shipping_price", NUMBER, nullable=False),
        sa.Column("shipping_vat_rate", NUMBER, nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("last_seq", NUMBER, nullable=False),
        sa.Column("event_count", NUMBER, nullable=False),
        sa.Column("message_count", NUMBER, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ready",
                "backordered",
                "partly_shipped",
                "shipped",
                "cancelled",
                name="orderstatus",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("total", NUMBER, nullable=False),
        sa.Column("units", NUMBER, nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.CheckConstraint("shipping_price >= 0 and paid >= 0", name=op.f("ck_orders_amounts")),
        sa.CheckConstraint("shipping_vat_rate between 0 and 10000", name=op.f("ck_orders_shipping_vat_rate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_orders_external_reference")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index("ix_orders_placed_at_id", ["placed_at", "id"], unique=False)
        batch_op.create_index("ix_orders_status_placed_at_id", ["status", "placed_at", "id"], unique=False)

    op.create_table(
        "products",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("price", NUMBER, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("vat_rate", NUMBER, nullable=False),
        sa.Column("stock", NUMBER, nullable=True),
        sa.Column("reserved", NUMBER, nullable=False),
        sa.Column("backordered", NUMBER, nullable=False),
        sa.Column("backorderable", sa.Boolean(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_products_price")),
        sa.CheckConstraint("reserved >= 0 and backordered >= 0", name=op.f("ck_products_counters")),
        sa.CheckConstraint("vat_rate between 0 and 10000", name=op.f("ck_products_vat_rate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("sku", name=op.f("uq_products_sku")),
        sqlite_strict=True,
    )
    op.create_table(
        "shop",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("number_prefix", sa.String(), nullable=False),
        sa.Column("number_digits", NUMBER, nullable=False),
        sa.Column("next_number", NUMBER, nullable=False),
        sa.Column("mails_order_confirmations", sa.Boolean(), nullable=False),
        sa.Column("mails_delivery_confirmations", sa.Boolean(), nullable=False),
        sa.Column("rounds_to_whole_kronor", sa.Boolean(), nullable=False),
        sa.Column("sender_name", sa.String(), nullable=True),
        sa.Column("sender_email", sa.String(), nullable=True),
        sa.Column("notification_email", sa.String(), nullable=True),
        sa.Column("stock_safety_margin", NUMBER, nullable=False),
        sa.Column("backorderable_by_default", sa.Boolean(), nullable=False),
        sa.Column("carriers", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_shop_only_one")),
        sa.CheckConstraint("number_digits between 3 and 12", name=op.f("ck_shop_number_digits")),
        sa.CheckConstraint("stock_safety_margin >= 0", name=op.f("ck_shop_stock_safety_margin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        sqlite_strict=True,
    )
    op.create_table(
        "users",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("viewer", "staff", "admin", name="role", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sqlite_strict=True,
    )
    op.create_table(
        "comments",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("internal", "customer", name="commentkind", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_comments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comments_order_id"), ["order_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "staff",
                "customer",
                "integration",
                "system",
                name="actorkind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
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
                "backorder_covered",
                "cover_withdrawn",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.Column("sentinel", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_events_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("order_id", "request_key", name=op.f("uq_events_order_id_request_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_order_id_version", ["order_id", "version"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("shipment_reference", sa.String(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "order_confirmation",
                "delivery_confirmation",
                "comment",
                "shop_notification",
                name="messagekind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("caused_by", sa.String(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "retrying",
                "given_up",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("last_answer", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_messages_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("message_id", name=op.f("uq_messages_message_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messages_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_messages_state_due_at", ["state", "due_at"], unique=False)

    op.create_table(
        "shipments",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ready",
                "backordered",
                "shipped",
                name="deliverystatus",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'shipped') = (shipped_at is not null)", name=op.f("ck_shipments_shipped_at")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_shipments_order_id_seq")),
        sqlite_strict=True,
    )
    op.create_table(
        "lines",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shipment_id", NUMBER, nullable=False),
        sa.Column("product_id", NUMBER, nullable=True),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("quantity", NUMBER, nullable=False),
        sa.Column("unit_price", NUMBER, nullable=False),
        sa.Column("vat_rate", NUMBER, nullable=False),
        sa.Column("discount", NUMBER, nullable=False),
        sa.Column("reserved", NUMBER, nullable=False),
        sa.Column("sentinel", NUMBER, nullable=True),
        sa.CheckConstraint("discount between 0 and quantity * unit_price", name=op.f("ck_lines_discount")),
        sa.CheckConstraint("quantity between 1 and 99999", name=op.f("ck_lines_quantity")),
        sa.CheckConstraint("reserved between 0 and quantity", name=op.f("ck_lines_reserved")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_lines_unit_price")),
        sa.CheckConstraint("vat_rate between 0 and 10000", name=op.f("ck_lines_vat_rate")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_lines_product_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipments.id"], name=op.f("fk_lines_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lines")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lines_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lines_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "tracking_codes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("shipment_id", NUMBER, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipments.id"], name=op.f("fk_tracking_codes_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_codes")),
        sa.UniqueConstraint("shipment_id", "code", name=op.f("uq_tracking_codes_shipment_id_code")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("tracking_codes")
    with op.batch_alter_table("lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lines_shipment_id"))
        batch_op.drop_index(batch_op.f("ix_lines_product_id"))

    op.drop_table("lines")
    op.drop_table("shipments")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_state_due_at")
        batch_op.drop_index(batch_op.f("ix_messages_order_id"))

    op.drop_table("messages")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_order_id_version")

    op.drop_table("events")
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comments_order_id"))

    op.drop_table("comments")
    op.drop_table("users")
    op.drop_table("shop")
    op.drop_table("products")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index("ix_orders_status_placed_at_id")
        batch_op.drop_index("ix_orders_placed_at_id")

    op.drop_table("orders")
    with op.batch_alter_table("failed_logins", schema=None) as batch_op:
        batch_op.drop_index("ix_failed_logins_email_at")

    op.drop_table("failed_logins")
