"""The languages a model is asked to write in, and whether it did, as far as that is easy to tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from papers.text import words

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "uk": "Ukrainian",
    "ar": "Arabic",
    "hi": "Hindi",
    "ja": "Japanese",
    "ko": "Korean",
    "zh": "Chinese",
}
ENGLISH = "en"

_SCRIPTS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "latin": ((0x41, 0x24F), (0x1E00, 0x1EFF)),
    "cyrillic": ((0x400, 0x52F),),
    "arabic": ((0x600, 0x77F),),
    "devanagari": ((0x900, 0x97F),),
    "kana": ((0x3040, 0x30FF),),
    "hangul": ((0x1100, 0x11FF), (0xAC00, 0xD7AF)),
    "han": ((0x3400, 0x9FFF),),
}
_WRITTEN_IN: Mapping[str, tuple[str, ...]] = {
    "ru": ("cyrillic",),
    "uk": ("cyrillic",),
    "ar": ("arabic",),
    "hi": ("devanagari",),
    "ja": ("kana", "han"),
    "ko": ("hangul",),
    "zh": ("han",),
}
# Words that every sentence or two has, folded as papers.text.words folds them, and that the other languages do not share.
_EVERYDAY: Mapping[str, frozenset[str]] = {
    language: frozenset(everyday.split())
    for language, everyday in {
        "en": "the of and to that with for is are this which by from it",
        "de": "der die das und ist mit fur ein eine den dem werden auf nicht sich durch",
        "es": "el los las y una con del por que para como su mas",
        "fr": "le les des et une du dans est qui pour sur par ce aux",
        "it": "il gli della di e che per una con sono dei nel alla",
        "nl": "de het een en van voor met dat zijn wordt op niet door",
        "pl": "i w z na jest do ze sie oraz przez dla",
        "pt": "o os as uma e do da com para que por dos mais em",
    }.items()
}
_LEAST_SHARE = {"latin": 0.6}  # of the letters; in other scripts less, where terms stay in Latin letters
_LEAST_SHARE_OTHERWISE = 0.3
_CLEAR_LEAD = 3


def is_in(text: str, language: str) -> bool:
    """Whether ``text`` may be in a language of LANGUAGES; False only where it clearly is in another."""
    letters = [ord(letter) for letter in text if letter.isalpha()]
    if not letters:
        return True
    scripts = _WRITTEN_IN.get(language, ("latin",))
    ranges = [each for script in scripts for each in _SCRIPTS[script]]
    share = sum(any(low <= letter <= high for low, high in ranges) for letter in letters) / len(letters)
    if share < _LEAST_SHARE.get(scripts[0], _LEAST_SHARE_OTHERWISE):
        return False
    if language == "ja" and len(letters) > 30 and not any(0x3040 <= letter <= 0x30FF for letter in letters):
        return False  # Chinese
    return language not in _EVERYDAY or not _is_another(text, language)


def _is_another(text: str, language: str) -> bool:
    counts = Counter(words(text))
    often = {name: sum(counts[word] for word in everyday) for name, everyday in _EVERYDAY.items()}
    own = often.pop(language)
    return max(often.values()) >= 2 * own + _CLEAR_LEAD
