"""An index by which the threads of one topic are read that one person has

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_NAME, _HOLDS = "ix_thread_side_assigned_topic", sa.text("assigned_to IS NOT NULL")
_COLUMNS = ["organization_id", "assigned_to", "topic", "archived", "last_at", "thread_id"]


def upgrade() -> None:
    op.create_index(_NAME, "thread_side", _COLUMNS, sqlite_where=_HOLDS, postgresql_where=_HOLDS)


def downgrade() -> None:
    op.drop_index(_NAME, "thread_side")
