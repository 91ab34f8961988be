"""Editions that grow, deliveries that are leased and retried, and what follows a message; channels of every kind."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _subscriptions()
    _editions()
    _deliveries()
    op.create_table(
        "follow_ups",
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("errand", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_follow_ups_delivery_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id", "errand", name=op.f("pk_follow_ups")),
    )
    op.create_index(op.f("ix_follow_ups_state"), "follow_ups", ["state"], unique=False)
    op.create_table(
        "health",
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("failed_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_health")),
    )


def _subscriptions() -> None:
    _add("subscriptions", sa.Column("mode", sa.String(length=16), nullable=False, server_default="living"))
    _add("subscriptions", sa.Column("kind", sa.String(length=16), nullable=False, server_default="text"))
    _add("subscriptions", sa.Column("role_id", sa.BigInteger(), nullable=True))
    for flag in ("is_silent", "has_discussion", "is_per_paper"):
        _add("subscriptions", sa.Column(flag, sa.Boolean(), nullable=False, server_default=sa.false()))
    _add("subscriptions", sa.Column("tag_id", sa.BigInteger(), nullable=True))
    _add("subscriptions", sa.Column("made_by", sa.BigInteger(), nullable=True))
    _add("subscriptions", sa.Column("trouble", sa.Text(), nullable=False, server_default=""))


def _editions() -> None:
    _add("editions", sa.Column("papers_day", sa.Date(), nullable=False, server_default="1970-01-01"))
    _add("editions", sa.Column("outcome", sa.String(length=16), nullable=False, server_default="posted"))
    _add("editions", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    _add("editions", sa.Column("listed_first", sa.Integer(), nullable=False, server_default="0"))
    _add("editions", sa.Column("missing", sa.JSON(), nullable=False, server_default="[]"))
    _add("editions", sa.Column("grown_at", Instant(), nullable=True))
    _add("edition_papers", sa.Column("added_at", Instant(), nullable=True))
    op.execute("UPDATE editions SET listed_first = listed")
    connection = op.get_bind()
    table = sa.table("editions", sa.column("id"), sa.column("due_at", Instant()), sa.column("papers_day", sa.Date()))
    for row in connection.execute(sa.select(table.c.id, table.c.due_at)).all():
        papers_day = (row.due_at - timedelta(hours=3)).date()  # the rule of that time
        connection.execute(table.update().where(table.c.id == row.id).values(papers_day=papers_day))
    op.execute("UPDATE editions SET outcome = 'empty' WHERE id NOT IN (SELECT edition_id FROM deliveries)")
    op.create_index(op.f("ix_editions_due_at"), "editions", ["due_at"], unique=False)


def _deliveries() -> None:
    # Alembic adds no foreign keys to SQLite's tables; the statement itself is standard SQL.
    op.execute("ALTER TABLE deliveries ADD COLUMN paper_id VARCHAR(64) REFERENCES papers (id)")
    _add("deliveries", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    _add("deliveries", sa.Column("retry_at", Instant(), nullable=True))
    _add("deliveries", sa.Column("fence", sa.Integer(), nullable=False, server_default="0"))
    _add("deliveries", sa.Column("leased_until", Instant(), nullable=True))
    _add("deliveries", sa.Column("thread_id", sa.BigInteger(), nullable=True))
    _add("deliveries", sa.Column("shown", sa.String(length=32), nullable=False, server_default=""))
    _add("deliveries", sa.Column("edited_at", Instant(), nullable=True))
    # What was posted before messages grew is not edited.
    _add("deliveries", sa.Column("is_final", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index(op.f("ix_deliveries_channel_id"), "deliveries", ["channel_id"], unique=False)


def _add(table: str, column: sa.Column[object]) -> None:
    op.add_column(table, column)
