"""XML from outside, read by namespace: feeds in RSS 2.0 and Atom. Entities and document types are refused."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from papers.text import clean, clip
from sources.base import SourceError

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
OPEN_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_SAID = 200  # characters of a message from outside


def tree(body: bytes) -> Element:
    """The root of a document. Raises SourceError for what is no XML, and for any with a document type: a feed has none, and
    it is where entities that multiply are made.
    """
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise SourceError(f"arxiv: the answer has a document type or entities: refused ({type(error).__name__})") from error
    except (ParseError, ValueError, LookupError) as error:  # the last two: an encoding that nobody knows
        raise SourceError(f"arxiv: the answer is not XML ({said(str(error))})") from error
    return root


def text(element: Element, path: str) -> str:
    """The text of the first child by that path, with what is nested in it, or ""."""
    found = element.find(path)
    return "" if found is None else "".join(found.itertext())


def texts(element: Element, path: str) -> Iterator[str]:
    """The texts of all children by that path."""
    for found in element.findall(path):
        yield "".join(found.itertext())


def said(message: str) -> str:
    """A message from outside, short enough for a log."""
    return clip(clean(message), _SAID)
