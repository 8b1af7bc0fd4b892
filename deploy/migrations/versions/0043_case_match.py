"""Matches that the case registry makes by itself

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_TABLE = "case_match"
_LEADS_TO = {
    "organization_id": "organization.id",
    "case_id": "registered_case.case_id",
    "person_id": "person.id",
    "matched_case_id": "support_case.id",
    "account_id": "account.id",
}


def _named(column: str) -> str:
    return op.f(f"fk_{_TABLE}_{column}_{_LEADS_TO[column].partition('.')[0]}")


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("matched_case_id", sa.BigInteger(), nullable=False),
        sa.Column("found_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("use", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("use IN ('', 'D', 'U')", name=op.f("ck_case_match_use")),
        *(
            sa.ForeignKeyConstraint([column], [target], name=_named(column))
            for column, target in _LEADS_TO.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_match")),
        sa.UniqueConstraint(
            "case_id",
            "person_id",
            "matched_case_id",
            name=op.f("uq_case_match_case_id_person_id_matched_case_id"),
        ),
    )
    op.create_index("ix_case_match_organization", _TABLE, ["organization_id", "use", "found_at"])
    op.create_index(op.f("ix_case_match_matched_case_id"), _TABLE, ["matched_case_id"])


def downgrade() -> None:
    op.drop_table(_TABLE)
