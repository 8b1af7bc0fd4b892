"""Locate requests of files that are still to be made

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_TABLE = "locate_planned"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("same_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("planned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_locate_planned_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_locate_planned_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locate_planned")),
        sa.UniqueConstraint(
            "organization_id", "same_hash", name=op.f("uq_locate_planned_organization_id_same_hash")
        ),
    )
    op.create_index(op.f("ix_locate_planned_transfer_id"), _TABLE, ["transfer_id"])


def downgrade() -> None:
    op.drop_table(_TABLE)
