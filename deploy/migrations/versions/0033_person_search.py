"""The sealed index that people are found by

The people of a registry that stands already are put into it by `portal registry index`, or when the demonstration
starts: until then a search says so.

Revision ID: 0033
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0034"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "person_segment",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("keys", sa.BigInteger(), nullable=False),
        sa.Column("bits", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_segment")),
    )
    op.create_table(
        "person_page",
        sa.Column("id", _KEY, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_page")),
    )
    if op.get_bind().dialect.name == "postgresql":  # nothing sealed can be compressed
        op.execute("ALTER TABLE person_page ALTER COLUMN sealed SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("person_page")
    op.drop_table("person_segment")
