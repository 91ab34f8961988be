"""Hugging Face's Markdown of a paper, read as headings and paragraphs.

It is made from arXiv's HTML (https://huggingface.co/docs/hub/paper-pages); formulas are TeX in dollars.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from sources.base import Missing, SourceError
from sources.formulas import Formulas
from sources.paper_html import Block

_HTML_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---\n.{0,4000}?\n---\n", re.DOTALL)
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})\s*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TABLE = re.compile(r"\s*\|.*|\s*:?-{2,}:?\s*(?:\|.*)+")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_NOTE = re.compile(r"\s*\[\^[^\]]{1,40}\]:.*")
_IMAGE = re.compile(r"!\[[^\]]{0,300}\](?:\([^)\s]{0,500}[^)]{0,100}\)|\[[^\]]{0,100}\])")
_CAPTION = re.compile(
    r"\s*[*_]{0,3}(?:Figure|Fig\.|Table|Algorithm|Listing)\s+[A-Z]?\d+[a-z]?\s*[*_]{0,3}\s*[:.|]", re.IGNORECASE
)
_LINK = re.compile(r"\[([^\[\]]{0,1000})\]\([^()\s]{0,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?(?:\s+\"[^\"]{0,300}\")?\)")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,1000})>")
_NOTE_MARK = re.compile(r"\[\^[^\]]{1,40}\]")
_CITED = re.compile(r"\s?\\?\[\s*\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*\s*\\?\]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,1000}>|<!--.*?-->")
_MARKS = re.compile(
    r"(?<![\w\\*])(\*{1,3})(?=\S)(?P<stars>[^*]{1,2000}?)(?<=\S)\1(?!\w)"
    r"|(?<![\w\\_])(_{1,3})(?=\S)(?P<lines>[^_]{1,2000}?)(?<=\S)\3(?!\w)"
    r"|(?<!\\)`+(?P<code>[^`]{1,1000})`+"
)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_FORMULA = re.compile(r"(?<!\\)(\${1,2})([^$\n]{1,2000}?)(?<!\\)\1(?!\d)")
_LEFT_OUT = ("table", "figure", "style", "script")
_LONGEST = 20_000  # characters of a paragraph


def blocks(body: bytes) -> Iterator[Block]:
    """The headings and paragraphs of a text in order, without figures, tables, code and notes.

    Raises SourceError for what is no text, and Missing for a web page: what the service shows of a paper whose text it has not.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError("huggingface: the paper's text is not UTF-8") from error
    if _HTML_PAGE.match(text):
        raise Missing("huggingface: there is a page about the paper and not its text")
    if "\0" in text:
        raise SourceError("huggingface: the paper's text is no text")
    text = _FRONT_MATTER.sub("", text.replace("\r\n", "\n"), count=1)
    for tag in _LEFT_OUT:
        text = _without(tag, text)
    formulas = Formulas()
    for level, told in _blocks(text):
        if plain := _plain(told, formulas):
            yield level, plain


def _without(tag: str, text: str) -> str:
    """The text without HTML's elements of that name; one that does not end stays, and so do those after it."""
    folded, kept, start = text.lower(), [], 0
    if len(folded) != len(text):  # a letter whose small form is two
        return text
    while (begin := folded.find(f"<{tag}", start)) >= 0 and (end := folded.find(f"</{tag}>", begin)) >= 0:
        kept.append(text[start:begin])
        start = end + len(tag) + 3
    return "\n".join([*kept, text[start:]])


def _blocks(text: str) -> Iterator[Block]:
    """Headings and paragraphs as they are written."""
    said: list[str] = []
    fence = ""
    for line in text.split("\n"):
        opening = _FENCE.match(line)
        if fence or opening:
            fence = _after(fence, opening[1] if opening else "", line)
            yield from _ended(said)
        elif (heading := _HEADING.fullmatch(line)) is not None:
            yield from _ended(said)
            yield len(heading[1]), heading[2]
        elif said and len(said) == 1 and _UNDERLINE.fullmatch(line) and "|" not in said[0]:
            yield (1 if "=" in line else 2), said.pop()
        elif not line.strip() or _TABLE.fullmatch(line) or _NOTE.fullmatch(line) or _UNDERLINE.fullmatch(line):
            yield from _ended(said)
        else:
            if item := _ITEM.match(line):
                yield from _ended(said)
                line = line[item.end() :]
            said.append(line.strip().lstrip("> "))
    yield from _ended(said)


def _after(fence: str, opened: str, line: str) -> str:
    """The fence that code is still in after this line, if any."""
    if not fence:
        return opened
    return "" if opened and opened[0] == fence[0] and len(opened) >= len(fence) and not line.strip(" `~") else fence


def _ended(said: list[str]) -> Iterator[Block]:
    told = " ".join(said)[:_LONGEST]
    said.clear()
    if told and not _CAPTION.match(told):
        yield 0, told


def _plain(told: str, formulas: Formulas) -> str:
    """A block without its marks, formulas made readable."""
    told = _IMAGE.sub("", told)
    kept: list[str] = []

    def put_by(found: re.Match[str]) -> str:  # lest the marks of Markdown be seen in a formula
        kept.append(formulas.readable(found[2]))
        return f"\x00{len(kept) - 1}\x00"

    told = _FORMULA.sub(put_by, told)
    told = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", told))
    told = _TAG.sub("", _CITED.sub("", _NOTE_MARK.sub("", told)))
    for _ in range(2):  # bold in italics
        told = _MARKS.sub(lambda found: found["stars"] or found["lines"] or found["code"], told)
    told = html.unescape(_ESCAPE.sub(r"\1", told)).replace("\xa0", " ")
    told = re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found[1])], told)
    return re.sub(r"\s+([,.;:)])", r"\1", " ".join(told.split()))
