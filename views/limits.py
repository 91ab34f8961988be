"""Discord's message limits, and outside text made to fit them and to mean nothing but itself.

https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from papers.text import clean, clip

MESSAGE_TEXT = 4_000  # characters of all text displays of one message together
PLAIN_TEXT = 2_000  # characters of a message without components
COMPONENTS = 40  # nested ones included
CUSTOM_ID = 100
BUTTON_LABEL = 80
BUTTON_URL = 512
CHOICES = 25
THREAD_NAME = 100
CHOICE = 100

_MARKDOWN = re.compile(r"([\\`*_~|\[\]<>@])")
_BLOCK = re.compile(r"^(?P<sign>[#+-])(?=[\s#])|^(?P<number>\d+)(?=[.)]\s)")
_ADDRESS = re.compile(r":(?=//)")
# What of a text in plain English needs no second look; most pieces of a snippet are no more than that.
_HARMLESS = re.compile(r"[A-Za-z(][A-Za-z0-9 .,:;()'\"/%?!=&+#-]*")


def inert(text: str, limit: int = MESSAGE_TEXT) -> str:
    """Outside text as one line of plain words within ``limit`` characters of markup: no format, link, mention or list.

    The escapes count against the limit, so the text is clipped first and shortened until what it becomes fits.
    """
    if len(text) <= limit and _HARMLESS.fullmatch(text) and not ("  " in text or "//" in text or text[-1] == " "):
        return text
    text = clean(text)
    room = limit
    while len(shown := _escaped(clip(text, room))) > limit:
        room -= max(1, (len(shown) - limit) // 2)
    return shown


def _escaped(text: str) -> str:
    text = _MARKDOWN.sub(r"\\\1", text)
    text = _BLOCK.sub(lambda found: f"\\{found['sign']}" if found["sign"] else f"{found['number']}\\", text)
    return _ADDRESS.sub(r"\\:", text)  # "https\://…" reads the same and is no link


def link(title: str, url: str, limit: int) -> str:
    """A bold masked link within ``limit`` characters; ``url`` is one we built, ``title`` is outside text."""
    return f"**[{inert(title, limit - len(url) - 8)}]({url})**"


def fitting(texts: Sequence[str], room: int, limit: int) -> list[str]:
    """The first of the texts, ``limit`` at most, that fit ``room`` characters with a line break after each."""
    taken: list[str] = []
    for text in texts[:limit]:
        room -= len(text) + 1
        if room < 0:
            break
        taken.append(text)
    return taken


def web_address(url: str) -> str | None:
    """``url`` if a link button may carry it: http or https, a host, no user name, nothing invisible; else None."""
    if len(url) > BUTTON_URL or not url.isascii() or re.search(r"[\s\"<>\\^`{|}\x00-\x1f]", url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and host and "." in host and "@" not in parts.netloc else None
