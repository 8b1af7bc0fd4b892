"""Locate: what a worker answers to a manager's question, and whose turn it is

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_INDEX, _TABLE = "ix_locate_review_waits", "locate_review"
_HOLDS = sa.text("waits_for IS NOT NULL")
_ASKED_BEFORE = """
UPDATE locate_review SET waits_for = (
    SELECT account_id FROM locate_request WHERE locate_request.id = locate_review.request_id)
WHERE NOT signed_off AND at = (
    SELECT max(newest.at) FROM locate_review AS newest WHERE newest.request_id = locate_review.request_id)
"""


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.add_column(_TABLE, sa.Column("answered_at", moment, nullable=True))
    op.add_column(_TABLE, sa.Column("answer_sealed", sa.LargeBinary(), nullable=True))
    op.add_column(_TABLE, sa.Column("waits_for", sa.Uuid(), nullable=True))
    op.create_index(_INDEX, _TABLE, ["waits_for"], sqlite_where=_HOLDS, postgresql_where=_HOLDS)
    op.execute(_ASKED_BEFORE)


def downgrade() -> None:
    op.drop_index(_INDEX, _TABLE)
    for column in ("waits_for", "answer_sealed", "answered_at"):
        op.drop_column(_TABLE, column)
