"""Takes secrets out of what is logged: by their shape, wherever they come from, and our own by their value.

A list of the places that log secrets is never complete; what a token looks like does not change. Each shape is looked for in
time that grows with the text's length, whatever is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from urllib.parse import quote

REDACTED = "[redacted]"
_LEAST = 8  # characters: what is shorter is no secret, and would blank out half of the log

_NAME = r"(?:token|secret|password|passwd|api[_-]?key|authorization)"
_QUOTE = r"(?:\\*[\"'])"  # also as it is inside of another string
_SCHEME = r"(?:(?:Bot|Bearer|Basic|Token)[ +]+)?"

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, flags), replacement)
    for pattern, flags, replacement in (
        # A bot's token: its id, a time and a signature. https://discord.com/developers/docs/reference#authentication
        (r"(?<![\w-])[\w-]{18,}+\.[\w-]{6,12}+\.[\w-]{25,}+", 0, REDACTED),
        # /webhooks/<id>/<token> and /interactions/<id>/<token>, also percent-encoded: who has the address may write there.
        (r"((?:webhooks|interactions)(?:/|%2F)\d+(?:/|%2F))(?:(?!%2F)[^\s/?#\"'\\<>,;)\[\]}])+", re.IGNORECASE, rf"\1{REDACTED}"),
        # The same as discord.py names a limit of requests: <id>+<token>.
        (r"(?<!\d)(\d{15,20}\+)[\w-]{20,}+", 0, rf"\1{REDACTED}"),
        # An interaction's token by itself: base64 of "interaction:…".
        (r"aW50ZXJhY3Rpb2[\w+/=-]{8,}+", 0, REDACTED),
        # "token": "…", ('Authorization', b'Bot …'), and the same inside of another string.
        (rf"({_NAME}{_QUOTE}?\s*[:=,]\s*b?({_QUOTE}){_SCHEME})(?:(?!\2)(?:\\.|[^\n\\]))++", re.IGNORECASE, rf"\1{REDACTED}"),
        (rf"({_NAME}=)[^\s\"'&;,)\[\]}}]{{4,}}+", re.IGNORECASE, rf"\1{REDACTED}"),
        (rf"(authorization\s*:\s*{_SCHEME})[^\s\"',;)\[\]}}]{{4,}}+", re.IGNORECASE, rf"\1{REDACTED}"),
        (r"(\b(?:Bot|Bearer|Basic)[ +]+)[\w.~+/=-]{20,}+", re.IGNORECASE, rf"\1{REDACTED}"),
        # Keys of models' servers and the like.
        (r"(?<![A-Za-z0-9])(?:sk|pk|rk|gsk|hf|xai|ghp|gho|glpat|xox[a-z])[-_][\w-]{16,}+", 0, REDACTED),
        (r"(?<![A-Za-z0-9])AIza[\w-]{30,}+", 0, REDACTED),
        # https://user:password@host
        (r"(://[^\s/:@\"']{0,100}:)[^\s/@\"']{1,200}(?=@)", 0, rf"\1{REDACTED}"),
    )
)
_TELLING = re.compile(rf"{_NAME}$", re.IGNORECASE)  # the end of a name whose value is a secret


class Redactor:
    """``secrets`` are values of our own, such as the bot's token: they go wherever they stand, whatever they look like."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        own = {form for secret in secrets if len(secret) >= _LEAST for form in _forms(secret)}
        self._own = re.compile("|".join(map(re.escape, sorted(own, key=len, reverse=True)))) if own else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._own:
            text = self._own.sub(REDACTED, text)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text

    def value(self, value: object) -> object:
        """The same for a value of a log record: texts, and what holds them; all else as it is, or as what it prints."""
        if isinstance(value, bool | int | float) or value is None:
            return value
        if isinstance(value, Mapping):
            return {self(str(key)): self._named(str(key), each) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(each) for each in value]
        return self(str(value))

    def _named(self, key: str, value: object) -> object:
        if isinstance(value, str) and _TELLING.search(key):
            return REDACTED
        return self.value(value)


def _forms(secret: str) -> set[str]:
    """How a secret may stand in a text: as it is, and inside of a string or an address."""
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret), quote(secret, safe="")}
