"""The SHA-1 of the keys whose certificates came, by which revocation lists may name them

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("certificate_use", sa.Column("sha_1", sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("certificate_use", schema=None) as batch_op:
        batch_op.drop_column("sha_1")
