"""What packing slips show: the shop's own text and logo, prices, and a form for returns"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = ("slip_text_sv", "slip_text_en", "slip_shows_prices", "slip_has_return_form", "logo")


def upgrade() -> None:
    op.add_column("shop", sa.Column("slip_text_sv", sa.String(), nullable=True))
    op.add_column("shop", sa.Column("slip_text_en", sa.String(), nullable=True))
    op.add_column("shop", sa.Column("slip_shows_prices", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("shop", sa.Column("slip_has_return_form", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("shop", sa.Column("logo", sa.String(), nullable=True))
    op.create_table(
        "logos",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("width", NUMBER, nullable=False),
        sa.Column("height", NUMBER, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logos")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("logos")
    for column in reversed(COLUMNS):
        op.drop_column("shop", column)
