"""The highest sum that the customer of an order approved, and the user who made a change of an order"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("events", sa.Column("user_id", NUMBER, nullable=True))


def downgrade() -> None:
    op.drop_column("events", "user_id")
