"""An index that overdue answers are read by

Revision ID: 0031
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0026"
branch_labels = None
depends_on = None

_NAME, _OWING = "ix_thread_side_overdue", sa.text("waiting_since IS NOT NULL")


def upgrade() -> None:
    columns = ["organization_id", "archived", "due_on"]
    op.create_index(_NAME, "thread_side", columns, sqlite_where=_OWING, postgresql_where=_OWING)


def downgrade() -> None:
    op.drop_index(_NAME, "thread_side")
