"""Indexes that lists of very large mailboxes are read by

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_NEWEST = ["organization_id", "last_at", "thread_id"]
_IN_ORDER = ["organization_id", "archived", "last_at", "thread_id"]
_UNREAD, _OWING = "unread > 0", "waiting_since IS NOT NULL"
_Indexes = dict[str, tuple[str, list[str], str | None]]
_BEFORE: _Indexes = {  # name: table, columns, which rows
    "ix_message_unindexed": ("message", ["number"], "indexed_at IS NULL AND state = 'SENT'"),
    "ix_thread_side_unread": ("thread_side", _NEWEST, _UNREAD),
    "ix_thread_side_owing": ("thread_side", _NEWEST, _OWING),
    "ix_thread_side_assigned": (
        "thread_side",
        ["organization_id", "assigned_to", "last_at", "thread_id"],
        None,
    ),
}
_AFTER: _Indexes = {
    "ix_message_unindexed": (
        "message",
        ["number"],
        "indexed_at IS NULL AND state <> 'RECALLED' AND state <> 'PURGED'",
    ),
    "ix_thread_side_unread": ("thread_side", _IN_ORDER, _UNREAD),
    "ix_thread_side_owing": ("thread_side", _IN_ORDER, _OWING),
    "ix_thread_side_assigned": (
        "thread_side",
        ["organization_id", "assigned_to", "archived", "last_at", "thread_id"],
        None,
    ),
    "ix_thread_side_other": ("thread_side", ["organization_id", "other_id", "last_at", "thread_id"], None),
}


def upgrade() -> None:
    _replace(_BEFORE, _AFTER)


def downgrade() -> None:
    _replace(_AFTER, _BEFORE)


def _replace(old: _Indexes, new: _Indexes) -> None:
    for name, (table, *_) in old.items():
        op.drop_index(name, table)
    for name, (table, columns, holds) in new.items():
        part = sa.text(holds) if holds else None
        op.create_index(name, table, columns, sqlite_where=part, postgresql_where=part)
