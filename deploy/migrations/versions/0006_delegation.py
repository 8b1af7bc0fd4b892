"""Delegation: scopes, revoked credentials, networks, contacts, mandates, acts of two people

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_policy")),
    )
    op.create_table(
        "address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("street", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("city", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("zip", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('medical', 'office', 'withholding')", name=op.f("ck_address_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_address_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint("organization_id", "purpose", name=op.f("uq_address_organization_id_purpose")),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("telephone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('files', 'lump_sum', 'matching', 'security', 'withholding')",
            name=op.f("ck_contact_purpose"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_contact_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("organization_id", "purpose", name=op.f("uq_contact_organization_id_purpose")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "subsidiary",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fein_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("fein_hash", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("verified_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_subsidiary_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidiary")),
        sa.UniqueConstraint(
            "organization_id", "fein_hash", name=op.f("uq_subsidiary_organization_id_fein_hash")
        ),
    )
    with op.batch_alter_table("subsidiary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subsidiary_fein_hash"), ["fein_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_subsidiary_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "dual_control",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("choice", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lapses_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "act IN ('appoint_administrator', 'change_unmasking', 'reset_second_factor')",
            name=op.f("ck_dual_control_act"),
        ),
        sa.CheckConstraint("state IN ('approved', 'refused', 'waiting')", name=op.f("ck_dual_control_state")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_dual_control_asked_by_account")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_dual_control_decided_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_dual_control_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dual_control")),
    )
    with op.batch_alter_table("dual_control", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_dual_control_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_dual_control_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "mandate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transmitter_id", sa.Uuid(), nullable=False),
        sa.Column("fein_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("fein_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('agreed', 'declined', 'waiting', 'withdrawn')", name=op.f("ck_mandate_state")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_mandate_asked_by_account")),
        sa.ForeignKeyConstraint(
            ["transmitter_id"], ["organization.id"], name=op.f("fk_mandate_transmitter_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    with op.batch_alter_table("mandate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mandate_fein_hash"), ["fein_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_mandate_transmitter_id"), ["transmitter_id"], unique=False)

    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scopes", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source_networks", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))

    with op.batch_alter_table("ssh_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ssh_key", schema=None) as batch_op:
        batch_op.drop_column("revoked_at")

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("source_networks")

    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_column("revoked_at")
        batch_op.drop_column("scopes")

    with op.batch_alter_table("mandate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mandate_transmitter_id"))
        batch_op.drop_index(batch_op.f("ix_mandate_fein_hash"))

    op.drop_table("mandate")
    with op.batch_alter_table("dual_control", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dual_control_subject_id"))
        batch_op.drop_index(batch_op.f("ix_dual_control_organization_id"))

    op.drop_table("dual_control")
    with op.batch_alter_table("subsidiary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subsidiary_organization_id"))
        batch_op.drop_index(batch_op.f("ix_subsidiary_fein_hash"))

    op.drop_table("subsidiary")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_organization_id"))

    op.drop_table("contact")
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_address_organization_id"))

    op.drop_table("address")
    op.drop_table("policy")
