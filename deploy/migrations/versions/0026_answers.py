"""The answers of an organization by time, with how long each took, so that a year of them is counted quickly

Revision ID: 0026
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0030"
branch_labels = None
depends_on = None

_NAME, _ANSWERS = "ix_message_answers", "answered_in IS NOT NULL"


def upgrade() -> None:
    op.drop_index(_NAME, table_name="message")
    op.create_index(
        _NAME,
        "message",
        ["organization_id", "sent_at", "answered_in"],
        sqlite_where=sa.text(_ANSWERS),
        postgresql_where=sa.text(_ANSWERS),
    )


def downgrade() -> None:
    op.drop_index(_NAME, table_name="message")
    op.create_index(_NAME, "message", ["organization_id", "sent_at"])
