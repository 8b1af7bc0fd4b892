"""Credentials: recovery codes, passkeys, tickets between pages, known devices, reminders

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id_account")
    )


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        _owner("recovery_code"),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("last_used_at", moment(), nullable=True),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        _owner("passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"])
    op.create_table(
        "ticket",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        _owner("ticket"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_ticket")),
    )
    op.create_index(op.f("ix_ticket_account_id"), "ticket", ["account_id"])
    op.create_index(op.f("ix_ticket_expires_at"), "ticket", ["expires_at"])
    op.create_table(
        "known_device",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", moment(), nullable=False),
        _owner("known_device"),
        sa.PrimaryKeyConstraint("account_id", "token_hash", name=op.f("pk_known_device")),
    )
    op.create_table(
        "reminder",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sent_at", moment(), nullable=False),
        _owner("reminder"),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_reminder")),
        sa.CheckConstraint("kind IN ('confirm', 'idle')", name=op.f("ck_reminder_kind")),
    )
    op.add_column("web_session", sa.Column("proven_at", moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("web_session") as changed:
        changed.drop_column("proven_at")
    for table in ("reminder", "known_device", "ticket", "passkey", "recovery_code"):
        op.drop_table(table)
