"""Mails that were not delivered, and tests of mails, by indexes that SQLite uses as well"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_messages_needs_attention"), "messages")
    op.create_index(op.f("ix_messages_needs_attention"), "messages", ["id"], **_only_where("needs_attention"))
    op.create_index(op.f("ix_messages_is_test"), "messages", ["id"], **_only_where("is_test"))


def downgrade() -> None:
    op.drop_index(op.f("ix_messages_is_test"), "messages")
    op.drop_index(op.f("ix_messages_needs_attention"), "messages")
    where = sa.text("needs_attention")
    op.create_index(
        op.f("ix_messages_needs_attention"), "messages", ["order_id"], postgresql_where=where, sqlite_where=where
    )


def _only_where(flag: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(flag), "sqlite_where": sa.text(f"{flag} = 1")}
