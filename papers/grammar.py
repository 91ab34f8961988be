"""One line of words, phrases and filters, read for what it asks: the grammar of topics and of questions alike.

    line        = alternative {"," alternative}
    alternative = all {("or" | "|") all}
    all         = term {["and"] term}
    term        = {"-" | "NOT"} ( "(" line ")" | key ":" value | '"' words '"' | words )

Words side by side are one bare phrase: a topic takes them together, a search one by one. What one alternative of a list
with commas excludes, the whole list excludes: ``diffusion, world model -survey`` brings no survey.

Every text can be read. What is wrong with it is a Problem with its place; the rest is read all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from papers.expression import EVERYTHING, All, Expression, Filter, Not, Phrase, Votes, all_of, any_of, negated
from papers.filters import KINDS, Kind
from papers.language import _
from papers.text import clean, words
from papers.tokens import Token, tokens

MAX_DEPTH: Final = 12
_STRAIGHT = str.maketrans("“”„«»", '"""""')


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place of a text, as a sentence. ``at`` counts characters from 0; it may be the text's end."""

    at: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a text that is read on its own, sign and all, from character ``at`` up to ``end``."""

    at: int
    end: int
    expression: Expression


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, cleaned, what it asks for (None for nothing), and what is wrong with it in the order of the places.

    ``terms`` are its phrases, filters and parentheses, each behind those that stand in it.
    """

    text: str
    expression: Expression | None
    problems: tuple[Problem, ...] = ()
    terms: tuple[Term, ...] = ()


def read(text: str, *, is_topic: bool = False) -> Reading:
    """Read any text at all. In a topic, what only a question can ask is a problem, and left out."""
    return _Reader(clean(text.translate(_STRAIGHT)), is_topic=is_topic).reading()


def pointed(text: str, at: int) -> str:
    """A place in a text and its neighbourhood, with a mark under it: two lines for a fixed-width font."""
    start = max(0, at - 40)
    return f"{text[start : at + 20]}\n{' ' * (at - start)}^"


class _Reader:
    """A recursive descent that always ends, and goes no deeper than MAX_DEPTH."""

    def __init__(self, line: str, *, is_topic: bool) -> None:
        self._line = line
        self._is_topic = is_topic
        self._problems: list[Problem] = []
        self._terms: list[Term] = []
        self._tokens = tokens(line)
        self._next = 0
        self._depth = 0

    def reading(self) -> Reading:
        parts = []
        while True:
            part = self._list()
            if part:
                parts.append(part)
            if self._token.kind == "end":
                break
            self._wrong(self._take().at, _("This parenthesis was never opened: take it out, or open one before it."))
        problems = sorted(self._problems, key=lambda problem: problem.at)
        return Reading(self._line, all_of(parts), tuple(problems), tuple(self._terms))

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _wrong(self, at: int, sentence: str) -> None:
        self._problems.append(Problem(at, sentence))

    def _list(self) -> Expression | None:
        alternatives = []
        while True:
            found = self._alternative()
            if found:
                alternatives.append(found)
            if self._token.kind != "comma":
                break
            self._take()
        if len(alternatives) < 2:
            return all_of(alternatives[0]) if alternatives else None
        excluded = [term for terms in alternatives for term in terms if isinstance(term, Not)]
        kept = [all_of(term for term in terms if not isinstance(term, Not)) for terms in alternatives]
        wanted = any_of(filter(None, kept))
        return all_of([wanted, *excluded] if wanted else excluded)

    def _alternative(self) -> list[Expression]:
        """The terms that must all hold; where there is an "or", they are one."""
        parts: list[list[Expression]] = []
        while True:
            found = self._all()
            if found:
                parts.append(found)
            if self._token.kind != "bar":
                return parts[0] if len(parts) == 1 else list(filter(None, [any_of(filter(None, map(all_of, parts)))]))
            bar = self._take()
            if not found or self._token.kind in {"end", "close", "comma"}:
                before = _("Something is missing before this “{sign}”: a word, a phrase, or a filter.")
                after = _("Something is missing after this “{sign}”: a word, a phrase, or a filter.")
                self._wrong(bar.at, (after if found else before).format(sign=bar.text))

    def _all(self) -> list[Expression]:
        terms = []
        while self._token.kind not in {"comma", "bar", "close", "end"}:
            if self._token.kind == "and":
                self._take()
            elif found := self._term():
                terms.append(found)
        return terms

    def _term(self) -> Expression | None:
        is_negated = False
        at, mistakes = self._token.at, len(self._problems)
        minus: Token | None = None
        while self._token.kind == "minus":
            minus = self._take()
            is_negated = not is_negated
        match self._token.kind:
            case "open":
                found = self._group()
            case "quoted":
                found = self._quoted()
            case "key":
                found = self._filter()
            case "word":
                # A sign is for one word only: in "-survey robots", robots are wanted.
                found = self._words(only_one=minus is not None)
            case _:  # what a sign cannot stand before
                found = None
        if found:
            found = negated(found) if is_negated else found
            self._terms.append(Term(at, self._tokens[self._next - 1].end, found))
        elif minus and len(self._problems) == mistakes:  # else it was told already why there is nothing
            problem = _("Nothing follows this “{sign}”: put what you do not want right behind it.")
            self._wrong(minus.at, problem.format(sign=minus.text))
        return found

    def _group(self) -> Expression | None:
        opened = self._take()
        if self._depth == MAX_DEPTH:
            problem = _("Parentheses stand at most {most} deep in each other: take some out.")
            self._wrong(opened.at, problem.format(most=MAX_DEPTH))
            return None
        self._depth += 1
        found = self._list()
        self._depth -= 1
        if self._token.kind == "close":
            self._take()
        else:
            self._wrong(opened.at, _("This parenthesis is never closed: put a “)” where it ends."))
        if not found:
            self._wrong(opened.at, _("There is nothing in these parentheses: put words in, or take them out."))
        return found

    def _quoted(self) -> Expression | None:
        token = self._take()
        self._closed(token)
        if words(token.text):
            return Phrase.of(token.text)
        self._wrong(token.at, _("There is no word between these quotation marks: put a phrase in, or take them out."))
        return None

    def _words(self, *, only_one: bool) -> Expression | None:
        run = []
        while self._token.kind == "word":
            run.append(self._take().text)
            if only_one:
                break
        text = " ".join(word for word in run if words(word))
        if text.casefold() == EVERYTHING:
            return All()
        return Phrase.of(text, is_quoted=False) if text else None

    def _filter(self) -> Filter | Votes | None:
        key = self._take()
        kind = KINDS[key.text]
        if self._token.kind not in {"value", "quoted", "word"}:
            self._wrong(self._token.at, _wants(key, kind))
            return None
        value = self._take()
        self._closed(value)
        found = kind.read(value.text)
        if found is None:
            self._wrong(value.at, _wants(key, kind))
        elif self._is_topic and kind.only_asked:
            problem = _("A topic chooses from each day’s papers, and “{filter}” is for /search: take it out.")
            self._wrong(key.at, problem.format(filter=f"{key.text}:"))
            return None
        return found

    def _closed(self, token: Token) -> None:
        if not token.is_closed:
            self._wrong(token.at, _("This quotation mark is never closed: put another where the phrase ends."))


def _wants(key: Token, kind: Kind) -> str:
    return _("Here “{filter}” wants {expected}.").format(filter=f"{key.text}:", expected=_(kind.expected))
