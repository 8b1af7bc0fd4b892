"""The spine: accounts, transfers, jobs, journal

Revision ID: 0001
Revises:
"""

from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journal_event",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_journal_event")),
    )
    with op.batch_alter_table("journal_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_event_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_event_kind"), ["kind"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_journal_event_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_journal_event_subject_id"), ["subject_id"], unique=False)

    journal_head = op.create_table(
        "journal_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_head")),
    )
    beginning = {"id": 1, "position": 0, "digest": "0" * 64, "changed_at": datetime.fromtimestamp(0, tz=UTC)}
    op.bulk_insert(journal_head, [beginning])
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("jurisdiction", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("fein_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("fein_hash", sa.LargeBinary(), nullable=True),
        sa.Column("match_method", sa.Integer(), nullable=True),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("notices_to", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('access_visitation', 'employer', 'federal_agency', 'financial_institution', 'insurer', 'international', 'ocss', 'state', 'transmitter', 'tribe')",
            name=op.f("ck_organization_kind"),
        ),
        sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f("ck_organization_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_fein_hash"), ["fein_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_organization_jurisdiction"), ["jurisdiction"], unique=False)

    op.create_table(
        "sign_in_failure",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("locked_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_failure")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("username", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "role IN ('access_visitation', 'employer', 'federal_agency', 'financial_institution', 'insurer', 'international', 'ocss_administrator', 'ocss_staff', 'state', 'transmitter', 'tribe')",
            name=op.f("ck_account_role"),
        ),
        sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f("ck_account_status")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_account_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "representation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transmitter_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organization.id"], name=op.f("fk_representation_client_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["transmitter_id"],
            ["organization.id"],
            name=op.f("fk_representation_transmitter_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representation")),
    )
    with op.batch_alter_table("representation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_representation_client_id"), ["client_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_representation_transmitter_id"), ["transmitter_id"], unique=False
        )

    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_token_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_account_id"), ["account_id"], unique=False)

    op.create_table(
        "ssh_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ssh_key_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ssh_key")),
        sa.UniqueConstraint("account_id", "fingerprint", name=op.f("uq_ssh_key_account_id_fingerprint")),
    )
    with op.batch_alter_table("ssh_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ssh_key_account_id"), ["account_id"], unique=False)

    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("direction", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("program", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("blob_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("layout", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("scan", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("scan_detail", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("records", sa.Integer(), nullable=True),
        sa.Column("findings_count", sa.Integer(), nullable=True),
        sa.Column("answers_to", sa.Uuid(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("modified_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("channel IN ('api', 'portal', 'sftp', 'web')", name=op.f("ck_transfer_channel")),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name=op.f("ck_transfer_direction")),
        sa.CheckConstraint(
            "status IN ('ACCEPTED', 'ACCEPTED_WITH_ERRORS', 'COMPLETE', 'DRAFT', 'EXPIRED', 'PROCESSING', 'PURGED', 'QUARANTINED', 'RECEIVED', 'REJECTED', 'SCANNING', 'VALIDATING')",
            name=op.f("ck_transfer_status"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_transfer_account_id_account")),
        sa.ForeignKeyConstraint(
            ["answers_to"], ["transfer.id"], name=op.f("fk_transfer_answers_to_transfer")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_transfer_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["organization.id"], name=op.f("fk_transfer_recipient_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["organization.id"], name=op.f("fk_transfer_sender_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint(
            "answers_to", "organization_id", "kind", name=op.f("uq_transfer_answers_to_organization_id_kind")
        ),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_answers_to"), ["answers_to"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_blob_id"), ["blob_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            "ix_transfer_folder", ["organization_id", "direction", "program", "created_at"], unique=False
        )
        batch_op.create_index(
            "ix_transfer_name", ["organization_id", "direction", "program", "filename"], unique=False
        )

    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("user_agent", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("authenticator", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("stage IN ('full', 'password')", name=op.f("ck_web_session_stage")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_web_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "control_number",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("program", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_control_number_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_control_number_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("organization_id", "program", "number_hash", name=op.f("pk_control_number")),
    )
    op.create_table(
        "finding",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("first_column", sa.Integer(), nullable=False),
        sa.Column("last_column", sa.Integer(), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_finding_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("transfer_id", "sequence", name=op.f("pk_finding")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("run_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('done', 'failed', 'waiting')", name=op.f("ck_job_state")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_job_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_next", ["state", "run_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_transfer_id"), ["transfer_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_notice_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_notice_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_waiting", ["sent_at"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_receipt_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_receipt")),
    )


def downgrade() -> None:
    op.drop_table("receipt")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_waiting")

    op.drop_table("notice")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_transfer_id"))
        batch_op.drop_index("ix_job_next")

    op.drop_table("job")
    op.drop_table("finding")
    op.drop_table("control_number")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_session_account_id"))

    op.drop_table("web_session")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index("ix_transfer_name")
        batch_op.drop_index("ix_transfer_folder")
        batch_op.drop_index(batch_op.f("ix_transfer_expires_at"))
        batch_op.drop_index(batch_op.f("ix_transfer_blob_id"))
        batch_op.drop_index(batch_op.f("ix_transfer_answers_to"))

    op.drop_table("transfer")
    with op.batch_alter_table("ssh_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ssh_key_account_id"))

    op.drop_table("ssh_key")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_account_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("representation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_representation_transmitter_id"))
        batch_op.drop_index(batch_op.f("ix_representation_client_id"))

    op.drop_table("representation")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_organization_id"))

    op.drop_table("account")
    op.drop_table("sign_in_failure")
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_jurisdiction"))
        batch_op.drop_index(batch_op.f("ix_organization_fein_hash"))

    op.drop_table("organization")
    op.drop_table("journal_head")
    with op.batch_alter_table("journal_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journal_event_subject_id"))
        batch_op.drop_index(batch_op.f("ix_journal_event_organization_id"))
        batch_op.drop_index(batch_op.f("ix_journal_event_kind"))
        batch_op.drop_index(batch_op.f("ix_journal_event_account_id"))

    op.drop_table("journal_event")
