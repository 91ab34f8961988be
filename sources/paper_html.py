"""arXiv's HTML of a paper (LaTeXML's), read as headings and paragraphs; other HTML with headings is read as well.

What LaTeXML writes: https://math.nist.gov/~BMiller/LaTeXML/manual/customization/customization.latexml.html and
https://info.arxiv.org/about/accessible_HTML.html. Formulas carry their TeX in ``alttext``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sources.base import SourceError
from sources.formulas import Formulas

Block = tuple[int, str]  # a heading and its level from 1, or 0 and a paragraph


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HTML = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)*<(?:!doctype\s+html|\?xml|html|head|body|article|main|section|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_LEFT_OUT = _set(
    """
    script style noscript template head nav header footer aside figure figcaption table form button input select textarea iframe
    object embed img svg canvas audio video dialog annotation annotation-xml
    """
)
_LEFT_OUT_CLASSES = _set(
    """
    ltx_bibliography ltx_acknowledgements ltx_figure ltx_table ltx_float ltx_listing ltx_note ltx_authors ltx_dates ltx_keywords
    ltx_classification ltx_TOC ltx_page_logo ltx_page_footer ltx_page_navbar ltx_pagination ltx_ERROR ltx_rdf ltx_tag_item
    ltx_tag_equation ltx_algorithm ltx_index ltx_glossary ltx_caption
    """
)
_BLOCKS = _set("p div section article main li ul ol dl dt dd blockquote pre br hr td tr tbody center address")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_RUN_IN = frozenset({"ltx_title_paragraph", "ltx_title_subparagraph", "ltx_runin", "ltx_title_theorem", "ltx_title_proof"})
_MOST_EVENTS = 300_000  # beginnings and ends of elements: a second's work; a long paper has a tenth of that
_BEFORE_SIGN = re.compile(r"\s+([,.;:)\]])")  # where a citation stood


def blocks(body: bytes) -> Iterator[Block]:
    """The headings and paragraphs of a page in order, without figures, tables, notes, references and what surrounds the paper.

    Raises SourceError for what is no HTML.
    """
    root = _tree(body)
    said: list[str] = []
    formulas = Formulas()
    for event, element in _walk(root):
        tag = element.tag
        if event == "text":
            said.append(element.text or "")
        elif event == "math":
            said.append(formulas.readable(element.get("alttext") or ""))
        elif event == "heading" and _RUN_IN.isdisjoint(_classes(element)):
            yield from _paragraph(said)
            if "ltx_title_document" not in _classes(element):
                yield _HEADINGS[tag], _flat(element)
        elif event == "heading":
            said.append(f" {_flat(element).rstrip('.: ')}: ")
        elif tag in _BLOCKS:
            yield from _paragraph(said)
        if event in ("end", "math", "heading", "left out"):
            said.append(element.tail or "")
    yield from _paragraph(said)


def _tree(body: bytes) -> Any:
    if not _HTML.match(body[:4096]):
        raise SourceError("arxiv: the answer is no HTML page")
    from lxml import etree  # takes longer to load than most runs ask for a paper's text

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, recover=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError(f"arxiv: the page cannot be read ({type(error).__name__})") from error
    if root is None:
        raise SourceError("arxiv: the page is empty")
    return root


def _walk(root: Any) -> Iterator[tuple[str, Any]]:
    """The elements as they begin ("text") and "end", those left out and headings and formulas as a whole; no recursion, since
    a page may nest as deep as it likes.
    """
    from lxml import etree

    walker = etree.iterwalk(root, events=("start", "end"))
    whole: Any = None
    for event, element in islice(walker, _MOST_EVENTS):
        if whole is not None:
            if event == "end" and element is whole:
                whole = None
            continue
        if event == "end":
            yield "end", element
            continue
        kind = _kind(element)
        if kind != "text":
            walker.skip_subtree()
            whole = element
        elif element.tag in _BLOCKS:
            yield "block", element
        yield kind, element


def _kind(element: Any) -> str:
    tag = element.tag
    if tag == "math":
        return "math"
    classes = _classes(element)
    is_equation = tag in {"table", "tbody", "tr", "td"} and any(name.startswith(("ltx_eq", "ltx_align")) for name in classes)
    if not isinstance(tag, str) or (tag in _LEFT_OUT and not is_equation) or not _LEFT_OUT_CLASSES.isdisjoint(classes):
        return "left out"
    if tag in _HEADINGS:
        return "heading"
    if tag == "cite" and _text(element).lstrip()[:1] in {"[", "("}:
        return "left out"  # "[12]", and not "Vaswani et al. (2017)", which the sentence is about
    return "text"


def _classes(element: Any) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _flat(element: Any) -> str:
    """A heading's text, formulas made readable: "3.1 Data"."""
    parts = [element.text or ""]
    for child in element:
        if not isinstance(child.tag, str) or not _LEFT_OUT_CLASSES.isdisjoint(_classes(child)):
            parts.append(child.tail or "")
            continue
        told = Formulas().readable(child.get("alttext") or "") if child.tag == "math" else _text(child)
        parts += [f"{told} " if "ltx_tag" in _classes(child) else told, child.tail or ""]
    return " ".join("".join(parts).split())


def _text(element: Any) -> str:
    return "".join(element.itertext())


def _paragraph(said: list[str]) -> Iterator[Block]:
    """The paragraph said so far, if there is one; ``said`` is empty afterwards."""
    told = _BEFORE_SIGN.sub(r"\1", " ".join("".join(said).split()))
    said.clear()
    if told:
        yield 0, told
