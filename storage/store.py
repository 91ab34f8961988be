"""Store: the open database and everything kept in it, under one name to pass around."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.engine import Database
from storage.guilds import GuildStore
from storage.health import HealthStore
from storage.inbox import InboxStore
from storage.ledger import Ledger
from storage.notes import NoteStore
from storage.outbox import Outbox
from storage.papers import PaperStore
from storage.people import PeopleStore
from storage.retention import Retention
from storage.subscriptions import SubscriptionStore
from storage.summaries import SummaryStore
from storage.topics import TopicStore

_IDENTITY = "store"


class Store:
    """``identity`` names this very database, so that what was derived from another one is not taken for its own."""

    def __init__(self, database: Database, identity: str) -> None:
        self.identity = identity
        self.papers = PaperStore(database)
        self.subscriptions = SubscriptionStore(database)
        self.people = PeopleStore(database)
        self.guilds = GuildStore(database)
        self.ledger = Ledger(database, identity)
        self.outbox = Outbox(database)
        self.inbox = InboxStore(database)
        self.topics = TopicStore(database)
        self.summaries = SummaryStore(database)
        self.health = HealthStore(database)
        self.notes = NoteStore(database)
        self.retention = Retention(database)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Store]:
        """The store at a database URL, created and migrated as needed. Raises StorageError."""
        async with Database.open(url) as database:
            notes = NoteStore(database)
            identity = await notes.note(_IDENTITY)
            if identity is None:
                identity = secrets.token_hex(8)
                await notes.write(_IDENTITY, identity)
            yield cls(database, identity)
