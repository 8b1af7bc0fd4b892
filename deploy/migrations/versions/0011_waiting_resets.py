"""Second-factor resets that two people agreed to wait before they happen, and can be stopped

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BEFORE = ("approved", "refused", "waiting")
AFTER = ("agreed", "approved", "lapsed", "refused", "stopped", "waiting", "withdrawn")


def upgrade() -> None:
    with op.batch_alter_table("dual_control") as decision:
        decision.add_column(sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    _allow(AFTER)


def downgrade() -> None:
    # What had not happened does not happen: an earlier release knows no waiting.
    op.execute(
        "UPDATE dual_control SET state = 'refused' WHERE state NOT IN ('approved', 'refused', 'waiting')"
    )
    _allow(BEFORE)
    with op.batch_alter_table("dual_control") as decision:
        decision.drop_column("due_at")


def _allow(states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table("dual_control") as decision:
        decision.drop_constraint(op.f("ck_dual_control_state"), type_="check")
        decision.create_check_constraint(op.f("ck_dual_control_state"), f"state IN ({listed})")
