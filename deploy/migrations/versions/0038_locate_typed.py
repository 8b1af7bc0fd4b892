"""Locate: by what a request is known again that a search had found somebody for

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_INDEX = "ix_locate_request_typed"


def upgrade() -> None:
    op.add_column("locate_request", sa.Column("typed_hash", sa.LargeBinary(), nullable=True))
    op.create_index(_INDEX, "locate_request", ["organization_id", "typed_hash", "created_at"])


def downgrade() -> None:
    op.drop_index(_INDEX, "locate_request")
    op.drop_column("locate_request", "typed_hash")
