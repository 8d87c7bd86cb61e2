"""The shop's address, which labels have as the sender's"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop", sa.Column("sender_address", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("shop", "sender_address")
