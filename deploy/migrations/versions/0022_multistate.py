"""The multistate employer registry; and for which client somebody acts in a session, and a file was sent

Revision ID: 0022
Revises: 0020
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime

_STATES = "status IN ('ACTIVE', 'CANCELLED', 'CHANGED', 'DRAFT', 'SUBMITTED')"
_CHOSEN = ("transfer", "web_session")


def upgrade() -> None:
    _registrations()
    _versions()
    _places()
    _members()
    for table in _CHOSEN:
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column("client_id", sa.Uuid(), nullable=True))
            changed.create_foreign_key(
                op.f(f"fk_{table}_client_id_organization"), "organization", ["client_id"], ["id"]
            )


def _registrations() -> None:
    table = "multistate_registration"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("registrant", Text(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("fein_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("fein_hash", sa.LargeBinary(), nullable=False),
        sa.Column("legal_name", Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("prepared_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.CheckConstraint("registrant IN ('employer', 'provider')", name=op.f(f"ck_{table}_registrant")),
        sa.CheckConstraint(_STATES, name=op.f(f"ck_{table}_status")),
        _belongs(table, "organization_id", "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{table}_reference")),
    )
    _indexed(table, "fein_hash", "organization_id")


def _versions() -> None:
    table = "multistate_version"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("said_at", Moment(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(_STATES, name=op.f(f"ck_{table}_status")),
        _belongs(table, "registration_id", "multistate_registration"),
        _belongs(table, "account_id", "account"),
        _belongs(table, "organization_id", "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("registration_id", "number", name=op.f(f"uq_{table}_registration_id_number")),
    )
    _indexed(table, "registration_id")


def _places() -> None:
    table = "multistate_place"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("state", Text(), nullable=False),
        sa.Column("designated", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        _belongs(table, "registration_id", "multistate_registration"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _indexed(table, "registration_id")
    with op.batch_alter_table(table) as made:
        made.create_index(op.f(f"ix_{table}_state"), ["state", "until"], unique=False)


def _members() -> None:
    table = "multistate_member"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("fein_hash", sa.LargeBinary(), nullable=False),
        _belongs(table, "registration_id", "multistate_registration"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _indexed(table, "fein_hash", "registration_id")


def _belongs(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _indexed(table: str, *columns: str) -> None:
    with op.batch_alter_table(table) as made:
        for column in columns:
            made.create_index(op.f(f"ix_{table}_{column}"), [column], unique=False)


def downgrade() -> None:
    for table in _CHOSEN:
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(op.f(f"fk_{table}_client_id_organization"), type_="foreignkey")
            changed.drop_column("client_id")
    for table in ("multistate_member", "multistate_place", "multistate_version", "multistate_registration"):
        op.drop_table(table)
