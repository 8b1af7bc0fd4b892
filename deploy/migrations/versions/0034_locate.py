"""Locate: requests, the sources' answers, who saw what, and who is protected

Revision ID: 0034
Revises: 0032
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0034"
down_revision = "0032"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime

_TABLES = (
    "locate_refused",
    "locate_source",
    "locate_agreement",
    "locate_worker",
    "person_protection",
    "locate_request",
    "locate_alarm",
    "locate_query",
    "locate_review",
    "locate_view",
    "locate_answer",
)


def upgrade() -> None:
    _locate_refused()
    _locate_source()
    _locate_agreement()
    _locate_worker()
    _person_protection()
    _locate_request()
    _locate_alarm()
    _locate_query()
    _locate_review()
    _locate_view()
    _locate_answer()


def _locate_refused() -> None:
    op.create_table(
        "locate_refused",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", Text(), nullable=False),
        sa.Column("query_id", sa.Uuid(), nullable=True),
        sa.Column("why", Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locate_refused")),
    )


def _locate_source() -> None:
    op.create_table(
        "locate_source",
        sa.Column("code", Text(), nullable=False),
        sa.Column("cursor", Text(), nullable=False),
        sa.Column("down_since", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_locate_source")),
    )


def _locate_agreement() -> None:
    op.create_table(
        "locate_agreement",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_locate_agreement_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_locate_agreement_recorded_by_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_locate_agreement")),
    )


def _locate_worker() -> None:
    op.create_table(
        "locate_worker",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tax", sa.Boolean(), nullable=False),
        sa.Column("manager", sa.Boolean(), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", Moment(), nullable=False),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_locate_worker_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["account.id"], name=op.f("fk_locate_worker_granted_by_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_locate_worker")),
    )


def _person_protection() -> None:
    op.create_table(
        "person_protection",
        sa.Column("person_hash", sa.LargeBinary(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["set_by"], ["account.id"], name=op.f("fk_person_protection_set_by_account")),
        sa.PrimaryKeyConstraint("person_hash", name=op.f("pk_person_protection")),
    )


def _locate_request() -> None:
    op.create_table(
        "locate_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", Text(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("channel", Text(), nullable=False),
        sa.Column("case_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("case_hash", sa.LargeBinary(), nullable=False),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_hash", sa.LargeBinary(), nullable=True),
        sa.Column("same_hash", sa.LargeBinary(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('api', 'portal', 'sftp', 'web')", name=op.f("ck_locate_request_channel")
        ),
        sa.CheckConstraint(
            "purpose IN ('custody', 'foster_care', 'kidnapping', 'paternity', 'support')",
            name=op.f("ck_locate_request_purpose"),
        ),
        sa.CheckConstraint("status IN ('C', 'E', 'R', 'S')", name=op.f("ck_locate_request_status")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_locate_request_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_locate_request_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_locate_request_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locate_request")),
        sa.UniqueConstraint("reference", name=op.f("uq_locate_request_reference")),
    )
    with op.batch_alter_table("locate_request") as batch_op:
        batch_op.create_index(batch_op.f("ix_locate_request_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_locate_request_open",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_locate_request_organization", ["organization_id", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_locate_request_person_hash"), ["person_hash"], unique=False)
        batch_op.create_index(
            "ix_locate_request_same", ["organization_id", "same_hash", "created_at"], unique=False
        )


def _locate_alarm() -> None:
    op.create_table(
        "locate_alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('many_for_one_case', 'many_in_a_day', 'many_without_result', 'out_of_hours', 'same_name')",
            name=op.f("ck_locate_alarm_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_locate_alarm_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_locate_alarm_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["locate_request.id"], name=op.f("fk_locate_alarm_request_id_locate_request")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["account.id"], name=op.f("fk_locate_alarm_settled_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locate_alarm")),
    )
    with op.batch_alter_table("locate_alarm") as batch_op:
        batch_op.create_index(batch_op.f("ix_locate_alarm_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_locate_alarm_open", ["organization_id", "settled_at"], unique=False)


def _locate_query() -> None:
    op.create_table(
        "locate_query",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("source", Text(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "status IN ('answered', 'sent', 'silent', 'waiting')", name=op.f("ck_locate_query_status")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["locate_request.id"], name=op.f("fk_locate_query_request_id_locate_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locate_query")),
        sa.UniqueConstraint("request_id", "source", name=op.f("uq_locate_query_request_id_source")),
    )
    with op.batch_alter_table("locate_query") as batch_op:
        batch_op.create_index(batch_op.f("ix_locate_query_request_id"), ["request_id"], unique=False)
        batch_op.create_index("ix_locate_query_waiting", ["status", "source", "next_at"], unique=False)


def _locate_review() -> None:
    op.create_table(
        "locate_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("signed_off", sa.Boolean(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_locate_review_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["locate_request.id"], name=op.f("fk_locate_review_request_id_locate_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locate_review")),
    )
    with op.batch_alter_table("locate_review") as batch_op:
        batch_op.create_index(batch_op.f("ix_locate_review_request_id"), ["request_id"], unique=False)


def _locate_view() -> None:
    op.create_table(
        "locate_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("act", Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("person_hash", sa.LargeBinary(), nullable=True),
        sa.Column("purpose", Text(), nullable=False),
        sa.Column("sources", Text(), nullable=False),
        sa.Column("came_from", Text(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "act IN ('export', 'print', 'search', 'unmask', 'view')", name=op.f("ck_locate_view_act")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_locate_view_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_locate_view_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["locate_request.id"], name=op.f("fk_locate_view_request_id_locate_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locate_view")),
    )
    with op.batch_alter_table("locate_view") as batch_op:
        batch_op.create_index("ix_locate_view_account", ["account_id", "at"], unique=False)
        batch_op.create_index("ix_locate_view_organization", ["organization_id", "at"], unique=False)
        batch_op.create_index("ix_locate_view_person", ["person_hash", "at"], unique=False)


def _locate_answer() -> None:
    op.create_table(
        "locate_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("query_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("use", Text(), nullable=False),
        sa.CheckConstraint("use IN ('', 'D', 'U')", name=op.f("ck_locate_answer_use")),
        sa.ForeignKeyConstraint(
            ["query_id"], ["locate_query.id"], name=op.f("fk_locate_answer_query_id_locate_query")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locate_answer")),
        sa.UniqueConstraint("query_id", "number", name=op.f("uq_locate_answer_query_id_number")),
    )
    with op.batch_alter_table("locate_answer") as batch_op:
        batch_op.create_index(batch_op.f("ix_locate_answer_query_id"), ["query_id"], unique=False)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
