"""Named topics, arXiv's categories and versions, sources by subscription, pauses that end, and digests for one person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("papers", sa.Column("categories", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("papers", sa.Column("version", sa.Integer(), nullable=True))
    op.add_column("subscriptions", sa.Column("topic_name", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("subscriptions", sa.Column("sources", sa.JSON(), nullable=False, server_default='["huggingface"]'))
    op.add_column("subscriptions", sa.Column("paused_until", Instant(), nullable=True))
    op.add_column("subscriptions", sa.Column("user_id", sa.BigInteger(), nullable=True))
    op.add_column("subscriptions", sa.Column("besides", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index(op.f("ix_subscriptions_user_id"), "subscriptions", ["user_id"], unique=False)
    op.create_table(
        "topics",
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "key", name=op.f("pk_topics")),
    )
