"""What volumes are counted from stays with a transfer when it is purged; what is there already is counted, too

Revision ID: 0023
Revises: 0022
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime

_WAITING = {
    "ix_transfer_unsettled": "direction = 'inbound' AND outcome IS NULL",
    "ix_transfer_unfetched": "direction = 'outbound' AND status = 'COMPLETE' AND fetched_at IS NULL",
}
_TRANSFER = sa.table(
    "transfer",
    sa.column("id", sa.Uuid()),
    sa.column("answers_to", sa.Uuid()),
    sa.column("kind", Text()),
    sa.column("records", sa.Integer()),
    sa.column("created_at", Moment()),
    sa.column("outcome", Text()),
    sa.column("took", sa.BigInteger()),
    sa.column("refused", sa.Integer()),
    sa.column("fetched_at", Moment()),
)
_EVENT = sa.table(
    "journal_event",
    sa.column("subject_id", sa.Uuid()),
    sa.column("kind", Text()),
    sa.column("facts", Text()),
    sa.column("at", Text()),
)
_ENDS = ("COMPLETE", "QUARANTINED", "REJECTED")
_AT_ONCE = 1_000


def upgrade() -> None:
    op.add_column("transfer", sa.Column("refused", sa.Integer(), nullable=True))
    op.add_column("transfer", sa.Column("outcome", Text(), nullable=True))
    op.add_column("transfer", sa.Column("took", sa.BigInteger(), nullable=True))
    op.add_column("transfer", sa.Column("fetched_at", Moment(), nullable=True))
    _count_ends()
    _count_fetched()
    op.create_index("ix_transfer_created", "transfer", ["created_at"])
    for name, which in _WAITING.items():
        where, columns = sa.text(which), ["created_at", "program", "organization_id"]
        op.create_index(name, "transfer", columns, sqlite_where=where, postgresql_where=where)
    _keep_months()


def _keep_months() -> None:
    """The tables of months that are over."""
    op.create_table(
        "closed_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_closed_month")),
    )
    whole, large = ("files", "rejected", "issued"), ("records", "checked", "refused")
    op.create_table(
        "monthly_volume",
        *_of_month("monthly_volume"),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in whole),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in large),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_monthly_volume_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("month", "program", "organization_id", name=op.f("pk_monthly_volume")),
    )
    op.create_table(
        "answer_time",
        *_of_month("answer_time"),
        sa.Column("took", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "program", "took", name=op.f("pk_answer_time")),
    )


def _of_month(table: str) -> tuple[sa.Column[Any] | sa.ForeignKeyConstraint, ...]:
    name = op.f(f"fk_{table}_month_closed_month")
    return (
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("program", Text(), nullable=False),
        sa.ForeignKeyConstraint(["month"], ["closed_month.month"], name=name),
    )


def _count_ends() -> None:
    """How each inbound transfer ended, by the journal, and how long it took until its acknowledgement."""
    told = {f'{{"status":"{end}"}}': end for end in _ENDS}
    ended = sa.select(_EVENT.c.subject_id, _EVENT.c.facts).where(
        _EVENT.c.kind == "transfer.status", _EVENT.c.facts.in_(told)
    )
    ends = {row.subject_id: told[row.facts] for row in op.get_bind().execute(ended)}
    _update("outcome", ends)
    theirs = _TRANSFER.alias()
    both = sa.select(theirs.c.id, theirs.c.created_at, _TRANSFER.c.created_at.label("answered_at")).join_from(
        theirs, _TRANSFER, _TRANSFER.c.answers_to == theirs.c.id
    )
    answered = op.get_bind().execute(both.where(_TRANSFER.c.kind == "acknowledgement"))
    _update("took", {one.id: _milliseconds(one.created_at, one.answered_at) for one in answered})
    refused = _TRANSFER.c.outcome.in_(("QUARANTINED", "REJECTED"))
    op.execute(_TRANSFER.update().where(refused).values(refused=_TRANSFER.c.records))


def _count_fetched() -> None:
    fetched = sa.select(_EVENT.c.subject_id, sa.func.min(_EVENT.c.at)).where(
        _EVENT.c.kind == "transfer.downloaded"
    )
    rows = op.get_bind().execute(fetched.group_by(_EVENT.c.subject_id)).all()
    _update("fetched_at", {identifier: datetime.fromisoformat(at) for identifier, at in rows})


def _milliseconds(since: datetime, until: datetime) -> int:
    return round((until - since).total_seconds() * 1000)


def _update(column: str, values: dict[UUID, Any]) -> None:
    """Give the transfers of these ids their values."""
    rows = [{"which": identifier, "value": value} for identifier, value in values.items()]
    change = _TRANSFER.update().where(_TRANSFER.c.id == sa.bindparam("which"))
    for first in range(0, len(rows), _AT_ONCE):
        op.get_bind().execute(change.values({column: sa.bindparam("value")}), rows[first : first + _AT_ONCE])


def downgrade() -> None:
    for table in ("answer_time", "monthly_volume", "closed_month"):
        op.drop_table(table)
    for name in (*_WAITING, "ix_transfer_created"):
        op.drop_index(name, "transfer")
    for name in ("fetched_at", "took", "outcome", "refused"):
        op.drop_column("transfer", name)
