"""Details of organizations: more purposes, position and fax, who said it, and what was said earlier

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime

_FIELDS = {
    "address": ("street", "city", "state", "zip"),
    "contact": ("name", "title", "email", "telephone", "fax"),
}
_NEW = {"address": ("follows",), "contact": ("follows", "title", "fax")}
_BEFORE = {
    "address": ("medical", "office", "withholding"),
    "contact": ("files", "lump_sum", "matching", "security", "withholding"),
}
_AFTER = {
    "address": ("levies", "medical", "office", "verification", "withholding"),
    "contact": (
        "files", "levies", "lump_sum", "matching", "medical", "security", "verification", "withholding",
    ),
}  # fmt: skip


def upgrade() -> None:
    for table, new in _NEW.items():
        _limit(table, _AFTER[table])
        with op.batch_alter_table(table) as changed:
            for name in new:
                changed.add_column(sa.Column(name, Text(), nullable=False, server_default=""))
            changed.add_column(sa.Column("changed_by", sa.Uuid(), nullable=True))
            changed.create_foreign_key(
                op.f(f"fk_{table}_changed_by_account"), "account", ["changed_by"], ["id"]
            )
        _keep_earlier(table)


def _keep_earlier(table: str) -> None:
    earlier = f"earlier_{table}"
    op.create_table(
        earlier,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", Text(), nullable=False),
        sa.Column("follows", Text(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        *(sa.Column(name, Text(), nullable=False) for name in _FIELDS[table]),
        sa.Column("ended_at", Moment(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{earlier}_{column}_{other}"))
            for column, other in (("organization_id", "organization"), ("changed_by", "account"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{earlier}")),
    )
    with op.batch_alter_table(earlier) as made:
        made.create_index(op.f(f"ix_{earlier}_organization_id"), ["organization_id"], unique=False)


def _limit(table: str, purposes: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(op.f(f"ck_{table}_purpose"), type_="check")
        changed.create_check_constraint(op.f(f"ck_{table}_purpose"), f"purpose IN ({listed})")


def downgrade() -> None:
    for table, new in _NEW.items():
        with op.batch_alter_table(f"earlier_{table}") as earlier:
            earlier.drop_index(op.f(f"ix_earlier_{table}_organization_id"))
        op.drop_table(f"earlier_{table}")
        rows = sa.table(table, sa.column("follows"), sa.column("purpose"))
        unknown_before = (rows.c.follows != "") | rows.c.purpose.not_in(_BEFORE[table])
        op.execute(rows.delete().where(unknown_before))
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(op.f(f"fk_{table}_changed_by_account"), type_="foreignkey")
            for name in (*new, "changed_by"):
                changed.drop_column(name)
        _limit(table, _BEFORE[table])
