"""What became of a paper, in words: each stage it passed, and the one that decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from digests.why import Account, Check, Stage
from papers.expression import Filter, Key, Phrase, Votes, leaves
from papers.obstacle import Obstacle
from papers.subscription import State
from papers.text import plural
from storage.editions import Delivery
from views.digest import SOURCE_NAMES, moment, on_topic
from views.limits import inert
from views.paper import long_date

_TERM = 80  # characters


def source_names(sources: Sequence[str]) -> str:
    """ "Hugging Face and arXiv"."""
    return " and ".join(SOURCE_NAMES.get(source, source) for source in sources)


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
            return f"fetched{f' from {source_names(about.paper.listed_by)}' if about.paper and about.paper.listed_by else ''}"
        case Check.LISTED if about.day:
            by = f" by {source_names(about.sources)}" if about.sources else ""
            return f"listed{by} on {long_date(about.day)}"
        case Check.UNSEEN if about.stage is not Stage.POSTED:
            return "not shown here before"
        case Check.ON_TOPIC if about.stage is not Stage.SEEN_BEFORE and about.order.topic.is_everything:
            return "on topic: everything is"
        case Check.ON_TOPIC:
            terms = ", ".join(f"*{_term(phrase)}*" for phrase in about.held[:5])
            return f"on topic ({terms})" if terms else "on topic" if about.obstacle else ""
        case Check.VOTES if about.paper and any(isinstance(leaf, Votes) for leaf, _ in leaves(about.order.topic.expression)):
            return plural(about.paper.votes, "vote")
    return ""


def because(about: Account) -> str:
    """Why it ended there, in words."""
    return _REASONS[about.stage](about)


def _not_fetched(about: Account) -> str:
    if about.missing:
        them = f"{source_names(about.missing)} {'has' if len(about.missing) == 1 else 'have'}"
        return f"{them} not been read for that day yet; please ask again later."
    return "Paperboy has not read it; it reads what its sources list."


def _other_source(about: Account) -> str:
    day = f" on {long_date(about.day)}" if about.day else ""
    return f"{source_names(about.sources)} listed it{day}; this subscription brings {source_names(about.order.sources)}."


def _seen_before(about: Account) -> str:
    delivery = about.delivery
    if delivery is None:
        return "it was shown here already, and a paper comes once."
    place = "here" if delivery.channel_id == about.order.channel_id else f"in <#{delivery.channel_id}>"
    if delivery.sent_at is None:
        return f"the digest {on_topic(delivery.subscription.topic)} brings it {place}, and a paper comes once."
    return f"{place} on {moment(delivery.sent_at, 'D')}: {message_url(delivery) or 'its message is gone'}"


def _off_topic(about: Account) -> str:
    found = about.obstacle
    if found is None:
        return "it does not fit."
    has_nothing = isinstance(found.part, Phrase) and not (found.is_excluded or found.near or about.held)
    if has_nothing and len(about.order.topic.phrases) > 1:
        return "none of the topic’s terms is in its title, abstract or keywords."
    return obstacle_in_words(found)


def obstacle_in_words(found: Obstacle) -> str:
    """What kept a paper off a topic."""
    part = found.part
    if found.is_excluded:
        if isinstance(part, Phrase):
            return f"it has the excluded word *{_term(part)}*."
        return f"it is excluded by `{_code(part)}`."
    match part:
        case Filter(Key.CATEGORY, value):
            return f"it is not in {inert(value, _TERM)}."
        case Filter():
            return f"it does not fit `{_code(part)}`."
        case Phrase() if set(found.near) >= set(part.words):
            return f"nearest term *{_term(part)}*, whose words it has, but not side by side."
        case Phrase() if found.near:
            return f"nearest term *{_term(part)}*, of which it has {', '.join(f'“{inert(word, 40)}”' for word in found.near)}."
        case Phrase():
            return f"nothing of *{_term(part)}* is in its title, abstract or keywords."
    return f"it does not fit `{_code(part)}`."


def _under_votes(about: Account) -> str:
    wanted = _code(about.obstacle.part) if about.obstacle else ""
    have = plural(about.paper.votes, "vote") if about.paper else "fewer"
    return f"the topic wants `{wanted}`, and it has {have} so far."


def _no_edition(about: Account) -> str:
    if about.edition:
        return f"its edition was due {moment(about.edition.due_at, 'f')}, before the subscription was made or resumed."
    return "no edition of this subscription brings that day’s list; see its days of the week."


def _paused(about: Account) -> str:
    order = about.order
    match order.state:
        case State.SHUT_OUT:
            return "Paperboy may not post there; it goes on by itself when it may again."
        case State.CLOSED:
            return "the channel is gone."
        case State.REMOVED:
            return "the subscription was removed."
    until = f" until {moment(order.paused_until, 'f')}" if order.paused_until else ""
    return f"the subscription is paused{until}."


def _not_yet_due(about: Account) -> str:
    when = f"the edition comes {moment(about.edition.due_at, 'R')}" if about.edition else "its edition is still to come"
    if not about.place:
        return f"{when}."
    fits = "it would be in it" if about.place <= about.shown else "it would be behind the button"
    return f"{when}; as of now {fits}, number {about.place} of {about.on_topic} for a size of {about.shown}."


def _expired(about: Account) -> str:
    when = f"the edition of {moment(about.edition.due_at, 'f')}" if about.edition else "its edition"
    return f"{when} could not be posted in time."


def _beyond_size(about: Account) -> str:
    label = f"{about.behind} more" + ("" if about.order.topic.is_everything else " on topic")
    return f"{about.on_topic} on topic, {about.shown} shown; it is behind “{label}”."


def _waiting(about: Account) -> str:
    if about.delivery and about.delivery.tries:
        return "the channel took no post so far; Paperboy tries again by itself."
    if about.missing:
        return f"the edition waits for {source_names(about.missing)}."
    if about.delivery is None and not about.on_topic:
        return "the edition is due: it comes as soon as its list is fresh, or in two hours with what there is."
    return "it comes within minutes."


def _refused(about: Account) -> str:
    why = about.delivery.reason if about.delivery else ""
    return f"the message was refused or deleted{f' ({inert(why, 200)})' if why else ''}."


def _posted(about: Account) -> str:
    delivery = about.delivery
    url = message_url(delivery) if delivery else None
    if delivery is None or delivery.sent_at is None or url is None:
        return "it is in your `/inbox`." if about.order.user_id else "it is in that edition."
    return f"{moment(delivery.sent_at, 'f')}: {url}"


_REASONS: dict[Stage, Callable[[Account], str]] = {
    Stage.NOT_FETCHED: _not_fetched,
    Stage.NOT_LISTED: lambda _: "no source has it on a day’s list, so no edition brings it.",
    Stage.OTHER_SOURCE: _other_source,
    Stage.SEEN_BEFORE: _seen_before,
    Stage.OFF_TOPIC: _off_topic,
    Stage.UNDER_VOTES: _under_votes,
    Stage.NO_EDITION: _no_edition,
    Stage.PAUSED: _paused,
    Stage.NOT_YET_DUE: _not_yet_due,
    Stage.EXPIRED: _expired,
    Stage.CAME_LATE: lambda _: "it was listed, or came on topic, after the edition was finished.",
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
