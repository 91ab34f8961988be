"""The catalogues of texts in other languages, read from ``locales/`` once in a process. See docs/languages.md.

Read here and not by Babel, which takes some ten times as long: the bot waits for it when it starts. Babel writes these files
(tools/messages.py), and a test reads them with both.
"""

from __future__ import annotations

import json
import logging
import re
import struct
from collections.abc import Iterator, Mapping
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from papers.language import ENGLISH, LANGUAGES, learn

log = logging.getLogger(__name__)

LOCALES = Path(__file__).parents[1] / "locales"
TEMPLATE = LOCALES / "paperboy.pot"
_LINE = re.compile(r'(?:(?P<word>msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?(?P<text>"(?:[^"\\]|\\.)*")')
_MAGIC, _REVISION = 0x950412DE, 0


def catalogue_file(language: str) -> Path:
    """Where the translations into a language are written."""
    return LOCALES / language / "LC_MESSAGES" / "paperboy.po"


@cache
def learn_all() -> None:
    """Learn every language but English; it reads files, so not on the loop.

    One that cannot be read is named in the log, and is English.
    """
    for language in LANGUAGES:
        if language != ENGLISH:
            try:
                learn(language, read(catalogue_file(language)))
            except (OSError, ValueError) as error:
                log.warning("the texts in %s cannot be read, they stay English: %s", LANGUAGES[language], error)


def read(file: Path) -> GNUTranslations:
    """A catalogue, without what is empty or doubtful ("fuzzy") in it. Raises OSError, ValueError."""
    found: dict[str, str] = {}
    for entry in _entries(file.read_text(encoding="utf-8")):
        said = [text for word, text in entry.items() if word.startswith("msgstr")]
        if all(said):
            context = f"{entry['msgctxt']}\x04" if "msgctxt" in entry else ""
            several = f"\0{entry['msgid_plural']}" if "msgid_plural" in entry else ""
            found[f"{context}{entry.get('msgid', '')}{several}"] = "\0".join(said)
    return GNUTranslations(BytesIO(_compiled(found)))


def _entries(text: str) -> Iterator[Mapping[str, str]]:
    """The texts of each entry by the word before them. https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html"""
    entry: dict[str, str] = {}
    word, is_fuzzy = "", False
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if not line.strip():
            if entry and not is_fuzzy:
                yield entry
            entry, is_fuzzy = {}, False
        elif line.startswith("#"):
            is_fuzzy = is_fuzzy or (line.startswith("#,") and "fuzzy" in line)
        else:
            found = _LINE.fullmatch(line.strip())
            if found is None or not (word := found["word"] or word):
                raise ValueError(f"line {number} is no text of a catalogue")
            entry[word] = entry.get(word, "") + json.loads(found["text"])


def _compiled(texts: Mapping[str, str]) -> bytes:
    """As the standard library reads it. https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html"""
    pairs = sorted((one.encode(), other.encode()) for one, other in texts.items())
    header = struct.pack("<7I", _MAGIC, _REVISION, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    tables, strings, at = bytearray(), bytearray(), 28 + 16 * len(pairs)
    for side in zip(*pairs, strict=True):
        for text in side:
            tables += struct.pack("<2I", len(text), at + len(strings))
            strings += text + b"\0"
    return header + bytes(tables + strings)
