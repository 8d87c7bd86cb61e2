"""Running it: the request that an event, a mail or a webhook came from, backups that were made, and living processes

Each column may be null and each table is new, so that the order desk before this one serves on while it is applied.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STRICT: dict[str, Any] = {"sqlite_strict": True}
OF_A_REQUEST = ("account_mails", "batches", "events", "messages", "webhook_messages")


def upgrade() -> None:
    for table in OF_A_REQUEST:
        op.add_column(table, sa.Column("request_id", sa.String(), nullable=True))
    op.create_table(
        "backups",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("size", NUMBER, nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backups")),
        **STRICT,
    )
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeats")),
        **STRICT,
    )


def downgrade() -> None:
    op.drop_table("heartbeats")
    op.drop_table("backups")
    for table in OF_A_REQUEST:
        op.drop_column(table, "request_id")
