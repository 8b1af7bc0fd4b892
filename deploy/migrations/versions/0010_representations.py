"""Marks over who acts for whom, so that a row changed outside the portal is noticed

Rows that stand already are marked as they are found, in this one moment; after it only the portal makes marks.

Revision ID: 0010
Revises: 0009
"""

from datetime import UTC
from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import context, op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
_ROWS = sa.table(
    "representation",
    sa.column("id", sa.Uuid()),
    sa.column("transmitter_id", sa.Uuid()),
    sa.column("client_id", sa.Uuid()),
    sa.column("since", _MOMENT),
    sa.column("until", _MOMENT),
    sa.column("authenticator", sa.LargeBinary()),
)


def upgrade() -> None:
    with op.batch_alter_table("representation") as representation:
        representation.add_column(sa.Column("authenticator", sa.LargeBinary(), nullable=True))
    _mark(op.get_bind())
    with op.batch_alter_table("representation") as representation:
        representation.alter_column("authenticator", existing_type=sa.LargeBinary(), nullable=False)


def _mark(connection: sa.Connection) -> None:
    rows = connection.execute(sa.select(_ROWS)).all()
    if not rows:
        return
    cells = context.config.attributes["cells"]()
    for row in rows:
        mark = cells.authenticate(*_fields(row))
        connection.execute(_ROWS.update().where(_ROWS.c.id == row.id).values(authenticator=mark))


def _fields(row: sa.Row[tuple[Any, ...]]) -> list[str]:
    """What a mark covered when this revision was written; see `exchange.accounts.identity`."""
    fields = ["Representation", *(str(one) for one in (row.id, row.transmitter_id, row.client_id))]
    until = [f"until={row.until.astimezone(UTC).isoformat()}"] if row.until else []
    return [*fields, row.since.astimezone(UTC).isoformat(), *until]


def downgrade() -> None:
    with op.batch_alter_table("representation") as representation:
        representation.drop_column("authenticator")
