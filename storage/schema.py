"""The tables, once, for SQLite and PostgreSQL alike. How one released schema becomes the next is in migrations/."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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
    Column("categories", JSON, nullable=False, server_default="[]"),
    Column("version", Integer),
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

# How a source fares, whatever day it was asked for.
health = Table(
    "health",
    metadata,
    Column("source", String(32), primary_key=True),
    Column("answered_at", Instant),  # the last good answer
    Column("failed_at", Instant),  # the last failure
    Column("failures", Integer, nullable=False),  # in a row
    Column("why", Text, nullable=False),  # of the last failure
)

# What is kept of a server itself. Most have no row: their digests are in the language that Discord names.
guilds = Table(
    "guilds",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("language", String(16), nullable=False, server_default=""),  # "" where none was set
    Column("left_at", Instant),  # when Paperboy was removed from it; NULL while it is there
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
    Column("mode", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("role_id", BigInteger),
    Column("is_silent", Boolean, nullable=False),
    Column("has_discussion", Boolean, nullable=False),
    Column("is_per_paper", Boolean, nullable=False),
    Column("tag_id", BigInteger),
    Column("state", String(16), nullable=False, index=True),
    Column("topic_name", String(40), nullable=False, server_default=""),
    Column("sources", JSON, nullable=False, server_default='["huggingface"]'),
    Column("paused_until", Instant),  # NULL: until a person resumes it
    Column("user_id", BigInteger, index=True),  # of who follows alone; NULL for a server's
    Column("besides", JSON, nullable=False, server_default="[]"),  # channels whose papers are left out
    Column("summaries", String(16), nullable=False, server_default="short"),
    # Of one that a person follows: theirs; "" for a server's, whose digests are in the server's language.
    Column("language", String(16), nullable=False, server_default=""),
    Column("made_by", BigInteger),  # a user's id; NULL where that was not kept, or the person had it deleted
    Column("trouble", Text, nullable=False),  # what a moderator is to be told, and is not yet
    # Editions due before this instant are not owed: it is when the subscription was made or last resumed.
    Column("owed_since", Instant, nullable=False),
)

# What models made of papers. A paper that was read for one answer alone need not be kept itself: no foreign key.
summaries = Table(
    "summaries",
    metadata,
    Column("paper_id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),  # of the paper; 0 where it is unknown
    Column("kind", String(16), primary_key=True),
    Column("language", String(16), primary_key=True),
    Column("model", String(200), primary_key=True),
    Column("text", Text, nullable=False),
    Column("sections", JSON, nullable=False),  # [heading, text] each
    Column("made_at", Instant, nullable=False),
)

# What was spent on models, reserved or settled.
spend = Table(
    "spend",
    metadata,
    Column("day", Date, primary_key=True),  # UTC
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),  # 0 for what is no server's
    Column("tokens", BigInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),  # millionths of the currency in which prices are set
    Column("calls", Integer, nullable=False),
)

# Topics that a server, or a person, has given a name.
topics = Table(
    "topics",
    metadata,
    Column("owner_id", BigInteger, primary_key=True),  # a server's or a user's id
    Column("key", String(80), primary_key=True),  # the name, folded
    Column("name", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("made_by", BigInteger, nullable=False),  # 0 where the person had it deleted
    Column("changed_at", Instant, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("day", Date, nullable=False),  # in the subscription's zone
    Column("due_at", Instant, nullable=False, index=True),
    Column("planned_at", Instant, nullable=False),
    Column("papers_day", Date, nullable=False),  # UTC
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    # The day's list as it is accounted for now; ``listed_first`` as it was when the edition was planned.
    Column("listed", Integer, nullable=False),
    Column("listed_first", Integer, nullable=False),
    Column("on_topic", Integer, nullable=False),
    Column("shown_before", Integer, nullable=False),
    Column("missing", JSON, nullable=False),  # sources that had not answered for the day
    Column("grown_at", Instant),
    UniqueConstraint("subscription_id", "day"),
)

edition_papers = Table(
    "edition_papers",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), nullable=False),
    Column("added_at", Instant),  # NULL for what was planned, later for a late paper
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
    Column("part", Integer, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("mark", String(24), nullable=False, unique=True),  # the nonce, and what the message is recognised by
    Column("paper_id", ForeignKey("papers.id")),  # of a post that is about one paper
    Column("state", String(16), nullable=False, index=True),
    Column("first_tried_at", Instant),
    Column("tries", Integer, nullable=False),
    Column("retry_at", Instant),
    # Who claims a delivery raises the fence and holds it until the lease ends; a write under an older fence changes nothing.
    Column("fence", Integer, nullable=False),
    Column("leased_until", Instant),
    Column("message_id", BigInteger),
    Column("thread_id", BigInteger),  # of a forum post
    Column("sent_at", Instant),
    Column("shown", String(32), nullable=False),  # the fingerprint of what the message shows
    Column("edited_at", Instant),
    Column("is_final", Boolean, nullable=False),  # the message is not edited any more
    Column("reason", Text, nullable=False),
    UniqueConstraint("edition_id", "part"),
    Index(None, "channel_id"),
)

# What is to be done with a message after it was sent: published to followers, or a thread opened under it.
follow_ups = Table(
    "follow_ups",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("errand", String(16), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("due_at", Instant, nullable=False),  # not before
    Column("done_at", Instant),
    Column("reason", Text, nullable=False),
)

seen = Table(
    "seen",
    metadata,
    Column("channel_id", BigInteger, primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), primary_key=True),
    Column("edition_id", ForeignKey("editions.id"), nullable=False, index=True),
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
