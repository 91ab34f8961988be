"""A topic as the fields of a form: what it is about, what must not occur, and whose papers it is limited to."""

from __future__ import annotations

from dataclasses import dataclass

from papers.expression import And, Expression, Filter, Not, Or, Votes, all_of, leaves, negated
from papers.grammar import pointed, read
from papers.language import N_, _
from papers.text import clean
from papers.topic import MAX_NAME_LENGTH, Topic, TopicError

MAX_LENGTHS = {"name": MAX_NAME_LENGTH, "about": 700, "never": 300, "only": 300}
# In English: they are translated where they are shown.
LABELS = {"name": N_("Name"), "about": N_("About"), "never": N_("Never"), "only": N_("Only from")}


@dataclass(frozen=True, slots=True)
class TopicForm:
    """Each field is a line of the grammar (papers/grammar.py), perhaps empty; ``never`` lists what is not wanted."""

    name: str = ""
    about: str = ""
    never: str = ""
    only: str = ""


def composed(form: TopicForm) -> Topic:
    """The topic that a form asks for. Raises TopicError, which names the field and the place in it."""
    if not clean(form.name):
        raise TopicError(_("The topic needs a name: one to call it by, such as “Robots at home”."))
    about, only = _field(form, "about"), _field(form, "only")
    if only and not _is_filter(only):
        raise TopicError(
            _(
                "In “{only}” stand filters alone: author:, org:, cat:, source:, title:, votes: or has:. Words go into “{about}”."
            ).format(only=_(LABELS["only"]), about=_(LABELS["about"]))
        )
    unwanted = _unwanted(_field(form, "never"))
    if not (about or only or unwanted):
        raise TopicError(
            _("The topic has no word in it yet: write in “{about}” what it is about, such as “diffusion, world model”.").format(
                about=_(LABELS["about"])
            )
        )
    if not (only or unwanted):
        return Topic.parse(form.about, form.name)  # as it was typed
    return Topic.parse(f"{all_of([part for part in (about, only, *unwanted) if part])}", form.name)


def decomposed(topic: Topic) -> TopicForm:
    """The form that asks for the topic; one of another shape stands whole in ``about``."""
    parts = topic.expression.parts if isinstance(topic.expression, And) else (topic.expression,)
    unwanted = [part for part in parts if isinstance(part, Not)]
    only = [part for part in parts if _is_filter(part)]
    about = [part for part in parts if part not in unwanted and part not in only]
    form = TopicForm(
        topic.name,
        about=f"{all_of(about) or ''}",
        never=", ".join(f"{part.part}" for part in unwanted),
        only=f"{all_of(only) or ''}",
    )
    whole = TopicForm(topic.name, about=topic.text)
    if not (unwanted or only) or any(len(getattr(form, field)) > room for field, room in MAX_LENGTHS.items()):
        return whole
    try:
        return form if _parts(composed(form).expression) == _parts(topic.expression) else whole
    except TopicError:
        return whole


def _field(form: TopicForm, name: str) -> Expression | None:
    reading = read(getattr(form, name), is_topic=True)
    if reading.problems:
        first = reading.problems[0]
        problem = _("In “{field}”: {problem}").format(field=_(LABELS[name]), problem=first.sentence)
        raise TopicError(problem, pointed(reading.text, first.at))
    return reading.expression


def _unwanted(listed: Expression | None) -> list[Expression]:
    """What a list of unwanted things excludes, one by one; a sign before a thing, needless here, changes nothing."""
    if listed is None:
        return []
    parts = listed.parts if isinstance(listed, And) else (listed,)
    signed = [part for part in parts if isinstance(part, Not)]
    bare = all_of(part for part in parts if part not in signed)
    things = bare.parts if isinstance(bare, Or) else [bare] if bare else []
    return [*map(negated, things), *signed]


def _parts(expression: Expression) -> frozenset[Expression]:
    return frozenset(expression.parts) if isinstance(expression, And) else frozenset([expression])


def _is_filter(expression: Expression) -> bool:
    return not isinstance(expression, Not) and all(isinstance(leaf, Filter | Votes) for leaf, _ in leaves(expression))
