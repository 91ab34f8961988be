"""Server: an OpenAI-compatible server and how to ask it, as the settings have it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

_BYTES_A_TOKEN = 2.5  # English has four and more, TeX and numbers three, other scripts two and a half: rather too many tokens
_AROUND_A_MESSAGE = 8  # tokens


@dataclass(frozen=True, slots=True)
class Server:
    """``url`` is the base address, as a rule ending in /v1. ``key`` is empty where none is needed, and never shown.

    ``timeout_s`` is for a whole answer, ``first_word_s`` for its beginning; ``window_tokens`` are what question and answer may
    have together, and ``thinking_tokens`` those of it that the model may spend on thoughts before it answers; ``at_once`` is how
    many calls run at the same time.
    """

    url: str
    name: str
    key: str = field(default="", repr=False)
    timeout_s: float = 120.0
    connect_timeout_s: float = 5.0
    first_word_s: float = 60.0
    window_tokens: int = 8_192
    thinking_tokens: int = 0
    at_once: int = 2


@dataclass(frozen=True, slots=True)
class Message:
    """``role`` is "system", "user" or "assistant"."""

    role: str
    content: str


def tokens(text: str) -> int:
    """About how many tokens a text has, rather too many: a server's own count is known only afterwards."""
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_A_TOKEN)


def tokens_of(messages: tuple[Message, ...]) -> int:
    """The same of a conversation."""
    return sum(tokens(message.content) + _AROUND_A_MESSAGE for message in messages)


def fitting(text: str, most_tokens: int) -> str:
    """The beginning of a text that has at most so many tokens."""
    return text.encode("utf-8", "replace")[: int(most_tokens * _BYTES_A_TOKEN)].decode("utf-8", "ignore")
