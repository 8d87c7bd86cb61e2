"""Who has which order open"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLACES = ("line", "shipment", "customer", "comment", "product")
STRICT: dict[str, Any] = {"sqlite_strict": True}


def upgrade() -> None:
    op.create_table(
        "presences",
        sa.Column("order_id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("place", sa.Enum(*PLACES, name="place", native_enum=False, create_constraint=True, length=30)),
        sa.Column("place_id", NUMBER, nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "user_id", name=op.f("pk_presences")),
        **STRICT,
    )
    op.create_index("ix_presences_seen_at", "presences", ["seen_at"])


def downgrade() -> None:
    op.drop_table("presences")
