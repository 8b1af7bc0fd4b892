"""The files of one name, newest first: without the time in the index SQLite reads the whole folder for one name

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NAMED = ["organization_id", "direction", "program", "filename"]


def upgrade() -> None:
    op.drop_index("ix_transfer_name", "transfer")
    op.create_index("ix_transfer_name", "transfer", [*_NAMED, "created_at"])


def downgrade() -> None:
    op.drop_index("ix_transfer_name", "transfer")
    op.create_index("ix_transfer_name", "transfer", _NAMED)
