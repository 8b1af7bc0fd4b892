"""Locate: when the worker who asked last looked at a request

Revision ID: 0035
Revises: 0033
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime, nullable=True)
    op.add_column("locate_request", column)


def downgrade() -> None:
    op.drop_column("locate_request", "seen_at")
