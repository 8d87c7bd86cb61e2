"""Who packs which shipment, and what is scanned into it"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = ("packing", "shipped", "left")
SCANS = ("units", "code", "new_parcel", "asked_to_ship", "asked_for_missing", "split_off", "read_again", "undone")
BEING_PACKED = sa.text("state = 'packing'")
STRICT: dict[str, Any] = {"sqlite_strict": True}


def upgrade() -> None:
    op.add_column("shop", sa.Column("slip_has_commands", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "packing_sessions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("batch_id", NUMBER, nullable=True),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("state", _enum(STATES, "packingstate"), nullable=False),
        sa.Column("order_version", NUMBER, nullable=False),
        sa.Column("ships_when_scanned", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packing_sessions")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_packing_sessions_order_id")),
        sqlite_autoincrement=True,
        **STRICT,
    )
    op.create_index(
        "ix_packing_sessions_order_id_seq",
        "packing_sessions",
        ["order_id", "seq"],
        unique=True,
        sqlite_where=BEING_PACKED,
        postgresql_where=BEING_PACKED,
    )
    op.create_index("ix_packing_sessions_user_id", "packing_sessions", ["user_id"])
    op.create_index("ix_packing_sessions_seen_at", "packing_sessions", ["seen_at"])
    op.create_table(
        "packing_lines",
        sa.Column("session_id", NUMBER, nullable=False),
        sa.Column("line_id", NUMBER, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("quantity", NUMBER, nullable=False),
        sa.Column("packed", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "line_id", name=op.f("pk_packing_lines")),
        sa.ForeignKeyConstraint(["session_id"], ["packing_sessions.id"], name=op.f("fk_packing_lines_session_id")),
        sa.CheckConstraint("quantity between 1 and 99999", name=op.f("ck_packing_lines_quantity")),
        sa.CheckConstraint("packed between 0 and quantity", name=op.f("ck_packing_lines_packed")),
        **STRICT,
    )
    op.create_table(
        "packing_scans",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("session_id", NUMBER, nullable=False),
        sa.Column("kind", _enum(SCANS, "scankind"), nullable=False),
        sa.Column("line_id", NUMBER, nullable=True),
        sa.Column("units", NUMBER, nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("carrier", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packing_scans")),
        sa.UniqueConstraint("session_id", "request_key", name=op.f("uq_packing_scans_session_id_request_key")),
        sa.ForeignKeyConstraint(["session_id"], ["packing_sessions.id"], name=op.f("fk_packing_scans_session_id")),
        **STRICT,
    )


def downgrade() -> None:
    op.drop_table("packing_scans")
    op.drop_table("packing_lines")
    op.drop_table("packing_sessions")
    op.drop_column("shop", "slip_has_commands")


def _enum(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)
