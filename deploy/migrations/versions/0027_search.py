"""The sealed index over messages, and what lists of large mailboxes are read by

Revision ID: 0027
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

_NEWEST = ["organization_id", "last_at", "thread_id"]
_PARTS = {  # indexes over a part of the rows: table, columns, which rows
    "ix_message_unindexed": ("message", ["number"], "indexed_at IS NULL AND state = 'SENT'"),
    "ix_message_leaving": ("message", ["number"], "indexed_at IS NOT NULL AND state <> 'SENT'"),
    "ix_thread_side_unread": ("thread_side", _NEWEST, "unread > 0"),
    "ix_thread_side_owing": ("thread_side", _NEWEST, "waiting_since IS NOT NULL"),
}
_PERSON = ["organization_id", "person_id", "last_at", "thread_id"]
_BEFORE = {
    "ix_message_unindexed": ("message", ["indexed_at", "number"]),
    "ix_thread_side_unread": ("thread_side", ["organization_id", "unread", "last_at", "thread_id"]),
}
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_segment",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("first_number", sa.BigInteger(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_search_segment_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_segment")),
    )
    op.create_index("ix_search_segment_newest", "search_segment", ["organization_id", "last_number"])
    op.create_table(
        "search_page",
        sa.Column("id", _KEY, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_page")),
    )
    if (
        op.get_bind().dialect.name == "postgresql"
    ):  # a page stays in one piece: nothing of it can be compressed
        op.execute("ALTER TABLE search_page ALTER COLUMN sealed SET STORAGE PLAIN")

    for name, (table, _) in _BEFORE.items():
        op.drop_index(name, table)
    for name, (table, columns, holds) in _PARTS.items():
        op.create_index(name, table, columns, sqlite_where=sa.text(holds), postgresql_where=sa.text(holds))
    op.create_index("ix_thread_side_person", "thread_side", _PERSON)


def downgrade() -> None:
    op.drop_index("ix_thread_side_person", "thread_side")
    for name, (table, _, _) in _PARTS.items():
        op.drop_index(name, table)
    for name, (table, columns) in _BEFORE.items():
        op.create_index(name, table, columns)
    op.drop_table("search_page")
    op.drop_index("ix_search_segment_newest", "search_segment")
    op.drop_table("search_segment")
