"""What is kept of a server itself (the language of its digests, when Paperboy left it), and each subscription's language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "guilds",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("left_at", Instant()),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_guilds")),
    )
    op.add_column("subscriptions", sa.Column("language", sa.String(length=16), nullable=False, server_default=""))
    # Without it, whatever deletes an edition reads every row of this table to see that none refers to it.
    op.create_index(op.f("ix_seen_edition_id"), "seen", ["edition_id"])
