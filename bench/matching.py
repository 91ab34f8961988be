"""Many topics against the day's papers: the shelf, beside a plain double loop of regular expressions.

    python -m bench.matching

Subscriptions are drawn, with a seed, from what is stored: one to three of the papers' keywords, some with an exclusion, an
author or a minimum of votes. Times are CPU seconds of this one process; the loop runs on a sample of the subscriptions and is
scaled up. "Shelf" is from papers as the store gives them to the list of papers of each subscription: its index, built anew,
included. Both must find the same.
"""

from __future__ import annotations

import random
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from bench.topics import folder_of_days, stored_days
from papers import shelf
from papers.expression import All, And, Expression, Filter, Key, Not, Or, Phrase, Votes
from papers.paper import Paper
from papers.text import clean
from papers.topic import Topic

SIZES = ((1_000, 60), (10_000, 60), (100_000, 60), (10_000, 600))  # subscriptions, papers
SAMPLE = 200
WITH_EXCLUSION, WITH_AUTHOR, WITH_VOTES = 0.3, 0.1, 0.1

Check = Callable[[Paper, str], bool]  # of a paper and its folded text


@dataclass(slots=True)
class Spent:
    """CPU seconds."""

    s: float = 0.0


@click.command()
@click.option("--days", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder of replies.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(folder: Path | None, seed: int) -> None:
    """Match, and print the table; fail if the two disagree."""
    everything = [paper for papers in stored_days(folder or folder_of_days()).values() for paper in papers]
    click.echo(
        "| subscriptions | papers | pairs | parsing s | shelf s | loop s (scaled) | loop ÷ shelf |\n|---|---|---|---|---|---|---|"
    )
    for size, count in SIZES:
        papers = everything[-count:]
        with _cpu() as parsing:
            topics = list(map(Topic.parse, drawn(everything, size, seed)))
        shelf._searchable.cache_clear()
        with _cpu() as ours:
            asked = shelf.Shelf(papers)
            found = [asked.matching(topic.expression) for topic in topics]
        sample = random.Random(seed).sample(range(size), SAMPLE)  # noqa: S311
        theirs_s = _loop(papers, [(topics[number], found[number]) for number in sample]) * size / SAMPLE
        figures = f"{sum(map(len, found)):,} | {parsing.s:.2f} | {ours.s:.2f} | {theirs_s:,.1f} | {theirs_s / ours.s:,.0f}"
        click.echo(f"| {size:,} | {len(papers)} | {figures} |")


def drawn(papers: Sequence[Paper], count: int, seed: int) -> Iterator[str]:
    """Topics as people might write them. A keyword is drawn as often as papers have it."""
    rng = random.Random(seed)  # noqa: S311 (a draw, not a secret)
    keywords = [clean(word.replace('"', " ")) for paper in papers for word in paper.keywords if len(word) < 60]
    authors = [author.replace('"', " ") for paper in papers for author in paper.authors]
    for _ in range(count):
        line = ", ".join(f'"{word}"' for word in rng.choices(keywords, k=rng.randint(1, 3)))
        if rng.random() < WITH_AUTHOR:
            line += f', author:"{rng.choice(authors)}"'
        if rng.random() < WITH_VOTES:
            line = f"({line}) votes:>{rng.randint(1, 20)}"
        if rng.random() < WITH_EXCLUSION:
            line += f' -"{rng.choice(keywords)}"'
        yield line


def _loop(papers: Sequence[Paper], expected: Sequence[tuple[Topic, list[Paper]]]) -> float:
    """CPU seconds of asking each paper for each topic. What is prepared once, texts and patterns, is not counted.

    Raises AssertionError where another paper is found than expected.
    """
    texts = [(paper, _plain(" | ".join((paper.title, paper.abstract, *paper.keywords)))) for paper in papers]
    checks = [_check(topic.expression) for topic, _ in expected]
    with _cpu() as spent:
        found = [[paper for paper, text in texts if check(paper, text)] for check in checks]
    for (topic, ours), theirs in zip(expected, found, strict=True):
        if ours != theirs:
            raise AssertionError(f"{topic.text}: {[paper.id for paper in ours]} and {[paper.id for paper in theirs]}")
    return spent.s


def _check(asked: Expression) -> Check:
    """An expression as a function of one paper, as one would write it without an index."""
    match asked:
        case All():
            return lambda _, __: True
        case And(parts):
            checks = [_check(part) for part in parts]
            return lambda paper, text: all(check(paper, text) for check in checks)
        case Or(parts):
            checks = [_check(part) for part in parts]
            return lambda paper, text: any(check(paper, text) for check in checks)
        case Not(part):
            check = _check(part)
            return lambda paper, text: not check(paper, text)
        case Phrase():
            pattern = _pattern(asked.words)
            return lambda _, text: pattern.search(text) is not None
        case Votes():
            assert asked.sign == ">", asked  # noqa: S101
            return lambda paper, _: paper.votes > asked.number
        case Filter():
            assert asked.key is Key.AUTHOR, asked  # noqa: S101
            name = _pattern(Phrase.of(asked.value).words)
            return lambda paper, _: any(name.search(_plain(author)) for author in paper.authors)


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Folded, singular words side by side, whatever their number, with anything but a letter, a digit or "|" between them.

    That no letter stands before is asked after the first letters: so Python looks for these quickly, before all else.
    """
    first, last = _one_or_many(words[0])
    rest = "".join(rf"(?:[^\w|]|_)+{stem}{ending}" for stem, ending in map(_one_or_many, words[1:]))
    return re.compile(rf"{first}(?<![^\W_]{first}){last}{rest}(?![^\W_])")


def _one_or_many(word: str) -> tuple[str, str]:
    """A folded word's letters, and what may follow them."""
    if word.endswith("y"):
        return re.escape(word[:-1]), "(?:y|ys|ies?)"
    if word.endswith(("ch", "sh", "s", "x")):
        return re.escape(word), "(?:es?|s)?"
    return re.escape(word), "s?" if len(word) > 2 or not re.search("[aeiou]", word) else ""


def _plain(text: str) -> str:
    """Without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


@contextmanager
def _cpu() -> Iterator[Spent]:
    spent = Spent()
    began = time.process_time()
    yield spent
    spent.s = time.process_time() - began


if __name__ == "__main__":
    main(prog_name="python -m bench.matching")
