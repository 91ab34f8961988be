"""Every text is in every language, and fits where it goes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from bot.translating import MENU
from digests.why import Account, Stage
from papers.language import ENGLISH, LANGUAGES
from papers.subscription import State
from tests.factories import subscription
from tools.messages import FOLDERS, ROOT, read, said_in, strings, template
from views.catalogue import TEMPLATE, catalogue_file
from views.reasons import stage
from views.subscriptions import STANDINGS

OTHERS = [language for language in LANGUAGES if language != ENGLISH]
# Characters, as https://discord.com/developers/docs/interactions/application-commands says.
LIMITS = {"command": 32, "option": 32, MENU: 32, "command description": 100, "option description": 100, "choice": 100}
_NAME = re.compile(r"[-_'\w]{1,32}")
_MENTIONED = re.compile(r"`/([\w-]+)(?: ([\w-]+))?`")
# What puts a text before a person, if it is given one.
_SHOWS = {"UserError", "TopicError", "SubscriptionError", "plain", "TextDisplay", "Press", "Field", "Form", "Button"}
_IDS = {"Press": 2, "Form": 2, "Field": 1}  # arguments before those that are shown
_WORDS = re.compile(r"[^\W\d_]{3,}(?![\w.]*/)")


@pytest.fixture(scope="module")
def found() -> Catalog:
    return template()


def catalogue(language: str) -> Catalog:
    return read(catalogue_file(language), language)


def texts(catalogue: Catalog) -> Iterator[Message]:
    yield from (message for message in catalogue if message.id)


def english(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def keys(catalogue: Catalog) -> set[tuple[str | None, tuple[str, ...]]]:
    return {(message.context, english(message)) for message in texts(catalogue)}


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_template_is_up_to_date(found: Catalog) -> None:
    assert keys(read(TEMPLATE, "en")) == keys(found), "run `make messages`"


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_is_complete(found: Catalog, language: str) -> None:
    there = catalogue(language)
    assert keys(there) == keys(found), "run `make messages`"
    assert [english(message) for message in texts(there) if message.fuzzy or not all(strings(message))] == []
    assert {len(strings(message)) for message in texts(there) if message.pluralizable} == {there.num_plurals}


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_gaps_of_its_text(language: str) -> None:
    wrong = []
    for message in texts(catalogue(language)):
        *fewer, last = strings(message)
        wanted = gaps(english(message)[-1])
        # For one, the number itself may be left out.
        wrong += [text for text in fewer if not wanted - {"count"} <= gaps(text) <= wanted]
        wrong += [last] if gaps(last) != wanted else []
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_discord_shows_of_the_commands_fits(language: str) -> None:
    for message in texts(catalogue(language)):
        (said,) = strings(message)[:1]
        assert len(said) <= LIMITS.get(message.context or "", 10_000), said
        if message.context in {"command", "option"}:
            assert _NAME.fullmatch(said), said
            assert said == said.lower()


@pytest.mark.parametrize("language", OTHERS)
def test_a_command_is_called_by_the_name_that_it_has_in_the_language(language: str) -> None:
    there = catalogue(language)
    names = {strings(message)[0] for message in texts(there) if message.context == "command"}
    wrong = []
    for message in texts(there):
        for said in strings(message):
            wrong += [named[0] for named in _MENTIONED.finditer(said) if not {named[1], named[2] or named[1]} <= names]
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_the_lines_and_signs_of_its_text(language: str) -> None:
    for message in texts(catalogue(language)):
        for said in strings(message):
            one = english(message)[-1]
            assert said.count("\n") == one.count("\n"), said
            assert said.count("**") == one.count("**"), said
            assert said.count("`") == one.count("`"), said
            assert (said[:1].isspace(), said[-1:].isspace()) == (one[:1].isspace(), one[-1:].isspace()), said


@pytest.mark.parametrize(
    "code",
    ['_(f"{1} paper")', '_("a" + name)', '_("{n}".format(n=1))', '_("a" if name else "b")', 'ngettext("a", f"{n}", n)'],
)
def test_a_text_that_is_put_together_too_early_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="not written in one piece"):
        list(said_in(code, "x.py"))


def test_the_texts_of_code_are_found() -> None:
    code = (
        'f"{_(\'a\')}"; N_("b"); ngettext("c", "d", n); counted(n, "e", "f"); pgettext("g", "h"); _(name); ContextMenu(name="i")'
    )
    found = {(None, "a", None), (None, "b", None), (None, "c", "d"), (None, "e", "f"), ("g", "h", None), (MENU, "i", None)}
    assert set(said_in(code, "x.py")) == found


def bare(file: Path) -> Iterator[str]:
    """Words in a string that is shown as it stands."""
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name not in _SHOWS:
            continue
        shown = [*call.args, *(word.value for word in call.keywords if word.arg in {"label", "hint", "placeholder", "title"})]
        for value in shown[_IDS.get(name, 0) :]:
            parts = value.values if isinstance(value, ast.JoinedStr) else [value]
            said = [f"{part.value}" for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            yield from (f"{file.name}:{call.lineno}: {text}" for text in said if _WORDS.search(text))


def test_nothing_is_shown_that_is_in_no_catalogue() -> None:
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    names = {"arXiv", "Hugging Face", "PDF"}
    assert [text for file in files for text in bare(file) if text.split(": ", 1)[1] not in names] == []


def test_every_state_of_a_subscription_and_every_end_of_a_paper_has_a_word() -> None:
    assert set(STANDINGS) == set(State)
    for end in Stage:
        assert stage(Account(subscription(), end)) == end
