"""Saved views that users have above the list"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pinned_views",
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("view_id", NUMBER, nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "view_id", name=op.f("pk_pinned_views")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_pinned_views_user_id")),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_views.id"], name=op.f("fk_pinned_views_view_id"), ondelete="CASCADE"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_pinned_views_view_id", "pinned_views", ["view_id"])


def downgrade() -> None:
    op.drop_table("pinned_views")
