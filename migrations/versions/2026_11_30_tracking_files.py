"""Files of tracking codes"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRICT: dict[str, Any] = {"sqlite_strict": True}
ACTORS = ("staff", "customer", "integration", "system")
FINDINGS = (
    *("no_order_number", "no_code", "cut_number", "fault", "not_a_code", "unknown", "several_orders", "closed"),
    *("present", "twice", "several_shipments", "leading_zeros", "check_digit", "elsewhere", "two_orders", "shipped"),
    "outside_batch",
)
DECISIONS = ("take", "leave_out")


def upgrade() -> None:
    op.create_table(
        "tracking_files",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("row_count", NUMBER, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", _enum(ACTORS, "actorkind"), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("user_id", NUMBER, nullable=True),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.Column("within_batch_id", NUMBER, nullable=True),
        sa.Column("batch_id", NUMBER, nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_files")),
        sa.UniqueConstraint("request_key", name=op.f("uq_tracking_files_request_key")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_tracking_files_batch_id")),
        sqlite_autoincrement=True,
        **STRICT,
    )
    op.create_index("ix_tracking_files_created_at", "tracking_files", ["created_at"])
    op.create_index("ix_tracking_files_digest", "tracking_files", ["digest"])
    op.create_table(
        "tracking_file_rows",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("file_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("order_id", NUMBER, nullable=True),
        sa.Column("seq", NUMBER, nullable=True),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("is_sent", sa.Boolean(), nullable=False),
        sa.Column("finding", _enum(FINDINGS, "finding"), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("decision", _enum(DECISIONS, "decision"), nullable=True),
        sa.Column("chosen_seq", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_file_rows")),
        sa.UniqueConstraint("file_id", "number", name=op.f("uq_tracking_file_rows_file_id_number")),
        sa.ForeignKeyConstraint(["file_id"], ["tracking_files.id"], name=op.f("fk_tracking_file_rows_file_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_tracking_file_rows_order_id")),
        sqlite_autoincrement=True,
        **STRICT,
    )
    op.create_index("ix_tracking_file_rows_order_id", "tracking_file_rows", ["order_id"])
    op.create_table(
        "tracking_file_columns",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_tracking_file_columns")),
        **STRICT,
    )


def downgrade() -> None:
    for table in ("tracking_file_columns", "tracking_file_rows", "tracking_files"):
        op.drop_table(table)


def _enum(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)
