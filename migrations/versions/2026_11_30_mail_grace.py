"""Confirmations wait before they go, and can be withdrawn with the change that caused them"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATES = "'queued', 'sending', 'sent', 'retrying', 'given_up', 'held'"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    grace = sa.Column("mail_grace_seconds", NUMBER, nullable=False, server_default="30")
    with op.batch_alter_table("shop", table_kwargs={"sqlite_strict": True}) as shop:
        shop.add_column(grace)
        shop.create_check_constraint(op.f("ck_shop_mail_grace_seconds"), "mail_grace_seconds between 0 and 300")
    with op.batch_alter_table("messages", table_kwargs={"sqlite_strict": True}) as messages:
        messages.add_column(sa.Column("order_version", NUMBER, nullable=True))
        messages.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        messages.add_column(sa.Column("withdrawn_by", sa.String(), nullable=True))
        messages.drop_constraint(op.f("ck_messages_messagestate"), type_="check")
        # Webhooks, mails to users and attempts have the same states, but are never withdrawn.
        messages.create_check_constraint(op.f("ck_messages_messagestate"), f"state in ({STATES}, 'withdrawn')")
        messages.create_check_constraint(
            op.f("ck_messages_withdrawn_at"), "(state = 'withdrawn') = (withdrawn_at is not null)"
        )


def downgrade() -> None:
    """Lose who withdrew mails: an older order desk has them as given up."""
    op.execute("update messages set withdrawn_at = null, state = 'given_up' where state = 'withdrawn'")
    with op.batch_alter_table("messages", table_kwargs={"sqlite_strict": True}) as messages:
        messages.drop_constraint(op.f("ck_messages_withdrawn_at"), type_="check")
        messages.drop_constraint(op.f("ck_messages_messagestate"), type_="check")
        messages.create_check_constraint(op.f("ck_messages_messagestate"), f"state in ({STATES})")
        for column in ("withdrawn_by", "withdrawn_at", "order_version"):
            messages.drop_column(column)
    with op.batch_alter_table("shop", table_kwargs={"sqlite_strict": True}) as shop:
        shop.drop_constraint(op.f("ck_shop_mail_grace_seconds"), type_="check")
        shop.drop_column("mail_grace_seconds")
