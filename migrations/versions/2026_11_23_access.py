"""Users of hosts, the second factor, the access log, mails with links for users, and the erasure of personal data"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STRICT: dict[str, Any] = {"sqlite_strict": True}
DUE = "(state in ('queued', 'sending', 'retrying')) = (due_at is not null)"

ROLES = ["viewer", "staff", "admin"]
ROLES_NOW = ["viewer", "warehouse", "staff", "admin"]
STATES = ["queued", "sending", "sent", "retrying", "given_up", "held"]
MAILS = ["invitation", "reset"]
ENTRIES = [
    "signed_in",
    "sign_in_refused",
    "signed_out",
    "request_refused",
    "settings_changed",
    "user_changed",
    "personal_data",
]
EVENTS = [
    "order_placed",
    "order_imported",
    "order_cancelled",
    "customer_changed",
    "line_added",
    "line_changed",
    "line_removed",
    "line_split",
    "backordered_split",
    "shipment_shipped",
    "shipment_reopened",
    "status_set",
    "tracking_added",
    "tracking_removed",
    "comment_added",
    "confirmation_sent",
    "message_queued_again",
    "message_resent",
    "message_settled",
    "backorder_covered",
    "cover_withdrawn",
    "payment_changed",
    "shop_differs",
    "shop_settled",
]
NEW_EVENT = "personal_data_erased"


def _one_of(column: str, words: list[str]) -> str:
    return f"{column} in ({', '.join(repr(word) for word in words)})"


def upgrade() -> None:
    with op.batch_alter_table("users", table_kwargs=STRICT) as users:
        users.alter_column("email", existing_type=sa.String(), nullable=True)
        users.add_column(sa.Column("host", sa.String(), nullable=True))
        users.add_column(sa.Column("subject", sa.String(), nullable=True))
        users.add_column(sa.Column("signed_in_at", MOMENT, nullable=True))
        users.add_column(sa.Column("second_factor", sa.String(), nullable=True))
        users.add_column(sa.Column("second_factor_step", NUMBER, nullable=True))
        users.add_column(sa.Column("recovery_codes", sa.JSON(), nullable=False, server_default="[]"))
        users.drop_constraint(op.f("ck_users_role"), type_="check")
        users.create_check_constraint(op.f("ck_users_role"), _one_of("role", ROLES_NOW))
        users.create_check_constraint(op.f("ck_users_host"), "(host is null) = (subject is null)")
        users.create_check_constraint(op.f("ck_users_email"), "email is not null or host is not null")
        users.create_unique_constraint(op.f("uq_users_host_subject"), ["host", "subject"])
    op.create_index("ix_failed_logins_address_at", "failed_logins", ["address", "at"])
    op.create_table(
        "used_tokens",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_tokens")),
        sa.UniqueConstraint("host", "token_id", name=op.f("uq_used_tokens_host_token_id")),
        **STRICT,
    )
    op.create_index("ix_used_tokens_until", "used_tokens", ["until"])
    op.create_table(
        "access_log",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("user_id", NUMBER, nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.CheckConstraint(_one_of("kind", ENTRIES), name=op.f("ck_access_log_accesskind")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_access_log_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
        **STRICT,
    )
    op.create_index("ix_access_log_at", "access_log", ["at"])
    op.create_index("ix_access_log_kind_id", "access_log", ["kind", "id"])
    op.create_table(
        "account_mails",
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("caused_by", sa.String(), nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tried_from", MOMENT, nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("last_answer", sa.String(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(30), nullable=False),
        sa.CheckConstraint(DUE, name=op.f("ck_account_mails_due_at")),
        sa.CheckConstraint(_one_of("kind", MAILS), name=op.f("ck_account_mails_accountmailkind")),
        sa.CheckConstraint(_one_of("state", STATES), name=op.f("ck_account_mails_messagestate")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_account_mails_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_account_mails_message_id")),
        **STRICT,
    )
    op.create_index("ix_account_mails_due_at_id", "account_mails", ["due_at", "id"])
    op.create_index("ix_account_mails_user_id_id", "account_mails", ["user_id", "id"])

    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.add_column(sa.Column("requires_second_factor", sa.Boolean(), nullable=False, server_default=sa.false()))
        shop.add_column(sa.Column("personal_data_months", NUMBER, nullable=True))
        shop.add_column(sa.Column("bookkeeping_years", NUMBER, nullable=False, server_default="7"))
        shop.create_check_constraint(op.f("ck_shop_personal_data_months"), "personal_data_months > 0")
        shop.create_check_constraint(op.f("ck_shop_bookkeeping_years"), "bookkeeping_years between 0 and 30")
    with op.batch_alter_table("events", table_kwargs=STRICT) as events:
        events.drop_constraint(op.f("ck_events_eventkind"), type_="check")
        events.create_check_constraint(op.f("ck_events_eventkind"), _one_of("kind", [*EVENTS, NEW_EVENT]))
    # Not in batch mode: SQLite would have to drop the table, which others refer to.
    op.add_column("orders", sa.Column("personal_data_erased_at", MOMENT, nullable=True))


def downgrade() -> None:
    """Lose the access log and the users of hosts; what was erased stays so, and warehouse workers may only look."""
    for table in ("account_mails", "access_log", "used_tokens"):
        op.drop_table(table)
    op.drop_column("orders", "personal_data_erased_at")
    op.execute(f"delete from events where kind = '{NEW_EVENT}'")  # noqa: S608
    with op.batch_alter_table("events", table_kwargs=STRICT) as events:
        events.drop_constraint(op.f("ck_events_eventkind"), type_="check")
        events.create_check_constraint(op.f("ck_events_eventkind"), _one_of("kind", EVENTS))
    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.drop_constraint(op.f("ck_shop_personal_data_months"), type_="check")
        shop.drop_constraint(op.f("ck_shop_bookkeeping_years"), type_="check")
        for column in ("requires_second_factor", "personal_data_months", "bookkeeping_years"):
            shop.drop_column(column)
    op.drop_index("ix_failed_logins_address_at", "failed_logins")
    op.execute("delete from users where email is null")
    op.execute("update users set role = 'viewer' where role = 'warehouse'")
    with op.batch_alter_table("users", table_kwargs=STRICT) as users:
        users.drop_constraint(op.f("uq_users_host_subject"), type_="unique")
        for check in ("role", "host", "email"):
            users.drop_constraint(op.f(f"ck_users_{check}"), type_="check")
        users.create_check_constraint(op.f("ck_users_role"), _one_of("role", ROLES))
        columns = ("host", "subject", "signed_in_at", "second_factor", "second_factor_step", "recovery_codes")
        for column in columns:
            users.drop_column(column)
        users.alter_column("email", existing_type=sa.String(), nullable=False)
