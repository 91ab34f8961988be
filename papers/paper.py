"""Paper: what a paper is, whichever source told us of it, and the arXiv id that names it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

_NEW_ID = re.compile(r"[0-9]{4}\.[0-9]{4,5}")
_OLD_ID = re.compile(r"[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7}")
_ANY_ID = re.compile(rf"(?<![\w./-])(?P<id>{_NEW_ID.pattern}|{_OLD_ID.pattern})(?:v\d+)?(?:\.pdf)?(?![\w-])")
_LINK = re.compile(r"(?:arxiv\.org/(?:abs|pdf|html)|huggingface\.co/papers|alphaxiv\.org/abs)/(?P<id>[^\s?#]+)", re.IGNORECASE)
_ANY_ID_OR_LINKED = re.compile(
    rf"(?:arxiv\.org/(?:abs|pdf|html)/|huggingface\.co/papers/|alphaxiv\.org/abs/|(?<![\w./-]))"
    rf"(?P<id>{_NEW_ID.pattern}|{_OLD_ID.pattern})(?:v\d+)?(?:\.pdf)?(?![\w-])",
    re.IGNORECASE,
)
_REPOSITORY = re.compile(r"https://github\.com/[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper.

    ``id`` is the arXiv id without its version ("2401.01234"). Texts are plain, each on one line, perhaps empty.
    ``published_at`` is aware, in UTC; None where no source gave a date. ``featured_on`` are the UTC days on which a source
    featured it, oldest first; ``listed_by`` are those sources, by name. ``categories`` are arXiv's, the primary one first, and
    ``version`` counts from 1, where a source told them. ``votes``, ``comments`` and ``stars`` count; ``votes`` and
    ``comments`` are 0 where the source has none, ``stars`` is None then. ``repository``, ``project_page`` and ``thumbnail``
    are addresses from outside, as told: a view checks them before it links them. ``submitter`` is who brought the paper to
    the source, by user name.
    """

    id: str
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    featured_on: tuple[date, ...] = ()
    listed_by: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    version: int | None = None
    votes: int = 0
    comments: int = 0
    source_summary: str = ""
    keywords: tuple[str, ...] = ()
    repository: str = ""
    stars: int | None = None
    project_page: str = ""
    organisation: str = ""
    thumbnail: str = ""
    submitter: str = ""

    @property
    def is_on_arxiv(self) -> bool:
        """Whether the id is arXiv's, so that addresses may be built from it; an import may have brought another kind."""
        return is_arxiv_id(self.id)

    @property
    def arxiv_url(self) -> str:
        return f"https://arxiv.org/abs/{self.id}"

    @property
    def pdf_url(self) -> str:
        return f"https://arxiv.org/pdf/{self.id}"

    @property
    def huggingface_url(self) -> str:
        return f"https://huggingface.co/papers/{self.id}"


def best_first(paper: Paper) -> tuple[int, datetime, str]:
    """A key for sorting in descending order: votes, then newer, then the higher id."""
    return paper.votes, paper.published_at or datetime.min.replace(tzinfo=UTC), paper.id


def is_arxiv_id(text: str) -> bool:
    """Whether ``text`` is an arXiv id without version: "2401.01234" or, before 2007, "hep-th/9901001"."""
    return bool(_NEW_ID.fullmatch(text) or _OLD_ID.fullmatch(text))


def arxiv_id_in(text: str) -> str | None:
    """The first arXiv id in ``text``, without version: bare, or in a link to arXiv, Hugging Face or alphaXiv.

    Forms: https://info.arxiv.org/help/arxiv_identifier.html
    """
    link = _LINK.search(text)
    found = _ANY_ID.search(link["id"] if link else text)
    return found["id"] if found else None


def arxiv_ids_in(text: str) -> list[str]:
    """Every arXiv id in ``text``, each once and in order, in the forms that arxiv_id_in knows."""
    return list(dict.fromkeys(found["id"] for found in _ANY_ID_OR_LINKED.finditer(text)))


def without_version(identifier: str) -> str:
    """An id as a source gives it, without the trailing version ("2401.01234v2" → "2401.01234")."""
    return re.sub(r"(?<=\d)v\d+$", "", identifier)


def is_repository(url: str) -> bool:
    """Whether ``url`` is a GitHub repository's address and nothing more."""
    return bool(_REPOSITORY.fullmatch(url))
