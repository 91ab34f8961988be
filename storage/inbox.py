"""What people who follow alone could not get by private message: it stays in the editions, to be read there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update

from papers.subscription import Kind, State
from storage.editions import OPEN, Delivery, DeliveryState, StoredEdition
from storage.engine import Database
from storage.ledger import stored_editions
from storage.schema import deliveries, edition_papers, editions, subscriptions


class InboxStore:
    """Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def close(self, delivery: Delivery, reason: str) -> None:
        """The person of a delivery takes no private messages: all that goes to them by message goes to their inbox from now
        on, and so does what is on its way.

        Unlike what a channel refuses, the papers stay seen: they are in the inbox. A message that was sent but can no longer
        be edited is there once more, with what came late.
        """
        order = subscriptions
        is_theirs = (order.c.user_id == delivery.subscription.user_id) & (order.c.kind == Kind.DIRECT)
        is_unsent = (deliveries.c.channel_id == delivery.channel_id) & deliveries.c.state.in_(OPEN)
        values = {"state": DeliveryState.REFUSED, "reason": reason, "leased_until": None}
        async with self._database.transaction() as connection:
            await connection.execute(update(order).where(is_theirs).values(kind=Kind.INBOX))
            await connection.execute(update(deliveries).where(or_(is_unsent, deliveries.c.id == delivery.id)).values(values))

    async def reopen(self, user_id: int, channel_id: int) -> None:
        """What the person follows comes by message again, to this private channel."""
        values = {"kind": Kind.DIRECT, "channel_id": channel_id}
        async with self._database.transaction() as connection:
            await connection.execute(update(subscriptions).where(subscriptions.c.user_id == user_id).values(values))

    async def of_user(self, user_id: int, since: datetime) -> list[StoredEdition]:
        """The editions with papers, due since an instant, of which no message came to the person; the newest first.

        What they have ended is left out, and what may still come.
        """
        paper, delivery = edition_papers.alias(), deliveries.alias()
        brings = select(paper.c.paper_id).where(paper.c.edition_id == editions.c.id)
        came = select(delivery.c.id).where(delivery.c.edition_id == editions.c.id, delivery.c.state != DeliveryState.REFUSED)
        is_theirs = (subscriptions.c.user_id == user_id) & (subscriptions.c.state != State.REMOVED)
        async with self._database.reading() as connection:
            found = await stored_editions(
                connection,
                editions.c.subscription_id.in_(select(subscriptions.c.id).where(is_theirs)),
                editions.c.due_at >= since,
                brings.correlate(editions).exists(),
                ~came.correlate(editions).exists(),
            )
        return list(found.values())[::-1]
