"""When an account accepted the rules of behavior, and which version

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("rules_version", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        account.add_column(sa.Column("rules_accepted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.drop_column("rules_accepted_at")
        account.drop_column("rules_version")
