"""An index of the webhook messages that retention deletes"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_webhook_messages_state_queued_at", "webhook_messages", ["state", "queued_at"])


def downgrade() -> None:
    op.drop_index("ix_webhook_messages_state_queued_at", "webhook_messages")
