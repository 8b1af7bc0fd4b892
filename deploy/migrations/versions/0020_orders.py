"""Income withholding orders, and what employers answered to them

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime

_STATUSES = "'accepted', 'error', 'receipted', 'rejected', 'submitted'"
_ACTIONS = "'AMD', 'LUM', 'ORG', 'TRM'"
_DISPOSITIONS = "'A', 'L', 'R', 'S', 'T'"


def upgrade() -> None:
    op.create_table(
        "withholding_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("state_id", sa.Uuid(), nullable=False),
        sa.Column("state_fips", Text(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=True),
        sa.Column("delivered_id", sa.Uuid(), nullable=True),
        sa.Column("action_code", Text(), nullable=False),
        sa.Column("tracking_hash", sa.LargeBinary(), nullable=False),
        sa.Column("case_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ssn_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("receipted_at", Moment(), nullable=True),
        sa.CheckConstraint(f"status IN ({_STATUSES})", name=op.f("ck_withholding_order_status")),
        sa.CheckConstraint(f"action_code IN ({_ACTIONS})", name=op.f("ck_withholding_order_action_code")),
        *_keys(
            "withholding_order",
            transfer_id="transfer",
            state_id="organization",
            employer_id="organization",
            delivered_id="transfer",
        ),
    )
    _index("withholding_order", "ix_withholding_order_of_state", "state_id", "received_at", "id")
    _index("withholding_order", "ix_withholding_order_of_employer", "employer_id", "received_at", "id")
    _index("withholding_order", "ix_withholding_order_tracking", "tracking_hash", "employer_id")
    for column in ("transfer_id", "delivered_id", "ssn_hash"):
        _index("withholding_order", f"ix_withholding_order_{column}", column)
    _answers()


def _answers() -> None:
    op.create_table(
        "order_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("state_id", sa.Uuid(), nullable=True),
        sa.Column("state_fips", Text(), nullable=False),
        sa.Column("disposition", Text(), nullable=False),
        sa.Column("reason", Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.CheckConstraint(f"disposition IN ({_DISPOSITIONS})", name=op.f("ck_order_answer_disposition")),
        *_keys(
            "order_answer",
            order_id="withholding_order",
            transfer_id="transfer",
            account_id="account",
            employer_id="organization",
            state_id="organization",
        ),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_answer_order_id")),
    )
    _index("order_answer", "ix_order_answer_of_state", "state_id", "answered_at", "id")
    _index("order_answer", "ix_order_answer_of_employer", "employer_id", "answered_at", "id")
    _index("order_answer", "ix_order_answer_transfer_id", "transfer_id")


def _keys(table: str, **columns: str) -> list[sa.Constraint]:
    foreign = [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
        for column, other in columns.items()
    ]
    return [*foreign, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def _index(table: str, name: str, *columns: str) -> None:
    op.create_index(op.f(name), table, list(columns), unique=False)


def downgrade() -> None:
    op.drop_table("order_answer")
    op.drop_table("withholding_order")
