"""What Alembic runs for each command; the connection comes from storage.migrations.upgrade."""

from __future__ import annotations

from alembic import context

from storage.schema import metadata

connection = context.config.attributes["connection"]
# SQLite's DDL is transactional once we begin our own transactions (engine.py); Alembic assumes it is not.
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
