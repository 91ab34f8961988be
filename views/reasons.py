"""What became of a paper, in words: each stage it passed, and the one that decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from digests.why import Account, Check, Stage
from papers.expression import Filter, Key, Phrase, Votes, leaves
from papers.language import N_, _, ngettext
from papers.obstacle import Obstacle
from papers.subscription import State
from papers.text import counted
from storage.editions import Delivery
from views.digest import SOURCE_NAMES, moment, more_label, on_topic
from views.limits import inert
from views.locales import listed, long_date

_TERM = 80  # characters
_STAGES = {
    Stage.NOT_FETCHED: N_("not fetched"),
    Stage.NOT_LISTED: N_("no source listed it"),
    Stage.OTHER_SOURCE: N_("another source listed it"),
    Stage.SEEN_BEFORE: N_("shown before"),
    Stage.OFF_TOPIC: N_("off topic"),
    Stage.UNDER_VOTES: N_("too few votes"),
    Stage.NO_EDITION: N_("no edition brings its day"),
    Stage.PAUSED: N_("paused"),
    Stage.NOT_YET_DUE: N_("not yet due"),
    Stage.EXPIRED: N_("missed"),
    Stage.CAME_LATE: N_("came late"),
    Stage.BEYOND_SIZE: N_("beyond the size"),
    Stage.WAITING: N_("on its way"),
    Stage.REFUSED: N_("refused"),
    Stage.POSTED: N_("posted"),
}


def stage(about: Account) -> str:
    """Where it ended, in a word or a few."""
    return _(_STAGES[about.stage])


def source_names(sources: Sequence[str]) -> str:
    """ "Hugging Face and arXiv"."""
    return listed([SOURCE_NAMES.get(source, source) for source in sources])


def message_url(delivery: Delivery) -> str | None:
    """Where a message that was sent is."""
    if delivery.message_id is None:
        return None
    server = delivery.subscription.guild_id or "@me"
    return f"https://discord.com/channels/{server}/{delivery.thread_id or delivery.channel_id}/{delivery.message_id}"


def passed(check: Check, about: Account) -> str:
    """A stage that was passed, in words; nothing where there is nothing to tell."""
    match check:
        case Check.FETCHED:
            if not (about.paper and about.paper.listed_by):
                return _("fetched")
            return _("fetched from {sources}").format(sources=source_names(about.paper.listed_by))
        case Check.LISTED if about.day:
            said = _("listed by {sources} on {day}") if about.sources else _("listed on {day}")
            return said.format(sources=source_names(about.sources), day=long_date(about.day))
        case Check.UNSEEN if about.stage is not Stage.POSTED:
            return _("not shown here before")
        case Check.ON_TOPIC if about.stage is not Stage.SEEN_BEFORE and about.order.topic.is_everything:
            return _("on topic: everything is")
        case Check.ON_TOPIC:
            terms = ", ".join(f"*{_term(phrase)}*" for phrase in about.held[:5])
            said = _("on topic ({terms})") if terms else _("on topic") if about.obstacle else ""
            return said.format(terms=terms)
        case Check.VOTES if about.paper and any(isinstance(leaf, Votes) for leaf, _ in leaves(about.order.topic.expression)):
            return counted(about.paper.votes, "{count} vote", "{count} votes")
    return ""


def because(about: Account) -> str:
    """Why it ended there, in words."""
    return _REASONS[about.stage](about)


def _not_fetched(about: Account) -> str:
    if about.missing:
        said = ngettext(
            "{sources} has not been read for that day yet; please ask again later.",
            "{sources} have not been read for that day yet; please ask again later.",
            len(about.missing),
        )
        return said.format(sources=source_names(about.missing))
    return _("Paperboy has not read it; it reads what its sources list.")


def _other_source(about: Account) -> str:
    if about.day:
        said = _("{sources} listed it on {day}; this subscription brings {others}.")
    else:
        said = _("{sources} listed it; this subscription brings {others}.")
    day = long_date(about.day) if about.day else ""
    return said.format(sources=source_names(about.sources), day=day, others=source_names(about.order.sources))


def _seen_before(about: Account) -> str:
    delivery = about.delivery
    if delivery is None:
        return _("it was shown here already, and a paper comes once.")
    is_here, channel = delivery.channel_id == about.order.channel_id, f"<#{delivery.channel_id}>"
    if delivery.sent_at is None:
        if is_here:
            said = _("the digest {on_topic} brings it here, and a paper comes once.")
        else:
            said = _("the digest {on_topic} brings it in {channel}, and a paper comes once.")
        return said.format(on_topic=on_topic(delivery.subscription.topic), channel=channel)
    said = _("here on {when}: {message}") if is_here else _("in {channel} on {when}: {message}")
    message = message_url(delivery) or _("its message is gone")
    return said.format(channel=channel, when=moment(delivery.sent_at, "D"), message=message)


def _off_topic(about: Account) -> str:
    found = about.obstacle
    if found is None:
        return _("it does not fit.")
    has_nothing = isinstance(found.part, Phrase) and not (found.is_excluded or found.near or about.held)
    if has_nothing and len(about.order.topic.phrases) > 1:
        return _("none of the topic’s terms is in its title, abstract or keywords.")
    return obstacle_in_words(found)


def obstacle_in_words(found: Obstacle) -> str:
    """What kept a paper off a topic."""
    part = found.part
    if found.is_excluded:
        if isinstance(part, Phrase):
            return _("it has the excluded word *{word}*.").format(word=_term(part))
        return _("it is excluded by `{filter}`.").format(filter=_code(part))
    match part:
        case Filter(Key.CATEGORY, value):
            return _("it is not in {category}.").format(category=inert(value, _TERM))
        case Filter():
            return _("it does not fit `{filter}`.").format(filter=_code(part))
        case Phrase() if set(found.near) >= set(part.words):
            return _("nearest term *{term}*, whose words it has, but not side by side.").format(term=_term(part))
        case Phrase() if found.near:
            words = ", ".join(_("“{word}”").format(word=inert(word, 40)) for word in found.near)
            return _("nearest term *{term}*, of which it has {words}.").format(term=_term(part), words=words)
        case Phrase():
            return _("nothing of *{term}* is in its title, abstract or keywords.").format(term=_term(part))
    return _("it does not fit `{filter}`.").format(filter=_code(part))


def _under_votes(about: Account) -> str:
    wanted = _code(about.obstacle.part) if about.obstacle else ""
    have = counted(about.paper.votes, "{count} vote", "{count} votes") if about.paper else _("fewer")
    return _("the topic wants `{wanted}`, and it has {votes} so far.").format(wanted=wanted, votes=have)


def _no_edition(about: Account) -> str:
    if about.edition:
        said = _("its edition was due {when}, before the subscription was made or resumed.")
        return said.format(when=moment(about.edition.due_at, "f"))
    return _("no edition of this subscription brings that day’s list; see its days of the week.")


def _paused(about: Account) -> str:
    order = about.order
    match order.state:
        case State.SHUT_OUT:
            return _("Paperboy may not post there; it goes on by itself when it may again.")
        case State.CLOSED:
            return _("the channel is gone.")
        case State.REMOVED:
            return _("the subscription was removed.")
    if order.paused_until:
        return _("the subscription is paused until {when}.").format(when=moment(order.paused_until, "f"))
    return _("the subscription is paused.")


def _not_yet_due(about: Account) -> str:
    if about.edition:
        when = _("the edition comes {when}").format(when=moment(about.edition.due_at, "R"))
    else:
        when = _("its edition is still to come")
    if not about.place:
        return f"{when}."
    if about.place <= about.shown:
        said = _("{when}; as of now it would be in it, number {place} of {papers} for a size of {size}.")
    else:
        said = _("{when}; as of now it would be behind the button, number {place} of {papers} for a size of {size}.")
    return said.format(when=when, place=about.place, papers=about.on_topic, size=about.shown)


def _expired(about: Account) -> str:
    if about.edition:
        return _("the edition of {when} could not be posted in time.").format(when=moment(about.edition.due_at, "f"))
    return _("its edition could not be posted in time.")


def _beyond_size(about: Account) -> str:
    said = _("{papers} on topic, {shown} shown; it is behind “{button}”.")
    return said.format(papers=about.on_topic, shown=about.shown, button=more_label(about.behind, about.order.topic))


def _waiting(about: Account) -> str:
    if about.delivery and about.delivery.tries:
        return _("the channel took no post so far; Paperboy tries again by itself.")
    if about.missing:
        return _("the edition waits for {sources}.").format(sources=source_names(about.missing))
    if about.delivery is None and not about.on_topic:
        return _("the edition is due: it comes as soon as its list is fresh, or in two hours with what there is.")
    return _("it comes within minutes.")


def _refused(about: Account) -> str:
    why = about.delivery.reason if about.delivery else ""
    if why:
        return _("the message was refused or deleted ({reason}).").format(reason=inert(_(why), 200))
    return _("the message was refused or deleted.")


def _posted(about: Account) -> str:
    delivery = about.delivery
    url = message_url(delivery) if delivery else None
    if delivery is None or delivery.sent_at is None or url is None:
        return _("it is in your `/inbox`.") if about.order.user_id else _("it is in that edition.")
    return f"{moment(delivery.sent_at, 'f')}: {url}"


_REASONS: dict[Stage, Callable[[Account], str]] = {
    Stage.NOT_FETCHED: _not_fetched,
    Stage.NOT_LISTED: lambda about: _("no source has it on a day’s list, so no edition brings it."),
    Stage.OTHER_SOURCE: _other_source,
    Stage.SEEN_BEFORE: _seen_before,
    Stage.OFF_TOPIC: _off_topic,
    Stage.UNDER_VOTES: _under_votes,
    Stage.NO_EDITION: _no_edition,
    Stage.PAUSED: _paused,
    Stage.NOT_YET_DUE: _not_yet_due,
    Stage.EXPIRED: _expired,
    Stage.CAME_LATE: lambda about: _("it was listed, or came on topic, after the edition was finished."),
    Stage.BEYOND_SIZE: _beyond_size,
    Stage.WAITING: _waiting,
    Stage.REFUSED: _refused,
    Stage.POSTED: _posted,
}


def _term(part: Phrase) -> str:
    return inert(part.text, _TERM)


def _code(part: object) -> str:
    """A filter as it is written, for a fixed-width font."""
    return f"{part}".replace("`", "´")[:_TERM]
