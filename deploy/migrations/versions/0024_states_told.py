"""What states are still to be told of employers, and how often organizations want mail

Revision ID: 0024
Revises: 0021
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0024"
down_revision = "0021"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "employer_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("sort", Text(), nullable=False),
        sa.Column("purpose", Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("told_at", Moment(), nullable=True),
        sa.CheckConstraint("sort IN ('address', 'contact')", name=op.f("ck_employer_change_sort")),
        _of_organization("employer_change"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_change")),
    )
    op.create_index("ix_employer_change_waiting", "employer_change", ["told_at", "at"])
    op.create_table(
        "mail_rhythm",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("rhythm", Text(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.CheckConstraint("rhythm IN ('at_once', 'daily', 'none')", name=op.f("ck_mail_rhythm_rhythm")),
        _of_organization("mail_rhythm"),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_mail_rhythm")),
    )


def _of_organization(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_organization_id_organization")
    return sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=name)


def downgrade() -> None:
    op.drop_table("mail_rhythm")
    op.drop_index("ix_employer_change_waiting", "employer_change")
    op.drop_table("employer_change")
