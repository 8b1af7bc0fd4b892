"""Cases that agencies keep by file, and locate requests that came by file

Revision ID: 0037
Revises: 0035
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0037"
down_revision = "0035"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = ("locate_told", "locate_filed", "registry_turn", "registered_part", "registered_case")


def upgrade() -> None:
    _registered_case()
    _registered_part()
    _registry_turn()
    _locate_filed()
    _locate_told()


def _registered_case() -> None:
    op.create_table(
        "registered_case",
        sa.Column("case_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("number", Text(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("ordered", sa.Boolean(), nullable=False),
        sa.Column("county", Text(), nullable=False),
        sa.CheckConstraint("kind IN ('F', 'N')", name=op.f("ck_registered_case_kind")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["support_case.id"], name=op.f("fk_registered_case_case_id_support_case")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_registered_case_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_registered_case")),
        sa.UniqueConstraint(
            "organization_id", "number", name=op.f("uq_registered_case_organization_id_number")
        ),
    )


def _registered_part() -> None:
    op.create_table(
        "registered_part",
        sa.Column("case_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("part", Text(), nullable=False),
        sa.Column("ssn_hash", sa.LargeBinary(), nullable=True),
        sa.Column("member_hash", sa.LargeBinary(), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("violence", sa.Boolean(), nullable=False),
        sa.CheckConstraint("part IN ('CH', 'CP', 'NP', 'PF')", name=op.f("ck_registered_part_part")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["registered_case.case_id"], name=op.f("fk_registered_part_case_id_registered_case")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_registered_part_person_id_person")
        ),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_registered_part")),
    )
    op.create_index(op.f("ix_registered_part_person_id"), "registered_part", ["person_id"])


def _registry_turn() -> None:
    op.create_table(
        "registry_turn",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_registry_turn_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_registry_turn")),
    )


def _locate_filed() -> None:
    op.create_table(
        "locate_filed",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["locate_request.id"], name=op.f("fk_locate_filed_request_id_locate_request")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_locate_filed_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_locate_filed")),
    )
    op.create_index(op.f("ix_locate_filed_transfer_id"), "locate_filed", ["transfer_id"])


def _locate_told() -> None:
    op.create_table(
        "locate_told",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["locate_answer.id"], name=op.f("fk_locate_told_answer_id_locate_answer")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_locate_told_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_locate_told")),
    )
    op.create_index(op.f("ix_locate_told_transfer_id"), "locate_told", ["transfer_id"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
