"""What was reported already, which file corrects which, and which of its rows

Revision ID: 0021
Revises: 0023
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0021"
down_revision = "0023"
branch_labels = None
depends_on = None

_CORRECTS = "fk_transfer_corrects_transfer"


def upgrade() -> None:
    with op.batch_alter_table("transfer") as transfer:
        transfer.add_column(sa.Column("corrects", sa.Uuid(), nullable=True))
        transfer.create_foreign_key(op.f(_CORRECTS), "transfer", ["corrects"], ["id"])
        transfer.create_index(op.f("ix_transfer_corrects"), ["corrects"])
    op.create_table(
        "reported",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("program", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("scope", sa.LargeBinary(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=True),
        sa.Column("blob_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        _belongs("reported", "transfer_id", "transfer"),
        _belongs("reported", "organization_id", "organization"),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_reported")),
    )
    op.create_index("ix_reported_scope", "reported", ["organization_id", "program", "scope"])
    op.create_index(op.f("ix_reported_blob_id"), "reported", ["blob_id"])
    op.create_table(
        "corrected_row",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Uuid(), nullable=False),
        _belongs("corrected_row", "transfer_id", "transfer"),
        _belongs("corrected_row", "correction_id", "transfer"),
        sa.PrimaryKeyConstraint("transfer_id", "line", name=op.f("pk_corrected_row")),
    )
    op.create_index(op.f("ix_corrected_row_correction_id"), "corrected_row", ["correction_id"])


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def downgrade() -> None:
    op.drop_table("corrected_row")
    op.drop_table("reported")
    with op.batch_alter_table("transfer") as transfer:
        transfer.drop_index(op.f("ix_transfer_corrects"))
        transfer.drop_constraint(op.f(_CORRECTS), type_="foreignkey")
        transfer.drop_column("corrects")
