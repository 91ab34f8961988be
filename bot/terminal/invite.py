"""What Paperboy asks a server for, and the links by which it is added: to a server, or to a person's own account.

https://discord.com/developers/docs/topics/oauth2#bot-authorization-flow
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import urlencode

import discord

# All that posting and the commands need, by the names that Discord shows; README.md and docs/installing.md name them, too.
# views/places.py says which of them a subscription needs where.
PERMISSIONS = {
    "view_channel": "View Channels",
    "send_messages": "Send Messages",  # in forums "Create Posts"
    "send_messages_in_threads": "Send Messages in Threads",
    "create_public_threads": "Create Public Threads",
    "read_message_history": "Read Message History",
}
_TOKEN = re.compile(r"([\w-]{10,60})\.[\w-]{4,20}\.[\w-]{20,120}")
_FOR_SERVERS, _FOR_PEOPLE = (
    0,
    1,
)  # https://discord.com/developers/docs/resources/application#application-object-application-integration-types


class NoToken(ValueError):
    """A text that no bot's token looks like; the message never has it."""


def application_id(token: str) -> int:
    """Whose token it is: its first part is the application's id in base64. Raises NoToken."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise NoToken("a bot’s token has three parts with dots between them: copy it whole, from “Bot”, not from “OAuth2”")
    try:
        number = base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NoToken("its first part is no application’s id: copy the token anew from the developer portal") from error
    if not re.fullmatch(r"\d{15,20}", number):
        raise NoToken("its first part is no application’s id: copy the token anew from the developer portal")
    return int(number)


def for_servers(application: int) -> str:
    """The link with which whoever manages a server adds the bot to it, with the permissions it uses and no more."""
    permissions = discord.Permissions(**dict.fromkeys(PERMISSIONS, True))
    return _link(application, _FOR_SERVERS, "bot applications.commands", permissions=permissions.value)


def for_people(application: int) -> str:
    """The link with which a person adds the commands to their own account; it takes no permissions."""
    return _link(application, _FOR_PEOPLE, "applications.commands")


def _link(application: int, kind: int, scope: str, **more: int) -> str:
    values = {"client_id": application, "integration_type": kind, "scope": scope, **more}
    return f"https://discord.com/oauth2/authorize?{urlencode(values)}"
