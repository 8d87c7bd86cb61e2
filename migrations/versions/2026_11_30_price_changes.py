"""What a line was sold at, where staff changed its price since"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lines", sa.Column("price_change", sa.JSON()))


def downgrade() -> None:
    op.drop_column("lines", "price_change")
