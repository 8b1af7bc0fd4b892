"""The reference guide: jurisdictions, revisions, drafts, visits and links

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime

_SORTS = "sort IN ('answer', 'contact', 'facts')"
_CURRENT = sa.text("until IS NULL")
_ENTRY = ("jurisdiction_id", "sort", "slug")


def upgrade() -> None:
    _editions()
    _jurisdictions()
    _revisions()
    _drafts()
    _beside()


def _editions() -> None:
    op.create_table(
        "guide_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_edition")),
    )
    op.create_table(
        "guide_questionnaire",
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("body", Text(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_guide_questionnaire")),
    )


def _jurisdictions() -> None:
    table = "guide_jurisdiction"
    kinds = "kind IN ('country', 'federal', 'state', 'tribe')"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("locator_code", Text(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("second_person", sa.Boolean(), nullable=False),
        sa.CheckConstraint(kinds, name=op.f(f"ck_{table}_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("locator_code", name=op.f(f"uq_{table}_locator_code")),
    )


def _revisions() -> None:
    table = "guide_revision"
    op.create_table(
        table,
        *_entry(table),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("reviewed_at", Moment(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        _belongs(table, "account_id", "account"),
        _belongs(table, "approved_by", "account"),
        sa.UniqueConstraint(*_ENTRY, "number", name=op.f(f"uq_{table}_jurisdiction_id_sort_slug_number")),
    )
    op.create_index(
        "ix_guide_revision_current", table, [*_ENTRY], sqlite_where=_CURRENT, postgresql_where=_CURRENT
    )
    op.create_index("ix_guide_revision_edition", table, ["edition"])


def _drafts() -> None:
    table = "guide_draft"
    op.create_table(
        table,
        *_entry(table),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("status", Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("refusal", Text(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'waiting')", name=op.f(f"ck_{table}_status")),
        _belongs(table, "account_id", "account"),
        sa.UniqueConstraint(*_ENTRY, name=op.f(f"uq_{table}_jurisdiction_id_sort_slug")),
    )


def _beside() -> None:
    op.create_table(
        "guide_visit",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("before_at", Moment(), nullable=True),
        _belongs("guide_visit", "account_id", "account"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_guide_visit")),
    )
    op.create_table(
        "guide_link",
        sa.Column("url", Text(), nullable=False),
        sa.Column("checked_at", Moment(), nullable=False),
        sa.Column("problem", Text(), nullable=False),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_guide_link")),
    )


def _entry(table: str) -> list[sa.schema.SchemaItem]:
    """What a revision and a draft share: which entry it is, what it says, and a note."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=False),
        sa.Column("sort", Text(), nullable=False),
        sa.Column("slug", Text(), nullable=False),
        sa.Column("body", Text(), nullable=False),
        sa.Column("note", Text(), nullable=False),
        sa.CheckConstraint(_SORTS, name=op.f(f"ck_{table}_sort")),
        _belongs(table, "jurisdiction_id", "guide_jurisdiction"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _belongs(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def downgrade() -> None:
    for table in (
        "guide_link",
        "guide_visit",
        "guide_draft",
        "guide_revision",
        "guide_jurisdiction",
        "guide_questionnaire",
        "guide_edition",
    ):
        op.drop_table(table)
