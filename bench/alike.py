"""Papers like a paper, judged by the keywords that a source gave both.

The stored days tell keywords for most papers (Hugging Face's ``ai_keywords``). Two papers are alike as far as they share them:
the grade is the sum of the shared keywords' weights ÷ the sum of all weights of the paper asked about, so 0..1, where a keyword
in d of N papers weighs ln(N ÷ d), and is compared without case, accents and plural endings. Asked about is a draw of the papers
with three keywords or more that share some. nDCG@10 takes the grade as the gain; recall@100 counts the papers that share two
keywords or more. Keywords, and summaries from the same hand, are taken from the papers before anything is indexed.
"""

from __future__ import annotations

import math
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import Stemmer
from bm25s.stopwords import STOPWORDS_EN

from bench.judged import Ratio, ndcg, ratio, recall
from bench.ours import Ours
from bench.rivals import Bm25s, text_of
from bench.topics import stored_days
from papers.merge import unique
from papers.paper import Paper
from papers.text import singular, words

_KEYWORDS = 3
_SHARED = 2
_ASKED = 200
_BEST_WORDS = 20
HEADING = """
| papers | asked about | ranking | nDCG@10 | recall@100 | nDCG@10 ÷ whole abstract | recall@100 ÷ |
|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Alikeness:
    """``papers`` are as they may be indexed; ``grades`` and ``close`` are by id of the paper asked about."""

    papers: tuple[Paper, ...]
    grades: Mapping[str, Mapping[str, float]]
    close: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, papers: Iterable[Paper]) -> Alikeness:
        every = unique(papers)
        keywords = {paper.id: keys for paper in every if (keys := frozenset(map(_folded, paper.keywords)) - {""})}
        having: dict[str, list[str]] = defaultdict(list)
        for paper, keys in keywords.items():
            for key in keys:
                having[key].append(paper)
        weights = {key: math.log(len(keywords) / len(found)) for key, found in having.items()}
        grades, close = {}, {}
        for paper, keys in keywords.items():
            shared = Counter(other for key in keys for other in having[key] if other != paper)
            if len(keys) < _KEYWORDS or not shared:
                continue
            most = sum(weights[key] for key in keys)
            grades[paper] = {other: sum(weights[key] for key in keys & keywords[other]) / most for other in shared}
            close[paper] = {other: 1.0 for other, count in shared.items() if count >= _SHARED}
        drawn = random.Random(1).sample(sorted(grades), min(_ASKED, len(grades)))  # noqa: S311 (a draw, not a secret)
        grades, close = ({paper: of[paper] for paper in drawn} for of in (grades, close))
        return cls(tuple(replace(paper, keywords=(), source_summary="") for paper in every), grades, close)


@dataclass(frozen=True, slots=True)
class Row:
    """One ranking; the ratios are to BM25 of the whole abstract."""

    papers: int
    asked: int
    name: str
    ndcg_10: float
    recall_100: float
    ndcg_ratio: Ratio
    recall_ratio: Ratio

    def __str__(self) -> str:
        return (
            f"| {self.papers:,} | {self.asked:,} | {self.name} | {self.ndcg_10:.3f} | {self.recall_100:.3f} "
            f"| {self.ndcg_ratio} | {self.recall_ratio} |"
        )


async def measured(folder: Path) -> list[Row]:
    """Every ranking on the papers of a folder of stored days."""
    told = Alikeness.of(paper for papers in stored_days(folder).values() for paper in papers)
    found: dict[str, dict[str, list[str]]] = {}
    with tempfile.TemporaryDirectory() as made:
        async with Ours.open(Path(made) / "ours", told.papers) as ours:
            found["Paperboy"] = {paper: await ours.similar(paper, 100) for paper in told.grades}
    for name, alike in _rivals(told.papers).items():
        found[name] = {paper: [other for other in alike(paper) if other != paper][:100] for paper in told.grades}
    return rows(told, found)


def rows(told: Alikeness, found: Mapping[str, Mapping[str, Sequence[str]]]) -> list[Row]:
    """The table of rankings by name and by the paper asked about; the last is compared to."""
    gains = {name: [ndcg(of[paper], grades) for paper, grades in told.grades.items()] for name, of in found.items()}
    close = {paper: others for paper, others in told.close.items() if others}
    recalls = {name: [recall(of[paper], others, 100) for paper, others in close.items()] for name, of in found.items()}
    base = list(found)[-1]
    return [
        Row(
            len(told.papers),
            len(told.grades),
            name,
            fmean(gains[name]),
            fmean(recalls[name]),
            ratio(gains[name], gains[base]),
            ratio(recalls[name], recalls[base]),
        )
        for name in found
    ]


def _rivals(papers: Sequence[Paper]) -> dict[str, Callable[[str], list[str]]]:
    by_id = {paper.id: paper for paper in papers}
    stemmer = Stemmer.Stemmer("english")
    titles = {paper.id: frozenset(_tokens(paper.title, stemmer)) for paper in papers}
    texts = {paper.id: _tokens(text_of(paper), stemmer) for paper in papers}
    spread = Counter(token for tokens in texts.values() for token in set(tokens))
    bm25 = Bm25s(papers)

    def by_title(asked: str) -> list[str]:
        ours = titles[asked]
        every = {paper: len(ours & theirs) for paper, theirs in titles.items()}
        # Of as many shared words, they are more of a shorter title.
        return sorted((p for p, count in every.items() if count), key=lambda p: (-every[p], len(titles[p])))[:101]

    def by_best_words(asked: str) -> list[str]:
        counts = Counter(texts[asked])
        worth = {token: count * math.log(len(papers) / spread[token]) for token, count in counts.items()}
        return bm25.find_tokens(sorted(worth, key=lambda token: -worth[token])[:_BEST_WORDS], 101)

    return {
        "most title words shared": by_title,
        f"BM25 of the {_BEST_WORDS} best tf-idf words": by_best_words,
        "BM25 of the whole abstract": lambda asked: bm25.find(by_id[asked].abstract, 101),
    }


def _tokens(text: str, stemmer: Stemmer.Stemmer) -> list[str]:
    return list(stemmer.stemWords([word for word in words(text) if word not in STOPWORDS_EN and len(word) > 1]))


def _folded(keyword: str) -> str:
    return " ".join(map(singular, words(keyword)))
