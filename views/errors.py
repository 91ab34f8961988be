"""An exception → one plain sentence for the person, and what to do next."""

from __future__ import annotations

from discord import app_commands

from papers.language import _
from papers.subscription import SubscriptionError
from papers.topic import TopicError
from search.harm import IndexUnavailable
from storage.engine import StorageError


class UserError(Exception):
    """Something the person can mend; the message is for them."""


def told(error: UserError | TopicError | SubscriptionError) -> str:
    """The sentence for who typed it, and where in their topic the mistake is."""
    if not (isinstance(error, TopicError) and error.place):
        return str(error)
    return f"{error}\n```\n{error.place.replace('`', '´')}\n```"


def sentence(error: BaseException, reference: str) -> str:
    """What to tell the person; ``reference`` is in the log too, for those things that are ours to mend."""
    if isinstance(error, (UserError, TopicError, SubscriptionError)):
        return told(error)
    if isinstance(error, app_commands.MissingPermissions):
        return _("You need the permission “Manage Channels” for that: ask a moderator of this server.")
    if isinstance(error, app_commands.NoPrivateMessage):
        return _("That works in a server, not in a private message.")
    if isinstance(error, IndexUnavailable):
        return _("The search index is being rebuilt: please try again in a moment.")
    if isinstance(error, StorageError):
        said = _("The paper store could not be read just now: please try again in a minute. (`{reference}`)")
        return said.format(reference=reference)
    said = _("Something went wrong on our side; trying again may help. Tell the operator: `{reference}`.")
    return said.format(reference=reference)
