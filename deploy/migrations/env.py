"""Alembic's entry: runs the revisions over a connection that `deploy.migrate` hands in."""

from alembic import context

import exchange.models  # noqa: F401  # fills the metadata
from exchange.models.base import Table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Table.metadata, render_as_batch=True, compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
