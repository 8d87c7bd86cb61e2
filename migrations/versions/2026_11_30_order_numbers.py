"""Order numbers come from a sequence on PostgreSQL, so that orders placed at once do not wait for each other"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("create sequence order_numbers start with 100001")
        op.execute("select setval('order_numbers', next_number, false) from shop")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("update shop set next_number = nextval('order_numbers')")
        op.execute("drop sequence order_numbers")
