"""The text index of PostgreSQL has orders in narrow partitions, for frequent words, and in wide ones, for rare words

The index is built anew, and orders cannot be changed meanwhile.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BUILD = "create index ix_order_search_words on order_search using gin ({}, words gin_trgm_ops) with (fastupdate = off)"


def upgrade() -> None:
    _build_index("(order_id >> 12), (order_id >> 15), (order_id >> 18)")


def downgrade() -> None:
    _build_index("(order_id >> 16)")


def _build_index(partitions: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("set local maintenance_work_mem = '512MB'")
        op.execute("drop index ix_order_search_words")
        op.execute(BUILD.format(partitions))
