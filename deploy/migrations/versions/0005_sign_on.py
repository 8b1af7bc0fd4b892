"""The sign-on of states: providers and attempts under way

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "sign_on_provider",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", _TEXT(), nullable=False),
        sa.Column("client_id", _TEXT(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("role_claim", _TEXT(), nullable=False),
        sa.Column("worker_value", _TEXT(), nullable=False),
        sa.Column("administrator_value", _TEXT(), nullable=True),
        sa.Column("acr", _TEXT(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_sign_on_provider_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_on_provider")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_sign_on_provider_organization_id")),
    )
    op.create_table(
        "sign_on_attempt",
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("secrets_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["sign_on_provider.id"],
            name=op.f("fk_sign_on_attempt_provider_id_sign_on_provider"),
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_sign_on_attempt")),
    )


def downgrade() -> None:
    op.drop_table("sign_on_attempt")
    op.drop_table("sign_on_provider")
