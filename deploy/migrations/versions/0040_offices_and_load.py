"""Indexes by which the threads of an office and the load of a shared inbox are read

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_thread_side_office": (
        ["organization_id", "office_id", "archived", "last_at", "thread_id"],
        sa.text("office_id IS NOT NULL"),
    ),
    "ix_thread_side_load": (
        [
            "organization_id",
            "archived",
            "closed",
            "topic",
            "office_id",
            "assigned_to",
            "due_on",
            "waiting_since",
        ],
        sa.text("waiting_since IS NOT NULL"),
    ),
}


def upgrade() -> None:
    for name, (columns, holds) in _INDEXES.items():
        op.create_index(name, "thread_side", columns, sqlite_where=holds, postgresql_where=holds)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "thread_side")
