"""A user's changes by their number, which no clock can set back"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Not in batch mode: SQLite would have to drop the table, which others refer to.
    op.add_column("users", sa.Column("changes", NUMBER, nullable=False, server_default="0"))
    op.drop_column("users", "changed_at")


def downgrade() -> None:
    op.add_column("users", sa.Column("changed_at", MOMENT, nullable=True))
    op.drop_column("users", "changes")
