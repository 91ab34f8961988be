"""What a model wrote, as plain sentences: no link, no mention, no markup, whatever the text it read told it to write."""

from __future__ import annotations

import re
import unicodedata

from papers.text import clean, clip, sentences
from sources.tex import readable
from summaries.late import late

_ADDRESS = late(
    r"\w{2,12}\s?:\s?//"  # https://
    r"|\b(?:mailto|javascript|data|tel)\s?:\S"
    r"|\bwww\d?\.\w"
    r"|\b(?:[\w-]{1,63}\.){1,5}[a-z]{2,24}/"  # example.org/…
    r"|\b(?:[\w-]{1,63}\.){1,5}(?:com|org|net|info|io|ai|gg|me|ly|co|xyz|dev|app|site|online|example|ru|cn|de|uk)\b(?!\.\w)"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?/",
    re.IGNORECASE,
)
_MENTION = late(r"@\s?(?:everyone|here)\b|<\s?(?:[@#]|a?:\w+:|t:|/[\w -]{1,32}:|id:)|\bdiscord\s?\.\s?gg\b", re.IGNORECASE)
_THINKING = late(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_BLOCK = late(r"^\s*(?:#{1,6}\s+|>+\s*|[-*+•]\s+|\d{1,2}[.)]\s+|```\w*\s*$|-{3,}\s*$)", re.MULTILINE)
_LINKED = late(r"!?\[([^\[\]]{0,300})\]\([^()]{0,300}\)")
_PAIRED = late(r"(?<![\w*])(\*{1,3}|_{1,3}|~~|\|\||`{1,3})(?=[^\s*_])(.{1,400}?)(?<=[^\s_])\1(?!\w)", re.DOTALL)
_TAG = late(r"</?[a-zA-Z][^<>]{0,100}>")
_AT = late(r"(?<!\w)@(?=\w)")


def without_thinking(reply: str) -> str:
    """A reply without the thoughts that some models write before it, in <think> and the like."""
    return _THINKING.sub("", reply)


def plain(text: str, limit: int) -> str:
    """``text`` as whole plain sentences within ``limit`` characters; a first sentence that is too long is clipped.

    A sentence with an address in it, or with a mention, is left out: what is left of one without them says nothing.
    """
    taken = ""
    for sentence in sentences(clean(_BLOCK.sub("", text))):
        shown = "" if is_unsafe(sentence) else _unmarked(sentence)
        if not shown or is_unsafe(shown):  # what stood apart may be one now
            continue
        longer = f"{taken} {shown}".strip()
        if len(longer) > limit:
            return taken or clip(shown, limit)
        taken = longer
    return taken


def is_unsafe(text: str) -> bool:
    """Whether there is an address or a mention in it, also in letters that only look like others (full width)."""
    composed = unicodedata.normalize("NFKC", clean(text))
    return bool(_ADDRESS.search(composed) or _MENTION.search(composed))


def _unmarked(sentence: str) -> str:
    text = _LINKED.sub(r"\1", _TAG.sub("", sentence))
    for _ in range(2):  # bold in italics
        text = _PAIRED.sub(r"\2", text)
    return clean(readable(_AT.sub("", text.replace("```", " ").replace("**", ""))))
