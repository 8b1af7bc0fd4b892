"""Each side of a thread may hold it; and which thread a notice is about, and for whom

Revision ID: 0029
Revises: 0027
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None

Moment = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    _drop_hold("thread")
    _add_hold("thread_side")
    with op.batch_alter_table("notice") as notice:
        notice.add_column(sa.Column("thread_id", sa.Uuid(), nullable=True))
        notice.add_column(sa.Column("account_id", sa.Uuid(), nullable=True))
        notice.create_foreign_key(op.f("fk_notice_thread_id_thread"), "thread", ["thread_id"], ["id"])
        notice.create_foreign_key(op.f("fk_notice_account_id_account"), "account", ["account_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f("fk_notice_account_id_account"), type_="foreignkey")
        notice.drop_constraint(op.f("fk_notice_thread_id_thread"), type_="foreignkey")
        notice.drop_column("account_id")
        notice.drop_column("thread_id")
    _drop_hold("thread_side")
    _add_hold("thread")


def _add_hold(table: str) -> None:
    with op.batch_alter_table(table) as changed:
        changed.add_column(sa.Column("held_at", Moment(), nullable=True))
        changed.add_column(sa.Column("held_by", sa.Uuid(), nullable=True))
        changed.create_foreign_key(op.f(f"fk_{table}_held_by_account"), "account", ["held_by"], ["id"])


def _drop_hold(table: str) -> None:
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(op.f(f"fk_{table}_held_by_account"), type_="foreignkey")
        changed.drop_column("held_by")
        changed.drop_column("held_at")
