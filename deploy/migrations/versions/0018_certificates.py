"""Certificate authorities of organizations, revocations, and the certificates that came

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "certificate_authority",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", Text(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("label", Text(), nullable=False),
        sa.Column("usernames", Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("reminded_at", Moment(), nullable=True),
        sa.Column("last_used_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revocations_digest", sa.LargeBinary(), nullable=True),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_certificate_authority_{column}_{other}")
            )
            for column, other in (
                ("organization_id", "organization"),
                ("created_by", "account"),
                ("revoked_by", "account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_authority")),
        sa.UniqueConstraint(
            "organization_id",
            "fingerprint",
            name=op.f("uq_certificate_authority_organization_id_fingerprint"),
        ),
    )
    _index("certificate_authority", "organization_id")
    op.create_table(
        "certificate_revocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("value", Text(), nullable=False),
        sa.Column("key_id_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('fingerprint', 'key id', 'serials')", name=op.f("ck_certificate_revocation_kind")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_certificate_revocation_{column}_{other}")
            )
            for column, other in (("authority_id", "certificate_authority"), ("revoked_by", "account"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_revocation")),
        sa.UniqueConstraint(
            "authority_id", "kind", "value", name=op.f("uq_certificate_revocation_authority_id_kind_value")
        ),
    )
    _index("certificate_revocation", "authority_id")
    op.create_table(
        "certificate_use",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", Text(), nullable=False),
        sa.Column("serial", Text(), nullable=False),
        sa.Column("key_id_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("last_used_at", Moment(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_certificate_use_{column}_{other}")
            )
            for column, other in (("account_id", "account"), ("authority_id", "certificate_authority"))
        ),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_certificate_use")),
    )
    _index("certificate_use", "authority_id")


def _index(table: str, column: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def downgrade() -> None:
    for table, column in (
        ("certificate_use", "authority_id"),
        ("certificate_revocation", "authority_id"),
        ("certificate_authority", "organization_id"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_{column}"))
        op.drop_table(table)
