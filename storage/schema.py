"""The tables, once, for SQLite and PostgreSQL alike. How one released schema becomes the next is in migrations/."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    UniqueConstraint,
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime has no place in the store: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)  # SQLite keeps no zone


# SQLite numbers rows by itself only where the key's type is exactly INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

papers = Table(
    "papers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("published_at", Instant),
    Column("votes", Integer, nullable=False),
    Column("comments", Integer, nullable=False),
    Column("source_summary", Text, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("repository", Text, nullable=False),
    Column("stars", Integer),
    Column("project_page", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("thumbnail", Text, nullable=False),
    Column("submitter", Text, nullable=False),
    # Grows with every save that changes anything: what was derived from the papers catches up from its last number.
    Column("change", BigInteger, nullable=False, index=True),
)

featured = Table(
    "featured",
    metadata,
    Column("day", Date, primary_key=True),  # UTC
    Column("source", String(32), primary_key=True),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "paper_id"),
)

fetches = Table(
    "fetches",
    metadata,
    Column("source", String(32), primary_key=True),
    Column("day", Date, primary_key=True),  # UTC
    Column("fetched_at", Instant, nullable=False),  # the last good answer
    Column("listed", Integer, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("topic", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("weekdays", JSON, nullable=False),
    Column("size", Integer, CheckConstraint("size BETWEEN 1 AND 8", name="size"), nullable=False),
    Column("on_quiet_day", String(16), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    # Editions due before this instant are not owed: it is when the subscription was made or last resumed.
    Column("owed_since", Instant, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("day", Date, nullable=False),  # in the subscription's zone
    Column("due_at", Instant, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("on_topic", Integer, nullable=False),
    Column("shown_before", Integer, nullable=False),
    UniqueConstraint("subscription_id", "day"),
)

edition_papers = Table(
    "edition_papers",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
    Column("part", Integer, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("mark", String(24), nullable=False, unique=True),  # the nonce, and what the message is recognised by
    Column("state", String(16), nullable=False, index=True),
    Column("first_tried_at", Instant),
    Column("message_id", BigInteger),
    Column("sent_at", Instant),
    Column("reason", Text, nullable=False),
    UniqueConstraint("edition_id", "part"),
)

seen = Table(
    "seen",
    metadata,
    Column("channel_id", BigInteger, primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), primary_key=True),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
)

questions = Table(
    "questions",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)
