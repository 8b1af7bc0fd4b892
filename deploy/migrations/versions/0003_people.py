"""People: invited accounts, administrators of organizations, letters

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('access_visitation', 'employer', 'federal_agency', 'financial_institution', 'insurer', "
    "'international', 'ocss', {more}'state', 'transmitter', 'tribe')"
)


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recipient_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index("ix_letter_waiting", "letter", ["sent_at"])
    op.create_table(
        "activation",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_activation_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_activation")),
    )
    _constrain("organization", "kind", _KINDS.format(more="'processor', 'research_partner', "))
    _constrain("account", "status", "status IN ('active', 'inactive', 'invited', 'removed', 'suspended')")
    with op.batch_alter_table("account") as account:
        account.add_column(
            sa.Column("administrator", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        account.add_column(sa.Column("subject_hash", sa.LargeBinary(), nullable=True))
        account.add_column(sa.Column("signed_in_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        account.add_column(sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        account.alter_column("password_hash", existing_type=sa.String(), nullable=True)
        account.alter_column("totp_sealed", existing_type=sa.LargeBinary(), nullable=True)
        account.create_unique_constraint(op.f("uq_account_subject_hash"), ["subject_hash"])
    with op.batch_alter_table("account") as account:
        account.alter_column("administrator", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.drop_constraint(op.f("uq_account_subject_hash"), type_="unique")
        account.alter_column("totp_sealed", existing_type=sa.LargeBinary(), nullable=False)
        account.alter_column("password_hash", existing_type=sa.String(), nullable=False)
        for column in ("confirmed_at", "signed_in_at", "subject_hash", "administrator"):
            account.drop_column(column)
    _constrain("account", "status", "status IN ('active', 'suspended')")
    _constrain("organization", "kind", _KINDS.format(more=""))
    op.drop_table("activation")
    op.drop_table("letter")


def _constrain(table: str, column: str, rule: str) -> None:
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
        changed.create_check_constraint(op.f(f"ck_{table}_{column}"), rule)
