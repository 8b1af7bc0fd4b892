"""Threads of messages, what each side has of them, drafts, attachments, receipts, offices and templates

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "mailbox_pulse",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mailbox_pulse_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_mailbox_pulse")),
    )
    op.create_table(
        "office",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_office_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_office_organization_id_name")),
    )
    op.create_table(
        "message_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("topic", Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["account.id"], name=op.f("fk_message_template_changed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_message_template_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template")),
    )
    op.create_index(op.f("ix_message_template_organization_id"), "message_template", ["organization_id"])
    op.create_table(
        "thread",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", Text(), nullable=False),
        sa.Column("classification", Text(), nullable=False),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("held_at", Moment(), nullable=True),
        sa.Column("held_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("classification IN ('fti', 'none', 'pii')", name=op.f("ck_thread_classification")),
        sa.ForeignKeyConstraint(["held_by"], ["account.id"], name=op.f("fk_thread_held_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
    )
    op.create_table(
        "topic_reader",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("topic", Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_topic_reader_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_topic_reader_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "topic", "account_id", name=op.f("pk_topic_reader")),
    )
    op.create_table(
        "topic_route",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("topic", Text(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_topic_route_office_id_office")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_topic_route_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "topic", name=op.f("pk_topic_route")),
    )
    op.create_table(
        "message",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("state", Text(), nullable=False),
        sa.Column("channel", Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("answered_in", sa.BigInteger(), nullable=True),
        sa.Column("read_at", Moment(), nullable=True),
        sa.Column("recalled_at", Moment(), nullable=True),
        sa.Column("indexed_at", Moment(), nullable=True),
        sa.CheckConstraint("channel IN ('api', 'portal', 'sftp', 'web')", name=op.f("ck_message_channel")),
        sa.CheckConstraint("kind IN ('message', 'note')", name=op.f("ck_message_kind")),
        sa.CheckConstraint("state IN ('PURGED', 'RECALLED', 'SENT')", name=op.f("ck_message_state")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_message_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_message_thread_id_thread")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_message")),
        sa.UniqueConstraint("id", name=op.f("uq_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_message_answers", "message", ["organization_id", "sent_at"])
    op.create_index("ix_message_due", "message", ["state", "expires_at"])
    op.create_index("ix_message_thread", "message", ["thread_id", "number"])
    op.create_index("ix_message_unindexed", "message", ["indexed_at", "number"])
    op.create_table(
        "thread_side",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("topic", Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("office_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("waiting_since", Moment(), nullable=True),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["account.id"], name=op.f("fk_thread_side_assigned_to_account")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_thread_side_office_id_office")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_thread_side_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["organization.id"], name=op.f("fk_thread_side_other_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["account.id"], name=op.f("fk_thread_side_person_id_account")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_thread_side_thread_id_thread")),
        sa.PrimaryKeyConstraint("thread_id", "organization_id", name=op.f("pk_thread_side")),
    )
    op.create_index(
        "ix_thread_side_assigned", "thread_side", ["organization_id", "assigned_to", "last_at", "thread_id"]
    )
    op.create_index(
        "ix_thread_side_inbox", "thread_side", ["organization_id", "archived", "last_at", "thread_id"]
    )
    op.create_index(
        "ix_thread_side_topic", "thread_side", ["organization_id", "topic", "last_at", "thread_id"]
    )
    op.create_index(
        "ix_thread_side_unread", "thread_side", ["organization_id", "unread", "last_at", "thread_id"]
    )
    op.create_index("ix_thread_side_waiting", "thread_side", ["organization_id", "waiting_since"])
    op.create_table(
        "message_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=True),
        sa.Column("forward_of", sa.Uuid(), nullable=True),
        sa.Column("state", Text(), nullable=False),
        sa.Column("channel", Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("refusal", Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('api', 'portal', 'sftp', 'web')", name=op.f("ck_message_draft_channel")
        ),
        sa.CheckConstraint("state IN ('EDITING', 'SENDING')", name=op.f("ck_message_draft_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_message_draft_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["forward_of"], ["message.id"], name=op.f("fk_message_draft_forward_of_message")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_message_draft_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_message_draft_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_draft")),
    )
    op.create_index("ix_message_draft_of", "message_draft", ["account_id", "organization_id", "changed_at"])
    op.create_index("ix_message_draft_sending", "message_draft", ["state", "changed_at"])
    op.create_table(
        "message_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["message_draft.id"], name=op.f("fk_message_attachment_draft_id_message_draft")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_attachment_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_message_attachment_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_attachment")),
    )
    op.create_index(op.f("ix_message_attachment_draft_id"), "message_attachment", ["draft_id"])
    op.create_index(op.f("ix_message_attachment_message_id"), "message_attachment", ["message_id"])
    op.create_index(op.f("ix_message_attachment_transfer_id"), "message_attachment", ["transfer_id"])
    op.create_table(
        "message_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=True),
        sa.Column("channel", Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('api', 'portal', 'sftp', 'web')", name=op.f("ck_message_receipt_channel")
        ),
        sa.CheckConstraint("kind IN ('downloaded', 'read')", name=op.f("ck_message_receipt_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_message_receipt_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["message_attachment.id"],
            name=op.f("fk_message_receipt_attachment_id_message_attachment"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_receipt_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_receipt")),
        sa.UniqueConstraint(
            "message_id",
            "account_id",
            "kind",
            "attachment_id",
            name=op.f("uq_message_receipt_message_id_account_id_kind_attachment_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("message_receipt")
    op.drop_index(op.f("ix_message_attachment_transfer_id"), table_name="message_attachment")
    op.drop_index(op.f("ix_message_attachment_message_id"), table_name="message_attachment")
    op.drop_index(op.f("ix_message_attachment_draft_id"), table_name="message_attachment")
    op.drop_table("message_attachment")
    op.drop_index("ix_message_draft_sending", table_name="message_draft")
    op.drop_index("ix_message_draft_of", table_name="message_draft")
    op.drop_table("message_draft")
    op.drop_index("ix_thread_side_waiting", table_name="thread_side")
    op.drop_index("ix_thread_side_unread", table_name="thread_side")
    op.drop_index("ix_thread_side_topic", table_name="thread_side")
    op.drop_index("ix_thread_side_inbox", table_name="thread_side")
    op.drop_index("ix_thread_side_assigned", table_name="thread_side")
    op.drop_table("thread_side")
    op.drop_index("ix_message_unindexed", table_name="message")
    op.drop_index("ix_message_thread", table_name="message")
    op.drop_index("ix_message_due", table_name="message")
    op.drop_index("ix_message_answers", table_name="message")
    op.drop_table("message")
    op.drop_table("topic_route")
    op.drop_table("topic_reader")
    op.drop_table("thread")
    op.drop_index(op.f("ix_message_template_organization_id"), table_name="message_template")
    op.drop_table("message_template")
    op.drop_table("office")
    op.drop_table("mailbox_pulse")
