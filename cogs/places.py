"""Where a subscription is to post: read from an option, and refused where the person or Paperboy may not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from papers.language import _
from papers.subscription import Subscription
from views.errors import UserError
from views.limits import inert
from views.places import Place, missing_permissions, place_of

Picked = app_commands.AppCommandChannel | app_commands.AppCommandThread


class Picking(app_commands.Transformer):
    """A channel as Discord tells of it, of the kinds that editions go to. (By an annotation discord.py would offer media
    channels, too.)
    """

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        kinds = discord.ChannelType
        return [kinds.text, kinds.news, kinds.forum, kinds.public_thread, kinds.private_thread, kinds.news_thread]

    async def transform(self, interaction: discord.Interaction[Any], value: Picked, /) -> Any:
        return value


class Somewhere(Picking):
    """A channel that editions can go to, as Paperboy sees it."""

    async def transform(self, interaction: discord.Interaction[Any], value: Picked, /) -> Place:
        place = await found_place(interaction.guild, value.id)
        if place is None:
            raise UserError(_("Paperboy cannot see that channel: allow it “View Channel” there, or choose another."))
        return place


async def found_place(guild: discord.Guild | None, channel_id: int) -> Place | None:
    """A server's channel or thread, if editions can go there. An archived thread is not in the cache: Discord is asked."""
    place = place_of(guild, channel_id)
    if place or guild is None:
        return place
    try:
        found = await guild.fetch_channel(channel_id)
    except (discord.NotFound, discord.Forbidden, discord.InvalidData):  # gone, or not this server's
        return None
    return found if isinstance(found, Place) else None


def may_manage(interaction: discord.Interaction[Any], place: Place | None) -> bool:
    """Whether the person may manage that channel; where it is gone, the one they are in decides."""
    member = interaction.user
    if place is None or not isinstance(member, discord.Member):
        return interaction.permissions.manage_channels
    return place.permissions_for(member).manage_channels


def manages_server(interaction: discord.Interaction[Any]) -> bool:
    """Whether the person may manage channels in the whole server, not only where they are: what is the server's is theirs."""
    member = interaction.user
    return isinstance(member, discord.Member) and member.guild_permissions.manage_channels


def require_manager(interaction: discord.Interaction[Any], place: Place | None) -> None:
    """Refuse who may not manage the channel in question; where it is gone, the one they are in decides."""
    if may_manage(interaction, place):
        return
    if place is None:
        raise UserError(_("You need the permission “Manage Channels” for that."))
    raise UserError(_("You need the permission “Manage Channels” in {channel} for that.").format(channel=place.mention))


def may_see(interaction: discord.Interaction[Any], place: Place) -> bool:
    """Whether the person can read the place. Who is in a private thread is not known: elsewhere only its moderators count."""
    member = interaction.user
    if place.id == interaction.channel_id:
        return True
    if not isinstance(member, discord.Member):
        return False
    allowed = place.permissions_for(member)
    is_private = isinstance(place, discord.Thread) and place.is_private()
    return allowed.view_channel and (allowed.manage_threads or not is_private)


def is_about_server(interaction: discord.Interaction[Any]) -> bool:
    """Whether it is asked where Paperboy serves a server; else it is there for the person alone."""
    is_for_person = interaction.is_user_integration() and not interaction.is_guild_integration()
    return interaction.guild is not None and not is_for_person


def mentionable_id(role: discord.Role | None, place: Place) -> int | None:
    """The role's id. Raises UserError for one that Paperboy may not mention."""
    if role is None:
        return None
    if role.is_default():
        raise UserError(_("Paperboy never mentions everyone: choose a role of those who want it, or none."))
    if not (role.mentionable or place.permissions_for(place.guild.me).mention_everyone):
        problem = _("Paperboy may not mention {role}: let everybody mention that role, or choose another.")
        raise UserError(problem.format(role=role.mention))
    return role.id


def tag_id_of(place: Place, name: str | None) -> int | None:
    """The id of a forum's tag. Raises UserError where there is none of that name, or one is needed and not given."""
    tags = tags_of(place)
    names = ", ".join(inert(tag.name, 40) for tag in tags)
    if name is None:
        if isinstance(place, discord.ForumChannel) and place.flags.require_tag:
            problem = _("{channel} wants a tag on every post: name one with the option `tag` ({names}).")
            raise UserError(problem.format(channel=place.mention, names=names))
        return None
    if not isinstance(place, discord.ForumChannel):
        raise UserError(_("Only posts in a forum have tags: leave `tag` out."))
    if not tags:
        raise UserError(_("{channel} has no tags yet: leave `tag` out, or make one there.").format(channel=place.mention))
    for tag in tags:
        if tag.name.casefold() == name.strip().casefold():
            return tag.id
    problem = _("{channel} has no such tag: choose one of {names}.")
    raise UserError(problem.format(channel=place.mention, names=names))


def tags_of(place: Place | None) -> list[discord.ForumTag]:
    """The tags that Paperboy can give to a post there: not those that are the moderators' alone."""
    return [tag for tag in place.available_tags if not tag.moderated] if isinstance(place, discord.ForumChannel) else []


def require_both_may(interaction: discord.Interaction[Any], place: Place | None, order: Subscription) -> None:
    """Refuse a channel that is gone, that the person may not manage, or that the bot may not post in."""
    if place is None:
        raise UserError(_("That channel is no longer there: `/subscribe remove` ends its subscription."))
    require_manager(interaction, place)
    missing = [_("“{permission}”").format(permission=name) for name in missing_permissions(place, order)]
    if missing:
        problem = _("Paperboy may not post in {channel}: allow it {permissions} there, then try again.")
        raise UserError(problem.format(channel=place.mention, permissions=_all_of(missing)))


def _all_of(names: Sequence[str]) -> str:
    """As many of them as there may be, with the same word between all."""
    *rest, last = names
    return _("{one} and {other}").format(one=_all_of(rest), other=last) if rest else last
