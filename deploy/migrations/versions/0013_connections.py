"""Who is connected by SFTP

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, moment = sqlmodel.sql.sqltypes.AutoString(), sqlmodel.sql.sqltypes.UTCDateTime()
    op.create_table(
        "gateway",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", text, nullable=False),
        sa.Column("place", text, nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("signing_in", sa.Integer(), nullable=False),
        sa.Column("tally", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway")),
    )
    op.create_table(
        "gateway_connection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gateway_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source", text, nullable=False),
        sa.Column("client", text, nullable=False),
        sa.Column("method", text, nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("bytes_in", sa.BigInteger(), nullable=False),
        sa.Column("bytes_out", sa.BigInteger(), nullable=False),
        sa.Column("moving", sa.Text(), nullable=False),
        sa.Column("end_asked_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_gateway_connection_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["gateway_id"], ["gateway.id"], name=op.f("fk_gateway_connection_gateway_id_gateway")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_gateway_connection_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_connection")),
    )
    op.create_index(op.f("ix_gateway_connection_gateway_id"), "gateway_connection", ["gateway_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_gateway_connection_gateway_id"), table_name="gateway_connection")
    op.drop_table("gateway_connection")
    op.drop_table("gateway")
