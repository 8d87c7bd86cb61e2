"""mail templates, attempts, and all that became of a message"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STRICT: dict[str, Any] = {"sqlite_strict": True}
IN_NEED = {"postgresql_where": sa.text("needs_attention"), "sqlite_where": sa.text("needs_attention")}

ACTORS = ["staff", "customer", "integration", "system"]
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
    "backorder_covered",
    "cover_withdrawn",
]
NEW_EVENTS = ["message_queued_again", "message_resent", "message_settled"]
KINDS = ["order_confirmation", "delivery_confirmation", "comment", "shop_notification"]
NEW_KINDS = ["order_changed"]
STATES = ["queued", "sending", "sent", "retrying", "given_up"]
NEW_STATES = ["held"]


def _one_of(column: str, words: list[str]) -> str:
    return f"{column} in ({', '.join(repr(word) for word in words)})"


CHECKS = {
    "messagekind": _one_of("kind", KINDS + NEW_KINDS),
    "messagestate": _one_of("state", STATES + NEW_STATES),
    "actorkind": _one_of("caused_by_kind", ACTORS),
    "heldbecause": _one_of("held_because", ["not_automatic", "no_server"]),
    "due_at": "(state in ('queued', 'sending', 'retrying')) = (due_at is not null)",
    "held_because": "(state = 'held') = (held_because is not null)",
}


def upgrade() -> None:
    op.create_table(
        "mail_templates",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=True),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_templates")),
        sa.CheckConstraint(_one_of("kind", KINDS + NEW_KINDS), name=op.f("ck_mail_templates_messagekind")),
        **STRICT,
    )
    op.create_index("ix_mail_templates_kind_language_id", "mail_templates", ["kind", "language", "id"])

    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.add_column(sa.Column("mail_templates", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("events", table_kwargs=STRICT) as events:
        events.drop_constraint(op.f("ck_events_eventkind"), type_="check")
        events.create_check_constraint(op.f("ck_events_eventkind"), _one_of("kind", EVENTS + NEW_EVENTS))

    with op.batch_alter_table("messages", table_kwargs=STRICT) as messages:
        messages.drop_index("ix_messages_state_due_at")
        messages.drop_column("leased_until")
        messages.alter_column("order_id", existing_type=NUMBER, nullable=True)
        messages.alter_column("due_at", existing_type=MOMENT, nullable=True)
        messages.add_column(sa.Column("caused_by_kind", sa.String(30), nullable=False, server_default="staff"))
        messages.add_column(sa.Column("is_test", sa.Boolean(), nullable=False, server_default=sa.false()))
        messages.add_column(sa.Column("remark", sa.String(), nullable=True))
        messages.add_column(sa.Column("search_text", sa.String(), nullable=False, server_default=""))
        messages.add_column(sa.Column("held_because", sa.String(30), nullable=True))
        messages.add_column(sa.Column("tried_from", MOMENT, nullable=True))
        messages.add_column(sa.Column("needs_attention", sa.Boolean(), nullable=False, server_default=sa.false()))

    op.execute("update messages set due_at = null where state in ('sent', 'given_up')")
    op.execute("update messages set tried_from = queued_at")
    op.execute("update messages set search_text = lower(recipient || ' ' || subject)")
    op.execute("update messages set needs_attention = true where state = 'given_up'")
    op.execute("update messages set caused_by_kind = 'integration' where automatic")

    with op.batch_alter_table("messages", table_kwargs=STRICT) as messages:
        for name in ("caused_by_kind", "is_test", "search_text", "needs_attention"):
            messages.alter_column(name, server_default=None)
        messages.alter_column("tried_from", existing_type=MOMENT, nullable=False)
        messages.drop_constraint(op.f("ck_messages_messagekind"), type_="check")
        messages.drop_constraint(op.f("ck_messages_messagestate"), type_="check")
        for name, rule in CHECKS.items():
            messages.create_check_constraint(op.f(f"ck_messages_{name}"), rule)
        messages.create_index("ix_messages_due_at_id", ["due_at", "id"])
        messages.create_index("ix_messages_state_id", ["state", "id"])
        messages.create_index("ix_messages_needs_attention", ["order_id"], **IN_NEED)

    op.create_table(
        "attempts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("message_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_attempts_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("message_id", "number", name=op.f("uq_attempts_message_id_number")),
        sa.CheckConstraint(_one_of("state", STATES + NEW_STATES), name=op.f("ck_attempts_messagestate")),
        **STRICT,
    )


def downgrade() -> None:
    """Lose what the older order desk does not know of: versions of templates, attempts, mails without a word of its."""
    op.drop_table("attempts")
    op.drop_table("mail_templates")
    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.drop_column("mail_templates")
    op.execute("delete from events where kind in ('message_queued_again', 'message_resent', 'message_settled')")
    op.execute("delete from messages where kind = 'order_changed' or state = 'held' or order_id is null or is_test")
    with op.batch_alter_table("events", table_kwargs=STRICT) as events:
        events.drop_constraint(op.f("ck_events_eventkind"), type_="check")
        events.create_check_constraint(op.f("ck_events_eventkind"), _one_of("kind", EVENTS))
    with op.batch_alter_table("messages", table_kwargs=STRICT) as messages:
        for name in ("needs_attention", "state_id", "due_at_id"):
            messages.drop_index(f"ix_messages_{name}")
        for name in CHECKS:
            messages.drop_constraint(op.f(f"ck_messages_{name}"), type_="check")
        messages.create_check_constraint(op.f("ck_messages_messagekind"), _one_of("kind", KINDS))
        messages.create_check_constraint(op.f("ck_messages_messagestate"), _one_of("state", STATES))
        for name in (
            "caused_by_kind",
            "is_test",
            "remark",
            "search_text",
            "held_because",
            "tried_from",
            "needs_attention",
        ):
            messages.drop_column(name)
        messages.add_column(sa.Column("leased_until", MOMENT, nullable=True))
        messages.alter_column("order_id", existing_type=NUMBER, nullable=False)
    op.execute("update messages set due_at = queued_at where due_at is null")
    with op.batch_alter_table("messages", table_kwargs=STRICT) as messages:
        messages.alter_column("due_at", existing_type=MOMENT, nullable=False)
        messages.create_index("ix_messages_state_due_at", ["state", "due_at"])
