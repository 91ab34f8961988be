"""Small things to remember between starts: a note by key, and questions too long for a button."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, select

from storage.engine import Database, insert
from storage.schema import notes, questions

_STORED = "#"


def reference_of(question: str, room: int) -> str:
    """``question`` itself if it fits ``room`` characters, else what stands for it once it is kept.

    A button carries what it stands for in its 100 characters of custom_id, so that it outlives the process.
    """
    if len(question) <= room and not question.startswith(_STORED):
        return question
    return _STORED + hashlib.sha256(question.encode()).hexdigest()[:24]


class NoteStore:
    """Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, key: str) -> str | None:
        async with self._database.reading() as connection:
            text: str | None = await connection.scalar(select(notes.c.text).where(notes.c.key == key))
        return text

    async def write(self, key: str, text: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                insert(notes).values(key=key, text=text).on_conflict_do_update(index_elements=["key"], set_={"text": text})
            )

    async def shortened(self, question: str, room: int, now: datetime) -> str:
        """The reference of a question, which ``whole`` turns back into it until retention.py forgets it."""
        reference = reference_of(question, room)
        if reference != question:
            await self.keep(reference.removeprefix(_STORED), question, now)
        return reference

    async def forget(self, reference: str) -> None:
        """What the reference stands for is not needed any more."""
        async with self._database.transaction() as connection:
            await connection.execute(delete(questions).where(questions.c.key == reference.removeprefix(_STORED)))

    async def whole(self, reference: str) -> str | None:
        """The question behind a reference of ``shortened``; None for one that is no longer kept."""
        if not reference.startswith(_STORED):
            return reference
        async with self._database.reading() as connection:
            text: str | None = await connection.scalar(
                select(questions.c.text).where(questions.c.key == reference[len(_STORED) :])
            )
        return text

    async def kept(self, key: str) -> str | None:
        """What ``keep`` has under that name, if anything."""
        return await self.whole(_STORED + key)

    async def keep(self, key: str, text: str, now: datetime) -> None:
        """Remember a text under a name of at most 32 characters, until retention.py forgets it; the last one counts."""
        async with self._database.transaction() as connection:
            values = {"key": key, "text": text, "asked_at": now}
            await connection.execute(
                insert(questions)
                .values(values)
                .on_conflict_do_update(index_elements=["key"], set_={"text": text, "asked_at": now})
            )
